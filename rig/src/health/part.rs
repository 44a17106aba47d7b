use bus::{connect::Connection, stream::log_state};
use bytes::Bytes;
use conductor::github::ingest::{Condition, Health as IngestHealth};
use store::Store;
use tokio::sync::watch;

use super::Seen;
use crate::up::Shift;

/// Ended this often in a row, a role is not just being started again.
const KEEPS_DYING: u32 = 3;

/// A part of the rig.
pub(crate) struct Part {
    /// Its name.
    pub(crate) name: &'static str,
    /// Whether the rig can do its work without it.
    pub(crate) critical: bool,
    /// How to find out.
    pub(crate) check: Check,
}

/// How to find out how a part is.
pub(crate) enum Check {
    /// Ask the server for LOG.
    Bus(Connection),
    /// Ask PostgreSQL.
    Database(Store),
    /// Look whether the role works, and ask it.
    Ingest {
        /// The role.
        shift: watch::Receiver<Shift>,
        /// What it says itself.
        health: watch::Receiver<Option<IngestHealth>>,
    },
    /// Look whether the role works, and ask the service that it answers.
    Service {
        /// The role.
        shift: watch::Receiver<Shift>,
        /// The service.
        service: &'static str,
        /// Who asks.
        operator: Connection,
    },
}

impl Check {
    pub(super) async fn ask(&self) -> Seen {
        match self {
            Self::Bus(connection) => bus(connection).await,
            Self::Database(store) => database(store).await,
            Self::Ingest { shift, health } => ingest(shift, health),
            Self::Service { shift, service, operator } => answers(shift, service, operator).await,
        }
    }
}

async fn bus(connection: &Connection) -> Seen {
    if !connection.is_up() {
        return Seen::Dead("nats-server cannot be reached".to_owned());
    }
    match log_state(&connection.jetstream()).await {
        Ok(_) => Seen::Well,
        Err(error) => Seen::Dead(crate::exit::sentence(&error)),
    }
}

async fn database(store: &Store) -> Seen {
    match store.ping().await {
        Ok(()) => Seen::Well,
        Err(error) => Seen::Dead(crate::exit::sentence(&error)),
    }
}

fn ingest(shift: &watch::Receiver<Shift>, health: &watch::Receiver<Option<IngestHealth>>) -> Seen {
    let seen = role(&shift.borrow());
    let Some(report) = health.borrow().as_ref().map(IngestHealth::report) else { return seen };
    let reason = report.reason.unwrap_or_default();
    match (seen, report.condition) {
        (Seen::Well, Condition::Degraded) => Seen::Ill(reason),
        (Seen::Well | Seen::Ill(_), Condition::Down) => Seen::Dead(reason),
        (seen, _) => seen,
    }
}

/// A request without words: every service of ours that is asked here takes it as "how are you".
async fn answers(shift: &watch::Receiver<Shift>, service: &'static str, operator: &Connection) -> Seen {
    let seen = role(&shift.borrow());
    if matches!(seen, Seen::Dead(_)) {
        return seen;
    }
    match operator.client().request(service, Bytes::new()).await {
        Ok(_) => seen,
        Err(error) => Seen::Dead(format!("it does not answer: {error}")),
    }
}

fn role(shift: &Shift) -> Seen {
    match shift {
        Shift { deaths: 0, .. } => Seen::Well,
        Shift { deaths, reason, .. } if *deaths >= KEEPS_DYING => {
            Seen::Dead(format!("it stopped {deaths} times in a row: {reason}"))
        }
        Shift { working: true, reason, .. } => Seen::Ill(format!("it was started again: {reason}")),
        Shift { working: false, reason, .. } => Seen::Ill(format!("it is being started again: {reason}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f_150_a_role_that_keeps_dying_is_down() {
        let shift = |working, deaths| Shift { working, deaths, reason: "the table is gone".to_owned() };
        assert_eq!(role(&shift(true, 0)), Seen::Well);
        assert!(matches!(role(&shift(false, 1)), Seen::Ill(_)));
        assert!(matches!(role(&shift(true, 2)), Seen::Ill(_)));
        assert!(matches!(role(&shift(true, 3)), Seen::Dead(_)));
        assert!(matches!(role(&shift(false, 9)), Seen::Dead(_)));
    }
}
