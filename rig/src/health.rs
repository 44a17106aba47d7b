//! How the rig is, part by part: `GET /health`, and `GET /metrics` for Prometheus.
//!
//! A part is asked, each time, with a request it can only answer when it works; nothing is reported from memory. A part
//! that answers late is degraded, one that has not answered for a while is as good as dead. Only a dead critical part
//! (bus, database, ingest, github) makes the whole 503: chat is down and work goes on. Of a process with one role that role
//! is critical, whatever it is.

mod asked;
mod measured;
mod metrics;
mod part;
mod remote;
mod server;
mod standing;
mod watch;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use futures::future::join_all;
use serde::Serialize;
use time::OffsetDateTime;
use tokio::time::timeout;

pub(crate) use metrics::Measure;
pub(crate) use part::{Check, Part};
pub(crate) use remote::Remote;
pub(crate) use server::{PATH, Settings, serve};
pub(crate) use standing::{Seen, Standing, Status};
pub(crate) use watch::tell_changes;

/// How long a part may take to answer.
const WITHIN: Duration = Duration::from_secs(2);

/// The parts, and how each was found last.
pub(crate) struct Health {
    parts: Vec<Part>,
    standings: Mutex<BTreeMap<String, Standing>>,
}

/// How everything is.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Report {
    /// `down` where a critical part is down, `degraded` where any part is not up.
    pub(crate) status: Status,
    /// How each part is.
    pub(crate) parts: BTreeMap<String, Standing>,
}

impl Health {
    pub(crate) const fn of(parts: Vec<Part>) -> Self {
        Self { parts, standings: Mutex::new(BTreeMap::new()) }
    }

    /// Asks every part, all at the same time.
    pub(crate) async fn look(&self) -> Report {
        let seen = join_all(self.parts.iter().map(ask)).await;
        let now = now();
        let mut standings = self.standings.lock().unwrap_or_else(PoisonError::into_inner);
        for (part, seen) in self.parts.iter().zip(seen) {
            let before = standings.remove(&part.name);
            standings.insert(part.name.clone(), Standing::after(before, seen, part.critical, now));
        }
        Report { status: whole(&standings), parts: standings.clone() }
    }
}

impl Health {
    /// How each part is and what it did, for Prometheus.
    async fn metrics(&self) -> String {
        let report = self.look().await;
        let measures = self.parts.iter().map(|part| (part.name.clone(), part.check.measures())).collect();
        metrics::text(&report, &measures)
    }
}

async fn ask(part: &Part) -> Seen {
    timeout(WITHIN, part.check.ask()).await.unwrap_or(Seen::Silent)
}

fn whole(standings: &BTreeMap<String, Standing>) -> Status {
    let dead = |standing: &Standing| standing.critical && standing.status == Status::Down;
    if standings.values().any(dead) {
        Status::Down
    } else if standings.values().any(|standing| standing.status != Status::Up) {
        Status::Degraded
    } else {
        Status::Up
    }
}

impl Report {
    /// How this part is; what is no part is up.
    pub(crate) fn status_of(&self, part: &str) -> Status {
        self.parts.get(part).map_or(Status::Up, |standing| standing.status)
    }
}

/// What is not well, and why.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ill = self.parts.iter().filter(|(_, standing)| standing.status != Status::Up);
        for (n, (name, standing)) in ill.enumerate() {
            let between = if n > 0 { ", " } else { "" };
            let reason = standing.reason.as_deref().unwrap_or("no reason known");
            write!(f, "{between}{name} is {} ({reason})", standing.status.word())?;
        }
        Ok(())
    }
}

#[expect(clippy::disallowed_methods, reason = "`since` is told to people, and decides nothing")]
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}
