//! How the door is, in a word and a reason.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bus::connect::Connection;
use serde::Serialize;
use tokio::time::Instant;

use super::{
    counts::{Counter, Counts},
    outage::Outages,
    room::Room,
};

/// Storing that takes longer than this is slow.
const SLOW: Duration = Duration::from_secs(2);

/// How long it is remembered.
const REMEMBERED: Duration = Duration::from_secs(60);

/// Whether deliveries are taken in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// They are.
    Up,
    /// They are, but somebody should look.
    Degraded,
    /// They are refused.
    Down,
}

/// A condition and its reason.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Report {
    /// In a word.
    pub condition: Condition,
    /// In a sentence, unless it is up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Tells how the door is. Clones tell the same.
#[derive(Clone)]
pub struct Health {
    connection: Connection,
    room: Room,
    outages: Arc<Outages>,
    counter: Counter,
    slow: Arc<Mutex<Option<(Instant, Duration)>>>,
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.report().fmt(f)
    }
}

impl Health {
    pub(super) fn new(connection: Connection, room: Room, outages: Arc<Outages>, counter: Counter) -> Self {
        Self { connection, room, outages, counter, slow: Arc::default() }
    }

    /// What became of the deliveries so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counter.counts()
    }

    /// How it is now.
    #[must_use]
    pub fn report(&self) -> Report {
        let down = self.unreachable().or_else(|| self.full()).or_else(|| self.refusing());
        if down.is_some() {
            return Report { condition: Condition::Down, reason: down };
        }
        let degraded = self.recovering().or_else(|| self.slow());
        let condition = if degraded.is_some() { Condition::Degraded } else { Condition::Up };
        Report { condition, reason: degraded }
    }

    pub(super) const fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Storing took this long.
    pub(super) fn took(&self, duration: Duration) {
        if duration >= SLOW {
            *self.slow.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), duration));
        }
    }

    fn unreachable(&self) -> Option<String> {
        (!self.connection.is_up()).then(|| "the channel cannot be reached".to_owned())
    }

    fn full(&self) -> Option<String> {
        let percent = self.room.exhausted()?;
        Some(format!("LOG is {percent} % full; raise max_bytes and run `rig bus apply`"))
    }

    fn refusing(&self) -> Option<String> {
        let outage = self.outages.current().filter(|outage| !outage.is_passing())?;
        Some(format!("{} deliveries refused, the last one because {}", outage.refused(), outage.why))
    }

    fn recovering(&self) -> Option<String> {
        let outage = self.outages.current()?;
        Some(format!("{} deliveries were refused, which is not recorded yet", outage.refused()))
    }

    fn slow(&self) -> Option<String> {
        let (at, took) = (*self.slow.lock().unwrap_or_else(PoisonError::into_inner))?;
        (at.elapsed() < REMEMBERED).then(|| format!("storing a delivery took {:.1} s", took.as_secs_f64()))
    }
}
