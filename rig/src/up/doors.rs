//! Where the rig itself listens, and how it says how it is.

use std::{net::TcpListener, sync::Arc};

use super::{listener::listen, staff::Staff};
use crate::{
    config::Config,
    exit::Failure,
    health::{self, Health},
    home::{Home, Ports},
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

/// Answers `GET /health`.
pub(super) fn serve_health(staff: &mut Staff, listener: &TcpListener, health: &Arc<Health>) -> Result<(), Failure> {
    let listener = listener.try_clone();
    let listener = listener.map_err(|error| Failure::failed("a listener cannot be shared").because(error))?;
    staff.employ("health", health::Settings { listener, health: Arc::clone(health) }, health::serve);
    Ok(())
}
