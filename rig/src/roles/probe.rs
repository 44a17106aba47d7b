//! The probe: it looks at what landed.

use std::{path::PathBuf, sync::Arc};

use bus::publish::{Options, Publisher};
use conductor::probe;
use tokio_util::sync::CancellationToken;

use super::{Error, Line, connect};

/// What the probe needs to know.
pub(crate) struct Settings {
    /// The file with its address of the channel.
    pub(crate) nats_url: PathBuf,
    /// How it looks.
    pub(crate) look: probe::Settings,
    /// Where its line to the channel is told.
    pub(crate) line: Line,
}

/// Runs the probe until it is cancelled.
pub(crate) async fn run(settings: Arc<Settings>, cancel: CancellationToken) -> Result<(), Error> {
    let connection = connect(&settings.nats_url, "probe", &settings.line).await?;
    let publisher = Publisher::start(&connection, Options::default());
    Ok(probe::run(&connection, settings.look.clone(), publisher, &cancel).await?)
}
