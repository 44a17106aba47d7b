use std::{
    fs::{self, DirBuilder},
    os::unix::{fs::DirBuilderExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::{Pid, Uid},
};

use crate::{
    error::{Doing, Result},
    process_table,
    run_as::RunAs,
};

/// Waits for the end of its input, which is the end of the test; then ends what names the folder, and removes it.
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
        let name = tempfile::Builder::new().prefix("rig-test-").tempdir_in(&base).doing("making a folder in", &base)?;
        let path = name.keep();
        open_to_servers(&path)?;
        let keeper = Command::new("sh")
            .args(["-c", KEEPER, "rig-test-keeper"])
            // Not an argument: it looks for the folder among arguments.
            .env("RIG_TEST_HOME", &path)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .doing("keeping", &path)?;
        Ok(Self { path, keeper })
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        end_all_that_name(&self.path);
        let _ = fs::remove_dir_all(&self.path);
        // With nothing left to do the keeper ends by itself, once its input does.
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// Kills every process with the folder among its arguments, and waits until none is left.
#[expect(clippy::disallowed_methods, reason = "a drop cannot be async; this polls for an end, with a deadline")]
pub(super) fn end_all_that_name(folder: &Path) {
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let found: Vec<_> = process_table::all().into_iter().filter(|found| found.names(folder)).collect();
        if found.is_empty() || Instant::now() > deadline {
            return;
        }
        for process in found {
            let _ = kill(Pid::from_raw(process.pid), Signal::SIGKILL);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The system's folder for temporary files, unless it is closed to the servers.
pub(super) fn temporary() -> Result<PathBuf> {
    let usual = std::env::temp_dir();
    let closed = RunAs::default_account()?.closed_on_the_way_to(&usual).is_some();
    let folder = if closed { PathBuf::from("/var/tmp") } else { usual };
    folder.canonicalize().doing("finding", &folder)
}

/// Others may pass through, if the servers run as another; nobody else may look.
pub(super) fn open_to_servers(folder: &Path) -> Result<()> {
    let mode = mode();
    fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(mode)).doing("opening", folder)
}

/// Makes a folder that must not exist yet.
pub(super) fn make_new(folder: &Path) -> Result<()> {
    DirBuilder::new().mode(mode()).create(folder).doing("making", folder)
}

fn mode() -> u32 {
    if Uid::effective().is_root() { 0o711 } else { 0o700 }
}
