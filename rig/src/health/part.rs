use std::sync::Arc;

use bus::connect::Connection;
use conductor::{
    driver::Report,
    github::{ingest::Health as IngestHealth, reconcile::Progress},
};
use store::{Pulse, projector::Tally};
use tokio::sync::watch;

use super::{Measure, Seen, asked, measured, remote::Remote};
use crate::up::{Ground, Shift};

/// A part of the rig.
pub(crate) struct Part {
    /// Its name.
    pub(crate) name: String,
    /// Whether the rig can do its work without it.
    pub(crate) critical: bool,
    /// How to find out.
    pub(crate) check: Check,
}

/// How to find out how a part is.
pub(crate) enum Check {
    /// Ask the server how it is, and for LOG.
    Bus {
        /// Where it stands.
        ground: Arc<Ground>,
        /// Who asks for LOG.
        operator: Connection,
    },
    /// Ask PostgreSQL.
    Database(Pulse),
    /// Look whether the role works, and ask it.
    Ingest {
        /// The role.
        shift: watch::Receiver<Shift>,
        /// What it says itself.
        health: watch::Receiver<Option<IngestHealth>>,
    },
    /// Look whether the role works, and ask it how far the rows go.
    Projector {
        /// The role.
        shift: watch::Receiver<Shift>,
        /// Its line.
        line: watch::Receiver<Option<Connection>>,
        /// What it did.
        tally: Tally,
        /// How far LOG was ahead of the rows when it was last asked.
        lag: watch::Sender<Option<u64>>,
    },
    /// Look whether the role works and deliveries come in, and ask it.
    Chat {
        /// The role.
        shift: watch::Receiver<Shift>,
        /// Its line.
        line: watch::Receiver<Option<Connection>>,
        /// Why the last words were not stored, as it says itself.
        trouble: watch::Receiver<Option<String>>,
        /// Who asks it over the channel, where somebody may.
        asker: Option<Connection>,
    },
    /// Look whether the role works, whether it has its line to the channel, and what it decides.
    Conductor {
        /// The role.
        shift: watch::Receiver<Shift>,
        /// Its line.
        line: watch::Receiver<Option<Connection>>,
        /// What it says itself.
        report: watch::Receiver<Option<watch::Receiver<Report>>>,
    },
    /// Look whether the role works, whether deliveries come in on its line to the channel, and whether GitHub can be
    /// looked at.
    Github {
        /// The role.
        shift: watch::Receiver<Shift>,
        /// Its line.
        line: watch::Receiver<Option<Connection>>,
        /// What it saw.
        progress: watch::Receiver<Progress>,
    },
    /// Look whether the role's process runs, and ask it.
    Process {
        /// The process.
        shift: watch::Receiver<Shift>,
        /// Where it says how it is.
        remote: Remote,
    },
    /// Look whether the role works, and whether deliveries come in on its line to the channel.
    Line {
        /// The role.
        shift: watch::Receiver<Shift>,
        /// Its line.
        line: watch::Receiver<Option<Connection>>,
    },
}

impl Check {
    pub(super) async fn ask(&self) -> Seen {
        match self {
            Self::Bus { ground, operator } => asked::bus(ground, operator).await,
            Self::Database(pulse) => asked::database(pulse).await,
            Self::Ingest { shift, health } => asked::worse(asked::ingest(health), shift),
            Self::Projector { shift, line, lag, .. } => asked::worse(asked::projector(line, lag).await, shift),
            Self::Chat { shift, line, trouble, asker } => {
                let trouble = trouble.borrow().clone();
                asked::worse(asked::chat(line, trouble, asker.as_ref()).await, shift)
            }
            Self::Conductor { shift, line, report } => asked::worse(asked::conductor(line, report), shift),
            Self::Github { shift, line, progress } => asked::worse(asked::github(line, &progress.borrow()), shift),
            Self::Process { shift, remote } => asked::worse(remote.ask().await, shift),
            Self::Line { shift, line } => asked::worse(asked::has_line(line), shift),
        }
    }

    /// The numbers that the part tells of itself.
    pub(super) fn measures(&self) -> Vec<Measure> {
        match self {
            Self::Conductor { report, .. } => {
                let report = report.borrow().as_ref().map(|report| *report.borrow()).unwrap_or_default();
                measured::conductor(&report).to_vec()
            }
            Self::Github { line, progress, .. } => {
                let looks = Measure::counter("rig_github_looks_total", progress.borrow().looks);
                measured::intakes(line).into_iter().chain([looks]).collect()
            }
            Self::Ingest { health, .. } => measured::ingest(health),
            Self::Projector { tally, lag, .. } => measured::projector(tally, *lag.borrow()),
            Self::Chat { line, .. } | Self::Line { line, .. } => measured::intakes(line),
            Self::Bus { .. } | Self::Database(_) | Self::Process { .. } => Vec::new(),
        }
    }
}
