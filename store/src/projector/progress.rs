//! How the projector stands, for those who ask.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use bus::read::Position;
use time::OffsetDateTime;
use tokio::sync::watch;

/// How the projector stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    /// The last record of which there are rows.
    pub(crate) through: Option<Position>,
    /// When its rows were committed, by PostgreSQL's clock.
    pub(crate) at: Option<OffsetDateTime>,
    /// What it waits for; nothing while it works.
    pub(crate) waits: Option<String>,
}

/// How many records one projector gave rows. Clones count together.
#[derive(Clone, Debug, Default)]
pub struct Tally(Arc<AtomicU64>);

impl Tally {
    /// So many until now.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn add(&self, records: usize) {
        self.0.fetch_add(u64::try_from(records).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

/// Tells how the projector stands, and says in the log when it begins and ends to wait.
#[derive(Clone, Debug)]
pub(crate) struct Teller(watch::Sender<Progress>);

impl Teller {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(Progress::default()))
    }

    pub(crate) fn listen(&self) -> watch::Receiver<Progress> {
        self.0.subscribe()
    }

    pub(crate) fn through(&self) -> Option<Position> {
        self.0.borrow().through.clone()
    }

    /// It stands at this position and works.
    pub(crate) fn works(&self, through: Position, at: Option<OffsetDateTime>) {
        self.0.send_modify(|progress| {
            if let Some(waited) = progress.waits.take() {
                tracing::info!(through = through.sequence, waited, "rows are written again");
            }
            progress.through = Some(through);
            progress.at = at.or(progress.at);
        });
    }

    /// It waits, and the rows reach this far.
    pub(crate) fn stands(&self, through: Position) {
        self.0.send_modify(|progress| progress.through = Some(through));
    }

    /// It waits.
    pub(crate) fn waits(&self, what: String) {
        self.0.send_if_modified(|progress| {
            let new = progress.waits.as_ref() != Some(&what);
            if new {
                tracing::warn!("no rows are written now: {what}");
                progress.waits = Some(what);
            }
            new
        });
    }
}
