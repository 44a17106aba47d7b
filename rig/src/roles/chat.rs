//! The terminal's chat door: what a person types becomes a record.

use std::{path::PathBuf, sync::Arc};

use bus::publish::{Options, Publisher};
use chat_bridge::terminal;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{Error, Line, connect};

/// What the chat door needs to know.
pub(crate) struct Settings {
    /// The file with its address of the channel.
    pub(crate) nats_url: PathBuf,
    /// Who speaks here.
    pub(crate) operator: String,
    /// Where it tells why the last words were not stored.
    pub(crate) trouble: watch::Sender<Option<String>>,
    /// Where its line to the channel is told.
    pub(crate) line: Line,
}

/// Runs the chat door until it is cancelled.
pub(crate) async fn run(settings: Arc<Settings>, cancel: CancellationToken) -> Result<(), Error> {
    let connection = connect(&settings.nats_url, "chat", &settings.line).await?;
    let publisher = Publisher::start(&connection, Options::default());
    let trouble = settings.trouble.clone();
    Ok(terminal::serve_and_tell(connection, publisher, &settings.operator, trouble, cancel).await?)
}
