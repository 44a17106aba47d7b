//! GitHub's door: what is ordered is done there, and what no delivery told is found out.

use std::{path::PathBuf, sync::Arc, time::Duration};

use bus::publish::{Options, Publisher};
use conductor::github::{
    outbound::{self, Principals},
    reconcile::{self, Deliveries},
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
    /// Where GitHub reaches this machine, if it does.
    pub(crate) webhook: Option<String>,
    /// The repositories that are looked after.
    pub(crate) repositories: Vec<String>,
    /// Where its line to the channel is told.
    pub(crate) line: Line,
}

/// How often GitHub's list is read where deliveries come by nothing else. It costs nothing of the limits where there is
/// no news.
const POLLED_EVERY: Duration = Duration::from_secs(5);

/// Runs GitHub's door until it is cancelled.
pub(crate) async fn run(settings: Arc<Settings>, cancel: CancellationToken) -> Result<(), Error> {
    let Apps { implementer, reviewer, conductor } = &settings.apps;
    let client = |app| client(&settings.api, app);
    let principals =
        Principals { implementer: client(implementer)?, reviewer: client(reviewer)?, conductor: client(conductor)? };
    let connection = connect(&settings.nats_url, "github", &settings.line).await?;
    let (principals, publisher) = (Arc::new(principals), Publisher::start(&connection, Options::default()));
    let (progress, beside) = (watch::Sender::default(), cancel.child_token());
    let looking = looking(&settings);
    let looking = reconcile::run(&connection, Arc::clone(&principals), looking, publisher.clone(), &progress, &beside);
    let door = async {
        let ended = outbound::run(&connection, principals, publisher, &cancel).await;
        beside.cancel();
        ended
    };
    let (ended, ()) = tokio::join!(door, looking);
    Ok(ended?)
}

fn looking(settings: &Settings) -> reconcile::Settings {
    let (repositories, usual) = (settings.repositories.clone(), reconcile::Settings::default());
    let (deliveries, list_every) = match settings.webhook.clone() {
        Some(webhook) => (Deliveries::Posted { webhook: Some(webhook) }, usual.list_every),
        None => (Deliveries::Polled, POLLED_EVERY),
    };
    reconcile::Settings { repositories, deliveries, list_every, ..usual }
}
