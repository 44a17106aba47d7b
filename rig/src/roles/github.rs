//! GitHub's door: what is ordered is done there, and what no delivery told is found out.

use std::{path::PathBuf, sync::Arc};

use bus::publish::{Options, Publisher};
use conductor::github::{
    outbound::{self, Principals},
    reconcile::{self, Progress},
};
use tokio::sync::watch;
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
    /// What is looked after beside what is told.
    pub(crate) reconcile: reconcile::Settings,
    /// How far that has come.
    pub(crate) progress: watch::Sender<Progress>,
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
    let principals = Arc::new(principals);
    let reconcile = settings.reconcile.clone();
    let beside = cancel.child_token();
    let looking =
        reconcile::run(&connection, Arc::clone(&principals), reconcile, publisher.clone(), &settings.progress, &beside);
    let door = async {
        let ended = outbound::run(&connection, principals, publisher, &cancel).await;
        beside.cancel();
        ended
    };
    let (ended, ()) = tokio::join!(door, looking);
    Ok(ended?)
}
