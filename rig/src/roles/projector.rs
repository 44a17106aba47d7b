//! The projector: every record becomes a row.

use std::{path::PathBuf, sync::Arc};

use bus::publish::{Options, Publisher};
use store::{
    Store,
    projector::{self, Tally},
};
use tokio_util::sync::CancellationToken;

use super::{Error, Line, connect, read};

/// What the projector needs to know.
pub(crate) struct Settings {
    /// The file with its address of the channel.
    pub(crate) nats_url: PathBuf,
    /// The file with PostgreSQL's address.
    pub(crate) postgres_url: PathBuf,
    /// Where it counts what it does.
    pub(crate) tally: Tally,
    /// Where its line to the channel is told.
    pub(crate) line: Line,
}

/// Runs the projector until it is cancelled.
pub(crate) async fn run(settings: Arc<Settings>, cancel: CancellationToken) -> Result<(), Error> {
    let connection = connect(&settings.nats_url, "projector", &settings.line).await?;
    let store = Store::connect(&read(&settings.postgres_url)?)?;
    let publisher = Publisher::start(&connection, Options::default());
    projector::counted(&connection, &store, publisher, settings.tally.clone(), cancel).await;
    Ok(())
}
