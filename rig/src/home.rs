//! The rig's home: what it stores, its secrets, its logs, and where to find it while it is up.
//!
//! One folder, one rig: a lock is held for as long as one is up. Whatever is written here is written beside its place
//! and renamed into it, so that a reader, or a start after a power cut, finds the old file or the new one and never
//! half of either.

mod file;
mod lock;
mod ports;
mod secret;
mod subscriber;
mod up_file;

use std::{
    fs, io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use nix::unistd::Uid;
use servers::Place;

pub(crate) use {
    file::{make_private, write_private},
    lock::Lock,
    ports::Ports,
    secret::{Secrets, read_line},
    subscriber::Subscriber,
    up_file::{Files, UpFile},
};

/// The home where none is named.
const DEFAULT: &str = ".rig";

/// Marks a folder as a home: only such a folder is ever emptied.
const MARK: &str = "rig-home";

const MARK_TEXT: &str = "\
This folder is a home of the Rig: `rig up` made it and keeps here what it stores.
`rig up --fresh` empties it; without this file it will not.
";

/// Marks a home as a demo's, which every demo may empty.
const DEMO_MARK: &str = "rig-demo";

const DEMO_MARK_TEXT: &str = "\
`rig demo` made this home and empties it at each start. `rig up` in it makes it a rig's own: this file goes then.
";

/// A rig's home.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Home {
    path: PathBuf,
}

/// Why a home cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// There is something else in the folder.
    #[error("{} is not empty and not a rig's home; name another folder with --home", .0.display())]
    NotOurs(PathBuf),
    /// What is stored there is not a demo's.
    #[error("{} is a rig's home, and no demo empties what a rig stored", .0.display())]
    NotADemos(PathBuf),
    /// A rig is up there.
    #[error("a rig is up in {} already, as process {pid}", .home.display())]
    InUse {
        /// The home.
        home: PathBuf,
        /// What its lock says.
        pid: String,
    },
    /// No folder could be had.
    #[error(transparent)]
    Place(#[from] servers::Error),
    /// The system refused.
    #[error("{doing} {}", .path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl Error {
    fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_path_buf(), source }
    }
}

/// The home a command line asks for: `--home`, `RIG_HOME`, or `./.rig`.
pub(crate) fn wanted(named: Option<&Path>) -> PathBuf {
    named.unwrap_or_else(|| Path::new(DEFAULT)).to_path_buf()
}

impl Home {
    /// Makes the home, or finds it again; with a sentence for the person when it is not where it was wanted.
    ///
    /// # Errors
    /// When no folder can be had, or it holds something else.
    pub(crate) fn make(wanted: &Path) -> Result<(Self, Option<String>), Error> {
        let place = Place::home(wanted)?;
        let home = Self { path: place.path.clone() };
        home.mark()?;
        Ok((home, place.sentence()))
    }

    /// The home where a rig may be up. Nothing is made.
    ///
    /// # Errors
    /// When the path cannot be made absolute.
    pub(crate) fn find(wanted: &Path) -> Result<Self, Error> {
        let candidates = Place::homes(wanted)?;
        let [first, ..] = &candidates;
        let path = candidates.iter().find(|path| path.join(MARK).exists()).unwrap_or(first);
        Ok(Self { path: path.clone() })
    }

    /// Takes the home for this process until the lock is dropped or the process ends, however it ends.
    ///
    /// # Errors
    /// When a rig is up there: with its process id.
    pub(crate) fn lock(&self) -> Result<Lock, Error> {
        Lock::take(&self.path)
    }

    /// Removes everything but the lock, which proves that nobody uses it.
    ///
    /// # Errors
    /// When the folder is not a home, or something cannot be removed.
    pub(crate) fn empty(&self, lock: &Lock) -> Result<(), Error> {
        if !self.is_marked() {
            return Err(Error::NotOurs(self.path.clone()));
        }
        for path in self.stored(lock)? {
            remove(&path).map_err(Error::io("removing", &path))?;
        }
        Ok(())
    }

    /// Makes it a demo's, emptied: one that a demo made, or one in which nothing was stored yet.
    ///
    /// # Errors
    /// When a rig stored something there, or something cannot be removed.
    pub(crate) fn give_to_demo(&self, lock: &Lock) -> Result<(), Error> {
        let mark = self.path.join(DEMO_MARK);
        if !mark.is_file() {
            if !self.stored(lock)?.is_empty() {
                return Err(Error::NotADemos(self.path.clone()));
            }
            write_private(&mark, DEMO_MARK_TEXT)?;
        }
        self.empty(lock)
    }

    /// Makes it a rig's own: from now on no demo empties it.
    ///
    /// # Errors
    /// When the mark cannot be removed.
    pub(crate) fn give_to_rig(&self, _lock: &Lock) -> Result<(), Error> {
        let mark = self.path.join(DEMO_MARK);
        match fs::remove_file(&mark) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io("removing", &mark)(error)),
            _ => Ok(()),
        }
    }

    /// What lies there beside the lock and the marks: these stay, so that what was torn half-way is still a home, and
    /// still whose it was.
    fn stored(&self, lock: &Lock) -> Result<Vec<PathBuf>, Error> {
        let kept = [lock.path().to_path_buf(), self.path.join(MARK), self.path.join(DEMO_MARK)];
        let entries = entries(&self.path).map_err(Error::io("reading", &self.path))?;
        Ok(entries.into_iter().filter(|path| !kept.contains(path)).collect())
    }

    /// The folder itself.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// nats-server's folder.
    pub(crate) fn nats(&self) -> PathBuf {
        self.path.join("nats")
    }

    /// PostgreSQL's folder.
    pub(crate) fn postgres(&self) -> PathBuf {
        self.path.join("postgres")
    }

    /// The logs.
    pub(crate) fn logs(&self) -> PathBuf {
        self.path.join("logs")
    }

    /// Where an agent works.
    pub(crate) fn agent(&self, name: &str) -> PathBuf {
        self.path.join("agents").join(name)
    }

    /// What only its owner may read.
    pub(crate) fn secrets(&self) -> Secrets {
        Secrets::at(self.path.join("secrets"))
    }

    /// Where the rig that is up tells how to reach it.
    pub(crate) fn up_file(&self) -> PathBuf {
        self.path.join("up.json")
    }

    /// Makes the folders that are ours alone.
    ///
    /// # Errors
    /// When one cannot be made.
    pub(crate) fn make_folders(&self) -> Result<(), Error> {
        for path in [self.secrets().folder().to_path_buf(), self.logs()] {
            make_private(&path).map_err(Error::io("making", &path))?;
        }
        Ok(())
    }

    fn mark(&self) -> Result<(), Error> {
        if !self.is_marked() {
            if !entries(&self.path).map_err(Error::io("reading", &self.path))?.is_empty() {
                return Err(Error::NotOurs(self.path.clone()));
            }
            // As root the servers run as another user, who passes through and reads nothing.
            let mode = if Uid::effective().is_root() { 0o711 } else { 0o700 };
            fs::set_permissions(&self.path, fs::Permissions::from_mode(mode))
                .map_err(Error::io("closing", &self.path))?;
            write_private(&self.path.join(MARK), MARK_TEXT)?;
        }
        Ok(())
    }

    fn is_marked(&self) -> bool {
        self.path.join(MARK).is_file()
    }
}

/// What lies in a folder. A home within it, as the demo's in the usual one, is not of it: it has its own lock.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let paths: Vec<PathBuf> = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    Ok(paths.into_iter().filter(|path| !path.join(MARK).is_file()).collect())
}

/// A link is removed, never what it points to.
fn remove(path: &Path) -> io::Result<()> {
    if path.symlink_metadata()?.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
}

#[cfg(test)]
mod tests;
