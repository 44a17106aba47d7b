//! The roles: each a part of the rig that could run in a process of its own. A role reads its settings, connects with
//! its own credential, and runs until it is cancelled.

pub(crate) mod chat;
pub(crate) mod ingest;
pub(crate) mod projector;

use std::{
    io,
    path::{Path, PathBuf},
};

use bus::connect::{self, Connection};

use crate::home::read_line;

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
    Secret(#[from] conductor::github::signature::Unusable),
    /// The chat door does not open, or closed.
    #[error(transparent)]
    Chat(#[from] chat_bridge::terminal::Error),
    /// The store refuses.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Connects as the user whose address stands in this file. The channel may still be on its way: a role that needs it
/// waits for it, and says so in its health.
async fn connect(nats_url: &Path, role: &str) -> Result<Connection, Error> {
    Ok(connect::connect_in_background(&line(nats_url)?, role).await?)
}

fn line(path: &Path) -> Result<String, Error> {
    let line = read_line(path).map_err(|source| Error::File { path: path.to_path_buf(), source })?;
    Ok(line.reveal().to_owned())
}
