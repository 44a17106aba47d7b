use std::{
    fs::{self, DirBuilder, Permissions},
    os::unix::{
        fs::{DirBuilderExt, PermissionsExt},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use nix::unistd::Uid;

use crate::{
    error::{Doing, Result},
    run_as::RunAs,
};

const KEEPER: &str = include_str!("home_keeper.sh");

/// A folder for one test.
#[derive(Debug)]
pub struct Home {
    path: PathBuf,
    keeper: Child,
}

impl Home {
    pub(super) fn make() -> Result<Self> {
        let base = temporary()?;
        let made = tempfile::Builder::new().prefix("rig-test-").tempdir_in(&base).doing("making a folder in", &base)?;
        open_to_servers(made.path())?;
        let keeper = keeper(made.path(), Stdio::piped())?;
        Ok(Self { path: made.keep(), keeper })
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Home {
    /// Lets go of the keeper and waits until it has done its work.
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// Ends what names the folder and removes it.
pub(super) fn remove(folder: &Path) -> Result<()> {
    keeper(folder, Stdio::null())?.wait().doing("removing", folder).map(drop)
}

/// A small shell, in a group of its own: what ends the test's group must not end it.
fn keeper(folder: &Path, input: Stdio) -> Result<Child> {
    let mut keeper = Command::new("sh");
    keeper.args(["-c", KEEPER, "rig-test-keeper"]).env("RIG_TEST_HOME", folder).current_dir("/").process_group(0);
    keeper.stdin(input).stdout(Stdio::null()).stderr(Stdio::null());
    keeper.spawn().doing("keeping", folder)
}

/// The system's folder for temporary files, unless it is closed to the servers.
pub(super) fn temporary() -> Result<PathBuf> {
    let usual = std::env::temp_dir();
    let closed = RunAs::default_account()?.closed_on_the_way_to(&usual).is_some();
    let folder = if closed { PathBuf::from("/var/tmp") } else { usual };
    folder.canonicalize().doing("finding", &folder)
}

/// Others may pass through, if the servers run as another; nobody else may look.
fn open_to_servers(folder: &Path) -> Result<()> {
    fs::set_permissions(folder, Permissions::from_mode(mode())).doing("opening", folder)
}

/// Makes a folder that must not exist yet.
pub(super) fn make_new(folder: &Path) -> Result<()> {
    DirBuilder::new().mode(mode()).create(folder).doing("making", folder)
}

fn mode() -> u32 {
    if Uid::effective().is_root() { 0o711 } else { 0o700 }
}
