//! Secrets: made once, kept in files that only their owner may read, one line each.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use bus::accounts::Password;
use servers::Secret;

use super::{Error, write_private};

/// What GitHub signs with.
const WEBHOOK: &str = "webhook_secret";

/// What it signed with before, where that is still taken.
const WEBHOOK_BEFORE: &str = "webhook_secret_previous";

/// The folder with the secrets.
#[derive(Clone, Debug)]
pub(crate) struct Secrets {
    folder: PathBuf,
}

impl Secrets {
    pub(super) const fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The folder itself.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The password of a user of the channel, made the first time.
    ///
    /// # Errors
    /// When it can be neither read nor written.
    pub(crate) fn password(&self, user: &str) -> Result<Secret, Error> {
        self.kept(&format!("{user}.password"))
    }

    /// The secret GitHub signs with, made the first time.
    ///
    /// # Errors
    /// When it can be neither read nor written.
    pub(crate) fn webhook(&self) -> Result<Secret, Error> {
        self.kept(WEBHOOK)
    }

    /// Where the webhook secret stands.
    pub(crate) fn webhook_file(&self) -> PathBuf {
        self.folder.join(WEBHOOK)
    }

    /// Where the webhook secret before it stands, while GitHub may still use that.
    pub(crate) fn previous_webhook_file(&self) -> PathBuf {
        self.folder.join(WEBHOOK_BEFORE)
    }

    /// Where a user's address of the channel stands, password included.
    pub(crate) fn nats_url_file(&self, user: &str) -> PathBuf {
        self.folder.join(format!("{user}.nats_url"))
    }

    /// Where PostgreSQL's address stands.
    pub(crate) fn postgres_url_file(&self) -> PathBuf {
        self.folder.join("postgres_url")
    }

    /// Writes one line for its owner alone.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn write(&self, path: &Path, line: &str) -> Result<(), Error> {
        write_private(path, &format!("{line}\n"))
    }

    pub(super) fn kept(&self, name: &str) -> Result<Secret, Error> {
        let path = self.folder.join(name);
        match read_line(&path) {
            Ok(line) if !line.reveal().is_empty() => return Ok(line),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::io("reading", &path)(error)),
        }
        let made = draw().map_err(Error::io("drawing a secret for", &path))?;
        self.write(&path, made.reveal())?;
        Ok(made)
    }
}

/// The one line of a file, without blanks around it.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn read_line(path: &Path) -> io::Result<Secret> {
    fs::read_to_string(path).map(|text| text.trim().into())
}

/// Letters that need no escaping in addresses, files and shells.
fn draw() -> io::Result<Secret> {
    Password::draw().map(|password| password.expose().into()).map_err(io::Error::other)
}
