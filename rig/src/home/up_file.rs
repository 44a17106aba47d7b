//! `up.json`: how programs find the rig that is up.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use nix::{errno::Errno, sys::signal::kill, unistd::Pid};
use serde::{Deserialize, Serialize};

use super::{Error, write_private};

/// The form of the file. Another number is another form; new fields come without one.
const VERSION: u32 = 1;

/// What `up.json` says. It is written last, so whoever sees it sees a rig that is ready.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct UpFile {
    version: u32,
    /// The process of the rig.
    pub(crate) pid: i32,
    /// nats-server's monitor: `http://127.0.0.1:8222`.
    pub(crate) nats_monitor: String,
    /// Where GitHub's webhooks go; nothing where only the servers run.
    pub(crate) webhooks: Option<String>,
    /// Where the rig says how it is.
    pub(crate) health: String,
    /// Files of one line each, readable by their owner alone.
    pub(crate) files: Files,
}

/// Where the addresses stand that hold a password.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Files {
    /// The operator's address of the channel: with it any NATS client reads the whole of LOG, and can delete it.
    pub(crate) nats_url: PathBuf,
    /// PostgreSQL's address.
    pub(crate) postgres_url: PathBuf,
    /// The secret that GitHub signs with.
    pub(crate) webhook_secret: PathBuf,
}

impl UpFile {
    /// What this process tells.
    pub(crate) fn new(nats_monitor: String, webhooks: Option<String>, health: String, files: Files) -> Self {
        Self { version: VERSION, pid: std::process::id().cast_signed(), nats_monitor, webhooks, health, files }
    }

    /// Writes it whole, or not at all.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Error> {
        write_private(path, &(self.to_json(path)? + "\n"))
    }

    /// It as one line.
    ///
    /// # Errors
    /// When a path is not UTF-8.
    pub(crate) fn to_json(&self, path: &Path) -> Result<String, Error> {
        serde_json::to_string(self).map_err(|error| Error::io("writing", path)(error.into()))
    }

    /// Reads it; nothing where no rig is up.
    ///
    /// # Errors
    /// When it cannot be read or says something else.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, Error> {
        let text = match fs::read_to_string(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            text => text.map_err(Error::io("reading", path))?,
        };
        serde_json::from_str(&text).map(Some).map_err(|error| Error::io("reading", path)(error.into()))
    }

    /// Whether the process that wrote it is still there. A rig that was killed could not remove its file.
    pub(crate) fn is_alive(&self) -> bool {
        kill(Pid::from_raw(self.pid), None) != Err(Errno::ESRCH)
    }

    /// Removes it.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn remove(path: &Path) -> Result<(), Error> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io("removing", path)(error)),
            _ => Ok(()),
        }
    }
}
