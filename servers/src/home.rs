//! The folder of one server: ours alone while we run it, and swept of what a killed run left.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io::{Read, Seek, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::{Pid, Uid},
};
use tokio::time::sleep;

use crate::{
    Lines,
    error::{Doing, Error, Result},
    place::make_passable,
    process_table,
    run_as::RunAs,
};

/// How long an orphan is given after each signal.
const PATIENCE: Duration = Duration::from_secs(5);

/// A folder that this process holds: the lock goes when the process does, however it ends.
#[derive(Debug)]
pub(crate) struct Home {
    pub(crate) path: PathBuf,
    pub(crate) run_as: RunAs,
    _lock: File,
}

impl Home {
    /// Makes the folder if need be and takes it for this process.
    pub(crate) fn take(path: &Path) -> Result<Self> {
        let path = std::path::absolute(path).doing("finding", path)?;
        make_passable(&path).doing("making", &path)?;
        let path = path.canonicalize().doing("finding", &path)?;
        let lock = lock(&path)?;
        let run_as = RunAs::for_data(&path.join("data"))?;
        if run_as.closed_on_the_way_to(&path).is_some_and(|closed| closed == path) {
            // Root's own folder: the other account may pass through to its data, and reads nothing here.
            fs::set_permissions(&path, Permissions::from_mode(0o711)).doing("opening", &path)?;
        }
        if let Some(closed) = run_as.closed_on_the_way_to(&path) {
            return Err(Error::Closed { path, closed, account: run_as.name().to_owned() });
        }
        Ok(Self { path, run_as, _lock: lock })
    }

    /// A folder in here that the server may write to and nobody else may read.
    pub(crate) fn folder(&self, name: &str) -> Result<PathBuf> {
        let path = self.path.join(name);
        if !path.exists() {
            DirBuilder::new().mode(0o700).create(&path).doing("making", &path)?;
        }
        self.run_as.own(&path)?;
        self.must_be_usable(&path)?;
        Ok(path)
    }

    /// Writes a file the server reads and nobody else, whole or not at all.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.path.join(name);
        let mut file = tempfile::NamedTempFile::new_in(&self.path).doing("writing", &path)?;
        file.write_all(text.as_bytes()).doing("writing", &path)?;
        self.run_as.own(file.path())?;
        file.persist(&path).map_err(|failed| failed.error).doing("writing", &path)?;
        Ok(path)
    }

    /// Keeps a file that only we read, whole or not at all.
    pub(crate) fn keep(&self, path: &Path, text: &str) -> Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(&self.path).doing("writing", path)?;
        file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all()).doing("writing", path)?;
        file.persist(path).map_err(|failed| failed.error).doing("writing", path).map(drop)
    }

    /// A folder that root's servers used belongs to their account; another user cannot go on with it.
    pub(crate) fn must_be_usable(&self, path: &Path) -> Result<()> {
        let us = Uid::effective().as_raw();
        let owner = path.metadata().doing("looking at", path)?.uid();
        if us != 0 && owner != us {
            return Err(Error::Foreign { path: path.to_path_buf(), owner, us });
        }
        Ok(())
    }

    /// Ends what a killed run left: processes of this program that were started on this folder's data.
    ///
    /// The lock is ours, so whoever started them is gone.
    pub(crate) async fn end_orphans(&self, program: &'static str, data: &Path, lines: &Lines) {
        for orphan in process_table::all().into_iter().filter(|found| found.is(program, data)) {
            let started = Instant::now();
            let ended = end(orphan.pid, program, data).await;
            let how = if ended {
                format!("ended in {:.1} s", started.elapsed().as_secs_f32())
            } else {
                "does not end".to_owned()
            };
            lines.tell(&format!("{program} of a killed run was still there (process {}): {how}", orphan.pid));
        }
    }
}

/// SIGINT is PostgreSQL's fast stop and nats-server's stop; SIGQUIT is PostgreSQL's immediate one.
async fn end(pid: i32, program: &str, data: &Path) -> bool {
    let is_there = || process_table::one(pid).is_some_and(|found| found.is(program, data));
    for signal in [Signal::SIGINT, Signal::SIGQUIT, Signal::SIGKILL] {
        let _ = kill(Pid::from_raw(pid), signal);
        if until(PATIENCE, || !is_there()).await {
            return true;
        }
    }
    false
}

/// Asks again until it is so or the time is over; whether it is so.
pub(crate) async fn until(within: Duration, mut so: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + within;
    while !so() {
        if Instant::now() >= deadline {
            return false;
        }
        sleep(Duration::from_millis(10)).await;
    }
    true
}

fn lock(home: &Path) -> Result<File> {
    let path = home.join("lock");
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .doing("opening", &path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(fs::TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let _ = file.read_to_string(&mut holder);
            return Err(Error::HomeInUse { home: home.to_path_buf(), holder: holder.trim().to_owned() });
        }
        Err(fs::TryLockError::Error(error)) => return Err(error).doing("locking", &path),
    }
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| writeln!(file, "{}", std::process::id()))
        .doing("writing", &path)?;
    Ok(file)
}
