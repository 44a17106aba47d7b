//! GitHub's door: what is ordered is done there.

use std::{path::PathBuf, sync::Arc};

use bus::publish::{Options, Publisher};
use conductor::github::outbound::{self, Principals};
use tokio_util::sync::CancellationToken;

use super::{Error, Line, client, connect};
use crate::config::Apps;

/// What GitHub's door needs to know.
pub(crate) struct Settings {
    /// The file with its address of the channel.
    pub(crate) nats_url: PathBuf,
    /// GitHub's REST API.
    pub(crate) api: String,
    /// Who we are there.
    pub(crate) apps: Apps,
    /// Where its line to the channel is told.
    pub(crate) line: Line,
}

/// Runs GitHub's door until it is cancelled.
pub(crate) async fn run(settings: Arc<Settings>, cancel: CancellationToken) -> Result<(), Error> {
    let Apps { implementer, reviewer, conductor } = &settings.apps;
    let client = |app| client(&settings.api, app);
    let principals =
        Principals { implementer: client(implementer)?, reviewer: client(reviewer)?, conductor: client(conductor)? };
    let connection = connect(&settings.nats_url, "github", &settings.line).await?;
    let publisher = Publisher::start(&connection, Options::default());
    Ok(outbound::run(&connection, Arc::new(principals), publisher, &cancel).await?)
}
