//! The roles that `rig up` runs in its own process, and how each is asked whether it works.

use std::{net::TcpListener, sync::Arc};

use bus::connect::Connection;
use tokio::sync::watch;

use super::{listener::listen, staff::Staff};
use crate::{
    config::Config,
    exit::Failure,
    health::{self, Check, Health, Part},
    home::{Files, Home, Ports},
    roles::{chat, ingest, projector},
};

/// Where the rig itself listens.
pub(super) struct Listeners {
    pub(super) webhooks: Option<TcpListener>,
    pub(super) health: TcpListener,
}

impl Listeners {
    /// Listens, before anything slow is started.
    ///
    /// # Errors
    /// When a configured address cannot be had.
    pub(super) fn bind(config: &Config, home: &Home, servers_only: bool) -> Result<Self, Failure> {
        let last = Ports::last(home.path());
        let webhooks = || listen("ingest", "ingest.listen", config.ingest.listen, last.webhooks);
        Ok(Self {
            webhooks: if servers_only { None } else { Some(webhooks()?) },
            health: listen("health", "health.listen", config.health.listen, last.health)?,
        })
    }
}

/// Starts ingest, projector and chat door; the parts they are in the health.
pub(super) fn employ(
    staff: &mut Staff,
    config: &Config,
    home: &Home,
    files: &Files,
    webhooks: &TcpListener,
    operator: &Connection,
) -> Result<[Part; 3], Failure> {
    let secrets = home.secrets();
    let previous = Some(secrets.previous_webhook_file()).filter(|file| file.exists());
    let (told, health) = watch::channel(None);
    let ingest = ingest::Settings {
        nats_url: secrets.nats_url_file("ingest"),
        listener: clone(webhooks)?,
        secret: files.webhook_secret.clone(),
        previous: config.ingest.webhook_secret_previous_file.clone().or(previous),
        health: told,
    };
    let projector =
        projector::Settings { nats_url: secrets.nats_url_file("projector"), postgres_url: files.postgres_url.clone() };
    let chat = chat::Settings { nats_url: secrets.nats_url_file("chat"), operator: config.operator.name.clone() };

    let ingest = staff.employ("ingest", ingest, ingest::run);
    let projector = staff.employ("projector", projector, projector::run);
    let chat = staff.employ("chat door", chat, chat::run);
    let operator = || operator.clone();
    Ok([
        Part { name: "ingest", critical: true, check: Check::Ingest { shift: ingest, health } },
        Part { name: "projector", critical: false, check: Check::Projector { shift: projector, operator: operator() } },
        Part { name: "chat", critical: false, check: Check::Chat { shift: chat, operator: operator() } },
    ])
}

/// Answers `GET /health`.
pub(super) fn serve_health(staff: &mut Staff, listener: &TcpListener, health: &Arc<Health>) -> Result<(), Failure> {
    let settings = health::Settings { listener: clone(listener)?, health: Arc::clone(health) };
    staff.employ("health", settings, health::serve);
    Ok(())
}

fn clone(listener: &TcpListener) -> Result<TcpListener, Failure> {
    listener.try_clone().map_err(|error| Failure::failed("a listener cannot be shared").because(error))
}
