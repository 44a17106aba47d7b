//! The sandbox's folder: the played repositories, and in private files what lets people and Apps in.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use ::sandbox::seed_file::Residents;

use crate::{
    exit::Failure,
    home::{self, Lock, make_private, write_private},
};

/// Marks a folder as a sandbox's: only in such a folder is anything removed.
const MARK: &str = "rig-sandbox";

const MARK_TEXT: &str = "\
This folder is a sandbox of the Rig: `rig sandbox` made it. What is in it is made anew at each start.
";

/// The sandbox's folder, taken until it is dropped.
pub(super) struct Folder {
    path: PathBuf,
    _lock: Lock,
}

impl Folder {
    /// Makes the folder, or takes one that an earlier sandbox left, without what that left in it.
    ///
    /// # Errors
    /// When it holds something else, or another sandbox runs there.
    pub(super) fn take(wanted: &Path) -> Result<Self, Failure> {
        let unusable = |error: io::Error| {
            Failure::failed(format!("the folder {} cannot be used", wanted.display()))
                .because(error)
                .advice("Name another with --folder.")
        };
        let path = std::path::absolute(wanted).map_err(unusable)?;
        mark(&path, unusable)?;
        let lock = Lock::take(&path).map_err(|error| taken(&path, error))?;
        let folder = Self { path, _lock: lock };
        for kept in [folder.tokens(), folder.keys()] {
            remove(&kept).and_then(|()| make_private(&kept)).map_err(unusable)?;
        }
        Ok(folder)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Where git's repositories lie; whoever serves them empties it.
    pub(super) fn repositories(&self) -> PathBuf {
        self.path.join("repositories")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.path.join("sandbox.log")
    }

    /// The file with a person's token.
    pub(super) fn token(&self, login: &str) -> PathBuf {
        self.tokens().join(login)
    }

    /// The file with an App's private key.
    pub(super) fn key(&self, slug: &str) -> PathBuf {
        self.keys().join(format!("{slug}.pem"))
    }

    fn tokens(&self) -> PathBuf {
        self.path.join("tokens")
    }

    fn keys(&self) -> PathBuf {
        self.path.join("keys")
    }

    /// Writes what lets people and Apps in, a file each, for its owner alone.
    ///
    /// # Errors
    /// When the system refuses.
    pub(super) fn keep(&self, residents: &Residents) -> Result<(), Failure> {
        for (login, token) in &residents.tokens {
            write_private(&self.token(login), &format!("{token}\n"))?;
        }
        for app in &residents.apps {
            if let Some(key) = &app.private_key {
                write_private(&self.key(&app.slug), key)?;
            }
        }
        Ok(())
    }
}

fn mark(path: &Path, unusable: impl Fn(io::Error) -> Failure) -> Result<(), Failure> {
    if path.join(MARK).is_file() {
        return Ok(());
    }
    make_folder(path).map_err(&unusable)?;
    if fs::read_dir(path).map_err(&unusable)?.next().is_some() {
        let what = format!("{} is not empty and not a sandbox's folder", path.display());
        return Err(Failure::refused(what).advice("Name another with --folder."));
    }
    make_private(path).map_err(&unusable)?;
    write_private(&path.join(MARK), MARK_TEXT).map_err(Failure::from)
}

fn make_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() { Ok(()) } else { make_private(path) }
}

fn taken(path: &Path, error: home::Error) -> Failure {
    match error {
        home::Error::InUse { pid, .. } => {
            Failure::refused(format!("a sandbox runs in {} already, as process {pid}", path.display()))
                .advice("Stop that one first, or name another folder with --folder.")
        }
        other => other.into(),
    }
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
