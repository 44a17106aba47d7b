//! The conductor: it decides.

use std::{path::PathBuf, sync::Arc};

use conductor::{
    driver::{self, Driver, Report},
    machine::Rules,
    reading,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{Error, Line, connect};

/// What the conductor needs to know.
pub(crate) struct Settings {
    /// The file with its address of the channel.
    pub(crate) nats_url: PathBuf,
    /// By which it decides.
    pub(crate) rules: Rules,
    /// Where it tells how it is; another one each time it is started.
    pub(crate) told: watch::Sender<Option<watch::Receiver<Report>>>,
    /// Where its line to the channel is told.
    pub(crate) line: Line,
}

/// Runs the conductor until it is cancelled.
pub(crate) async fn run(settings: Arc<Settings>, cancel: CancellationToken) -> Result<(), Error> {
    let connection = connect(&settings.nats_url, "conductor", &settings.line).await?;
    let driver = Driver::new(&connection, settings.rules.clone(), driver::Settings::default(), reading::read);
    settings.told.send_replace(Some(driver.report()));
    Ok(driver.run(cancel).await?)
}
