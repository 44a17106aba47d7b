//! A job's folders.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

/// A folder for one job, gone with it: the work tree, a home, a folder for temporary files, and beside them what is
/// passed between the runner and the script.
#[derive(Debug)]
pub(super) struct Scratch(TempDir);

impl Scratch {
    pub(super) fn within(parent: &Path) -> io::Result<Self> {
        let parent = std::path::absolute(parent)?;
        let scratch = Self(tempfile::Builder::new().prefix("job-").tempdir_in(parent)?);
        for folder in [scratch.work(), scratch.home(), scratch.temporary()] {
            fs::create_dir(folder)?;
        }
        Ok(scratch)
    }

    pub(super) fn work(&self) -> PathBuf {
        self.0.path().join("work")
    }

    pub(super) fn home(&self) -> PathBuf {
        self.0.path().join("home")
    }

    pub(super) fn temporary(&self) -> PathBuf {
        self.0.path().join("tmp")
    }

    pub(super) fn index(&self) -> PathBuf {
        self.0.path().join("index")
    }

    pub(super) fn script(&self) -> PathBuf {
        self.0.path().join("script")
    }

    /// The file that is there once the script's shell is about to start.
    pub(super) fn started(&self) -> PathBuf {
        self.0.path().join("started")
    }

    pub(super) fn conclusion(&self) -> PathBuf {
        self.0.path().join("conclusion")
    }

    /// Removes it all, also what the script closed to itself.
    pub(super) fn remove(self) -> io::Result<()> {
        let path = self.0.path().to_owned();
        self.0.close().or_else(|_| {
            open(&path)?;
            fs::remove_dir_all(&path)
        })
    }
}

/// Opens a folder and those in it to their owner: a script may have closed them, and then they cannot be emptied.
fn open(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            open(&entry.path())?;
        }
    }
    Ok(())
}
