//! One rig a home. The lock goes with its process, so a killed rig leaves none behind.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read as _, Seek as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use super::Error;

/// Proof that no other process runs a rig in this home.
#[derive(Debug)]
pub(crate) struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    /// Takes the folder, until this is dropped or the process ends.
    ///
    /// # Errors
    /// When another process has it.
    pub(crate) fn take(home: &Path) -> Result<Self, Error> {
        let path = home.join("lock");
        let mut file = open(&path).map_err(Error::io("opening", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(in_use(home, &mut file)),
            Err(TryLockError::Error(error)) => return Err(Error::io("locking", &path)(error)),
        }
        sign(&mut file).map_err(Error::io("writing", &path))?;
        Ok(Self { path, _file: file })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

fn in_use(home: &Path, file: &mut File) -> Error {
    let mut pid = String::new();
    let _ = file.read_to_string(&mut pid);
    let pid = if pid.trim().is_empty() { "unknown" } else { pid.trim() };
    Error::InUse { home: home.to_path_buf(), pid: pid.to_owned() }
}

fn sign(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}
