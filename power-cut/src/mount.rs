//! Mounting, unmounting, and what killed runs left mounted.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use fuser::{BackgroundSession, Config, MountOption, SessionACL};
use nix::{
    errno::Errno,
    mount::{MntFlags, umount2},
    sys::statfs::statfs,
    unistd::Uid,
};

use crate::{
    error::{Doing, Error, Result},
    fuse::Fuse,
    supply::Supply,
    tree::{Body, Folder, Node},
};

/// By this name our mounts are known again.
const SOURCE: &str = "rig-power-cut";

/// A mounted file system. Dropped, it is unmounted at once, even in use: whoever has a file open keeps it open, on a
/// disk that fails.
#[derive(Debug)]
pub(crate) struct Mount {
    at: PathBuf,
    _session: BackgroundSession,
}

impl Mount {
    pub(crate) fn new(at: &Path, supply: Arc<Supply>) -> Result<Self> {
        if !Path::new("/dev/fuse").exists() {
            return Err(Error::NoFuse);
        }
        let session = fuser::spawn_mount(Fuse::new(supply), at, &config());
        let session = session.map_err(|source| Error::Refused { at: at.to_path_buf(), source })?;
        Ok(Self { at: at.to_path_buf(), _session: session })
    }
}

fn config() -> Config {
    let mut config = Config::default();
    config.mount_options =
        vec![MountOption::FSName(SOURCE.to_owned()), MountOption::DefaultPermissions, MountOption::NoAtime];
    // As root the servers run as another user. Another user runs them itself, and may not let others in.
    config.acl = if Uid::effective().is_root() { SessionACL::All } else { SessionACL::Owner };
    // A flush that takes its time must not hold up reads.
    config.n_threads = Some(4);
    config
}

impl Drop for Mount {
    fn drop(&mut self) {
        unmount(&self.at);
    }
}

/// The folder itself, made if need be.
pub(crate) fn folder(at: &Path) -> Result<PathBuf> {
    fs::create_dir_all(at).doing("making", at)?;
    at.canonicalize().doing("finding", at)
}

/// An empty folder that everyone may pass through and its owner alone may change.
pub(crate) fn root() -> Node {
    Node {
        mode: 0o755,
        uid: Uid::effective().as_raw(),
        gid: nix::unistd::Gid::effective().as_raw(),
        changed: crate::fuse::now(),
        links: 1,
        body: Body::Folder(Folder::default()),
    }
}

/// Takes away our mounts whose process was killed and whose keeper too. A living one answers.
pub(crate) fn clear_dead() {
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    for at in mounts.lines().filter_map(ours) {
        if statfs(&at).err() == Some(Errno::ENOTCONN) {
            unmount(&at);
        }
    }
}

/// At once, even in use. Only root may do so itself.
fn unmount(at: &Path) {
    if umount2(at, MntFlags::MNT_DETACH).is_err() {
        let _ = Command::new("fusermount3").args(["-u", "-q", "-z"]).arg(at).status();
    }
}

/// `36 35 98:0 / /mnt rw,noatime - fuse rig-power-cut rw`: the fifth field, if this line is of ours.
fn ours(line: &str) -> Option<PathBuf> {
    let (place, kind) = line.split_once(" - ")?;
    let mut kind = kind.split(' ');
    let ours = kind.next()?.starts_with("fuse") && kind.next()? == SOURCE;
    ours.then(|| place.split(' ').nth(4)).flatten().map(|at| PathBuf::from(at.replace("\\040", " ")))
}
