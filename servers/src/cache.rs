//! Where the servers' programs are kept, one folder a version.

use std::{
    fs::{self, File, OpenOptions},
    path::{Path, PathBuf},
    time::Duration,
};

use nix::unistd::Uid;
use tokio::time::sleep;

use crate::{
    Lines, Place,
    error::{Doing, Result},
    place,
    run_as::RunAs,
    wheel::{self, Wheel},
};

/// The folder with the programs, shared by all homes of this user.
#[derive(Clone, Debug)]
pub struct Cache {
    place: Place,
}

impl Cache {
    /// The cache of this user: `RIG_CACHE`, else `$XDG_CACHE_HOME/rig`, else `~/.cache/rig`; where that is closed to
    /// the account the servers run as, a folder under /var/tmp.
    ///
    /// # Errors
    /// When no folder can be made.
    pub fn locate() -> Result<Self> {
        Self::at(&wanted())
    }

    /// The cache in this folder, or, where it is closed to the account of the servers, under /var/tmp.
    ///
    /// # Errors
    /// When no folder can be made.
    pub fn at(folder: &Path) -> Result<Self> {
        let folder = std::path::absolute(folder).doing("finding", folder)?;
        let filled = [wheel::NATS, wheel::POSTGRES].iter().all(|wheel| folder.join(wheel.folder()).exists());
        if filled && RunAs::default_account()?.closed_on_the_way_to(&folder).is_none() {
            // Made with an image, perhaps, and not ours to write to: nor need it be.
            return Ok(Self { place: Place { path: folder, instead_of: None } });
        }
        Ok(Self { place: Place::at(folder, &fallback())? })
    }

    /// Whether the pinned nats-server and the pinned PostgreSQL are there already. Nothing is made.
    #[must_use]
    pub fn holds() -> [bool; 2] {
        let places = [wanted(), place::fallback_of(&fallback())];
        [wheel::NATS, wheel::POSTGRES].map(|wheel| places.iter().any(|place| place.join(wheel.folder()).exists()))
    }

    /// The folder taken, and why it is not the one that was wanted.
    #[must_use]
    pub const fn place(&self) -> &Place {
        &self.place
    }

    /// The pinned nats-server, installed if need be.
    ///
    /// # Errors
    /// When it is not there and cannot be installed.
    pub async fn nats_server(&self, lines: &Lines) -> Result<PathBuf> {
        self.have(&wheel::NATS, lines).await
    }

    /// The folder with the programs of the pinned PostgreSQL, installed if need be.
    ///
    /// # Errors
    /// When it is not there and cannot be installed.
    pub async fn postgres_bin(&self, lines: &Lines) -> Result<PathBuf> {
        let program = self.have(&wheel::POSTGRES, lines).await?;
        Ok(program.parent().map(Path::to_path_buf).unwrap_or_default())
    }

    async fn have(&self, wheel: &Wheel, lines: &Lines) -> Result<PathBuf> {
        let folder = self.place.path.join(wheel.folder());
        if !folder.exists() {
            let lock = self.lock(lines).await?;
            if !folder.exists() {
                self.remove_halves();
                wheel.install(&folder, lines).await?;
            }
            drop(lock);
        }
        Ok(folder.join(wheel.program))
    }

    /// Held by whoever installs; the system lets go of it if they die.
    async fn lock(&self, lines: &Lines) -> Result<File> {
        let path = self.place.path.join("install.lock");
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path).doing("opening", &path)?;
        let mut told = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(fs::TryLockError::Error(error)) => return Err(error).doing("locking", &path),
                Err(fs::TryLockError::WouldBlock) => {}
            }
            if !told {
                lines.tell(&format!("another process installs into {}: waiting for it", self.place.path.display()));
                told = true;
            }
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// What an installation that was killed left. Called with the lock, so nobody is at it.
    fn remove_halves(&self) {
        let entries = fs::read_dir(&self.place.path).into_iter().flatten().flatten();
        for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(".install-")) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// What the folder is called where it cannot be where it is wanted.
fn fallback() -> String {
    format!("rig-cache-{}", Uid::effective())
}

#[expect(
    clippy::disallowed_methods,
    reason = "one cache for the program and for every test process, which share no configuration"
)]
fn wanted() -> PathBuf {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("RIG_CACHE")
        .or_else(|| set("XDG_CACHE_HOME").map(|folder| folder.join("rig")))
        .or_else(|| std::env::home_dir().filter(|home| home.is_absolute()).map(|home| home.join(".cache/rig")))
        .unwrap_or_else(|| PathBuf::from(".cache/rig"))
}
