//! Folders that the account of the servers can enter.

use std::{
    fs::{self, Permissions},
    io,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use nix::unistd::Uid;
use sha2::{Digest, Sha256};

use crate::{
    error::{Doing, Error, Result},
    run_as::RunAs,
};

/// Where folders go that cannot be where they were wanted. It outlives a restart of the machine, unlike /tmp.
const OPEN: &str = "/var/tmp";

/// A folder, and why it is not the one that was wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The folder.
    pub path: PathBuf,
    /// The folder that was wanted and the reason it was not taken; absent if it was.
    pub instead_of: Option<Instead>,
}

/// A folder that was wanted and could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instead {
    /// The folder that was wanted.
    pub wanted: PathBuf,
    /// Why not.
    pub why: String,
}

/// Where a folder of this name goes that cannot be where it was wanted.
pub(crate) fn fallback_of(name: &str) -> PathBuf {
    Path::new(OPEN).join(name)
}

impl Place {
    /// A home at `wanted`, or, as root under a closed home, under /var/tmp: the same each time for the same wish.
    ///
    /// # Errors
    /// When neither can be had.
    pub fn home(wanted: &Path) -> Result<Self> {
        let wanted = std::path::absolute(wanted).doing("finding", wanted)?;
        let fallback = fallback(&wanted);
        Self::at(wanted, &fallback)
    }

    /// Where [`Place::home`] may have put a home: as wanted, and else. Nothing is made.
    ///
    /// # Errors
    /// When the wish cannot be made absolute.
    pub fn homes(wanted: &Path) -> Result<[PathBuf; 2]> {
        let wanted = std::path::absolute(wanted).doing("finding", wanted)?;
        let fallback = Path::new(OPEN).join(fallback(&wanted));
        Ok([wanted, fallback])
    }

    pub(crate) fn at(wanted: PathBuf, fallback: &str) -> Result<Self> {
        let why = match RunAs::for_data(&wanted)?.closed_on_the_way_to(&wanted) {
            Some(closed) => format!("{} is closed to the account the servers run as", closed.display()),
            None => match make(&wanted) {
                Ok(()) => {
                    return Ok(Self { path: wanted, instead_of: None });
                }
                Err(error) => format!("it cannot be made: {error}"),
            },
        };
        let path = Path::new(OPEN).join(fallback);
        make(&path).doing("making", &path)?;
        must_be_ours(&path)?;
        Ok(Self { path, instead_of: Some(Instead { wanted, why }) })
    }

    /// The sentence for a person when another folder was taken than the one wanted.
    #[must_use]
    pub fn sentence(&self) -> Option<String> {
        let instead = self.instead_of.as_ref()?;
        Some(format!("{} instead of {}: {}", self.path.display(), instead.wanted.display(), instead.why))
    }
}

fn fallback(wanted: &Path) -> String {
    let digest = hex::encode(Sha256::digest(wanted.as_os_str().as_encoded_bytes()));
    format!("rig-home-{}-{}", Uid::effective(), &digest[..12])
}

fn make(path: &Path) -> io::Result<()> {
    make_passable(path)?;
    // A folder that exists may still be read-only to us; a probe tells before anything is half done.
    tempfile::Builder::new().prefix(".probe-").tempfile_in(path).map(drop)
}

/// Makes a folder and the parents it lacks, which root's servers can pass through whatever the umask is.
pub(crate) fn make_passable(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        make_passable(parent)?;
    }
    match fs::create_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        // Another process was quicker.
        Err(_) => Ok(()),
        Ok(()) => {
            fs::set_permissions(path, Permissions::from_mode(if Uid::effective().is_root() { 0o711 } else { 0o700 }))
        }
    }
}

/// /var/tmp is everybody's: a folder somebody else prepared there could hold any program.
fn must_be_ours(path: &Path) -> Result<()> {
    let found = path.symlink_metadata().doing("looking at", path)?;
    let us = Uid::effective().as_raw();
    if found.uid() != us || !found.is_dir() {
        return Err(Error::Foreign { path: path.to_path_buf(), owner: found.uid(), us });
    }
    if found.mode() & 0o022 != 0 {
        let open = io::Error::other("others may write there: remove the folder");
        return Err(open).doing("trusting", path);
    }
    Ok(())
}
