//! Where the rig itself listens, and how it says how it is.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::Arc,
};

use super::{listener::listen, rig::Roles, staff::Staff};
use crate::{
    config::Config,
    exit::Failure,
    health::{self, Health},
    home::{Home, Ports},
};

/// Where the rig itself listens.
pub(super) struct Listeners {
    pub(super) webhooks: Option<TcpListener>,
    /// Where webhooks come in, whoever listens there.
    pub(super) webhooks_at: Option<SocketAddr>,
    pub(super) health: TcpListener,
}

impl Listeners {
    /// Listens, before anything slow is started.
    ///
    /// # Errors
    /// When a configured address cannot be had.
    pub(super) fn bind(config: &Config, home: &Home, roles: &Roles) -> Result<Self, Failure> {
        let last = Ports::last(home.path());
        let webhooks = match roles {
            Roles::Here => Some(listen("ingest", "ingest.listen", config.ingest.listen, last.webhooks)?),
            Roles::None | Roles::Apart(_) => None,
        };
        let webhooks_at = match (roles, &webhooks) {
            (_, Some(listener)) => Some(reached(listener)?),
            (Roles::Apart(_), None) => config.ingest.listen.map(SocketAddr::from),
            _ => None,
        };
        Ok(Self {
            webhooks,
            webhooks_at,
            health: listen("health", "health.listen", config.health.listen, last.health)?,
        })
    }
}

/// An address as it is reached from this machine.
///
/// # Errors
/// When the listener does not say where it listens.
pub(super) fn reached(listener: &TcpListener) -> Result<SocketAddr, Failure> {
    let mut address = listener
        .local_addr()
        .map_err(|error| Failure::failed("a listener does not say where it listens").because(error))?;
    if address.ip().is_unspecified() {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    Ok(address)
}

/// Answers `GET /health`.
pub(super) fn serve_health(staff: &mut Staff, listener: &TcpListener, health: &Arc<Health>) -> Result<(), Failure> {
    let listener = listener.try_clone();
    let listener = listener.map_err(|error| Failure::failed("a listener cannot be shared").because(error))?;
    staff.employ("health", health::Settings { listener, health: Arc::clone(health) }, health::serve);
    Ok(())
}
