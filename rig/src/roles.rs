//! The roles: each a part of the rig that could run in a process of its own. A role reads its settings, connects with
//! its own credential, and runs until it is cancelled.

pub(crate) mod agent;
pub(crate) mod chat;
pub(crate) mod conductor;
mod crew;
pub(crate) mod github;
pub(crate) mod ingest;
pub(crate) mod probe;
pub(crate) mod process;
pub(crate) mod projector;
mod role;
mod rules;

use std::{
    io,
    path::{Path, PathBuf},
    process::ExitStatus,
};

use agents::runtime;
use bus::connect::{self, Connection};
use tokio::sync::watch;

use ::conductor::{
    driver,
    github::{client, signature},
    probe as look,
};

use crate::{config, home::read_line};

pub(crate) use crew::{Apart, Crew};
pub(crate) use process::{Begun, Pids};
pub(crate) use role::{Off, Role, users};

/// Why a role ended though nobody asked it to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A file with an address or a secret cannot be read.
    #[error("{} cannot be read", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Its listener cannot be used.
    #[error("its listener cannot be used")]
    Listener(#[source] io::Error),
    /// The channel's address is no address.
    #[error(transparent)]
    Channel(#[from] connect::Error),
    /// There is no usable webhook secret.
    #[error(transparent)]
    Secret(#[from] signature::Unusable),
    /// The chat door does not open, or closed.
    #[error(transparent)]
    Chat(#[from] chat_bridge::terminal::Error),
    /// The store refuses.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// It cannot go on deciding.
    #[error(transparent)]
    Driver(#[from] driver::Error),
    /// An App of ours cannot be used.
    #[error(transparent)]
    App(#[from] client::Unusable),
    /// GitHub does not tell what has to be known.
    #[error(transparent)]
    Unanswered(#[from] client::Unanswered),
    /// The channel does not let it take what is ordered.
    #[error(transparent)]
    Orders(#[from] bus::consume::Error),
    /// The probe cannot look.
    #[error(transparent)]
    Probe(#[from] look::Error),
    /// The agent cannot work.
    #[error(transparent)]
    Agent(#[from] runtime::Error),
    /// Its process cannot be started or looked at.
    #[error("its process cannot be started")]
    Process(#[source] io::Error),
    /// Its process ended.
    #[error("its process ended: {0}")]
    Ended(ExitStatus),
}

/// A role's line to the channel, for whoever asks how it is; there once the role has begun.
pub(crate) type Line = watch::Sender<Option<Connection>>;

/// Connects as the user whose address stands in this file. The channel may still be on its way: a role that needs it
/// waits for it, and says so in its health.
async fn connect(nats_url: &Path, role: &str, line: &Line) -> Result<Connection, Error> {
    let connection = connect::connect_in_background(&read(nats_url)?, role).await?;
    line.send_replace(Some(connection.clone()));
    Ok(connection)
}

fn read(path: &Path) -> Result<String, Error> {
    let line = read_line(path).map_err(|source| Error::File { path: path.to_path_buf(), source })?;
    Ok(line.reveal().to_owned())
}

/// The App at work.
fn client(api: &str, app: &config::App) -> Result<client::Client, Error> {
    let key = std::fs::read(&app.key_file).map_err(|source| Error::File { path: app.key_file.clone(), source })?;
    Ok(client::Client::new(api, &client::Identity { app: app.id, key, login: app.login.clone() })?)
}
