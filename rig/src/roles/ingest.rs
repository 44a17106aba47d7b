//! Ingest: GitHub's deliveries become records.

use std::{net::TcpListener, path::PathBuf, sync::Arc, time::Duration};

use conductor::github::{
    ingest::{Health, Ingest, Options},
    signature::Secrets,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{Error, Line, connect, read};

/// How long open requests are waited for at the end; the rig stops within 5 s.
const DRAIN: Duration = Duration::from_millis(1500);

/// What ingest needs to know.
pub(crate) struct Settings {
    /// The file with its address of the channel.
    pub(crate) nats_url: PathBuf,
    /// Where it listens. Made by who starts it, so that nobody is turned away while it is started again.
    pub(crate) listener: TcpListener,
    /// The file with the webhook secret.
    pub(crate) secret: PathBuf,
    /// The file with the secret that is taken as well, if there is one.
    pub(crate) previous: Option<PathBuf>,
    /// Where it tells how it is.
    pub(crate) health: watch::Sender<Option<Health>>,
    /// Where its line to the channel is told.
    pub(crate) line: Line,
}

/// Runs ingest until it is cancelled.
pub(crate) async fn run(settings: Arc<Settings>, cancel: CancellationToken) -> Result<(), Error> {
    let secrets = secrets(&settings)?;
    let connection = connect(&settings.nats_url, "ingest", &settings.line).await?;
    let ingest = Ingest::new(&connection, secrets, Options { drain: DRAIN, ..Options::default() });
    settings.health.send_replace(Some(ingest.health()));
    let listener =
        settings.listener.try_clone().and_then(tokio::net::TcpListener::from_std).map_err(Error::Listener)?;
    ingest.serve(listener, cancel).await;
    Ok(())
}

fn secrets(settings: &Settings) -> Result<Secrets, Error> {
    let current = Secrets::new(&read(&settings.secret)?)?;
    match &settings.previous {
        Some(previous) => Ok(current.and_previous(&read(previous)?)?),
        None => Ok(current),
    }
}
