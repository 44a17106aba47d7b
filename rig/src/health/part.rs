use std::sync::Arc;

use bus::{connect::Connection, intake::Intake, stream::log_state};
use bytes::Bytes;
use chat_bridge::terminal::{self, Health};
use conductor::{
    driver::{Report, Role},
    github::{
        ingest::{Condition, Health as IngestHealth},
        reconcile::Progress,
    },
};
use servers::Server as _;
use store::{
    Pulse,
    projector::{self, STATUS_SUBJECT},
};
use tokio::sync::watch;

use super::{Measure, Seen};
use crate::up::{Ground, Shift};

/// Ended this often in a row, a role is not just being started again.
const KEEPS_DYING: u32 = 3;

/// So many looks in a row that came to no end anywhere, GitHub is away.
const IN_VAIN: u32 = 3;

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
        /// Its line, or that of somebody else who may ask.
        asker: watch::Receiver<Option<Connection>>,
    },
    /// Look whether the role works and deliveries come in, and ask it.
    Chat {
        /// The role.
        shift: watch::Receiver<Shift>,
        /// Its line.
        line: watch::Receiver<Option<Connection>>,
        /// Who asks.
        operator: Connection,
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
    /// Look whether the role's process runs.
    Process(watch::Receiver<Shift>),
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
            Self::Bus { ground, operator } => bus(ground, operator).await,
            Self::Database(pulse) => database(pulse).await,
            Self::Ingest { shift, health } => ingest(shift, health),
            Self::Projector { shift, asker } => worse(projector(asker).await, shift),
            Self::Chat { shift, line, operator } => worse(chat(line, operator).await, shift),
            Self::Conductor { shift, line, report } => worse(conductor(line, report), shift),
            Self::Github { shift, line, progress } => worse(github(line, &progress.borrow()), shift),
            Self::Process(shift) => role(&shift.borrow()),
            Self::Line { shift, line } => worse(has_line(line), shift),
        }
    }
}

impl Check {
    /// The numbers that the part tells of itself.
    pub(super) fn measures(&self) -> Vec<Measure> {
        match self {
            Self::Conductor { report, .. } => {
                let report = report.borrow().as_ref().map(|report| *report.borrow()).unwrap_or_default();
                of_conductor(&report).to_vec()
            }
            Self::Github { line, progress, .. } => {
                let looks = Measure { name: "rig_github_looks_total", counts: true, value: progress.borrow().looks };
                of_intakes(line).into_iter().chain([looks]).collect()
            }
            Self::Chat { line, .. } | Self::Line { line, .. } => of_intakes(line),
            Self::Bus { .. } | Self::Database(_) | Self::Ingest { .. } | Self::Projector { .. } | Self::Process(_) => {
                Vec::new()
            }
        }
    }
}

/// What became of the deliveries on a line.
fn of_intakes(line: &watch::Receiver<Option<Connection>>) -> Vec<Measure> {
    let Some(connection) = line.borrow().clone() else { return Vec::new() };
    let intakes = connection.intakes();
    let sum = |name, of: fn(&Intake) -> u64| Measure { name, counts: true, value: intakes.values().map(of).sum() };
    vec![
        sum("rig_deliveries_done_total", |intake| intake.done),
        sum("rig_deliveries_again_total", |intake| intake.again),
        sum("rig_deliveries_given_up_total", |intake| intake.given_up),
    ]
}

fn of_conductor(report: &Report) -> [Measure; 6] {
    let Report { role, term, through, from: _, read, batches, decided, said: _ } = *report;
    let gauge = |name, value| Measure { name, counts: false, value };
    let counter = |name, value| Measure { name, counts: true, value };
    [
        gauge("rig_conductor_leads", u64::from(role == Role::Leading)),
        gauge("rig_conductor_term", term),
        gauge("rig_conductor_through", through),
        gauge("rig_conductor_read", read),
        counter("rig_conductor_batches_total", batches),
        counter("rig_conductor_decided_total", decided),
    ]
}

/// A server whose disk is full still tells of LOG what it was; only its own word says that it stores nothing more.
async fn bus(ground: &Ground, operator: &Connection) -> Seen {
    if !operator.is_up() {
        return Seen::Dead("nats-server cannot be reached".to_owned());
    }
    if let Err(error) = ground.nats.healthy().await {
        return Seen::Dead(crate::exit::sentence(&error));
    }
    match log_state(&operator.jetstream()).await {
        Ok(_) => Seen::Well,
        Err(error) => Seen::Dead(crate::exit::sentence(&error)),
    }
}

async fn database(pulse: &Pulse) -> Seen {
    match pulse.feel().await {
        Ok(()) => Seen::Well,
        Err(error) => Seen::Dead(crate::exit::sentence(&error)),
    }
}

fn ingest(shift: &watch::Receiver<Shift>, health: &watch::Receiver<Option<IngestHealth>>) -> Seen {
    let said = health.borrow().as_ref().map(IngestHealth::report).map_or(Seen::Silent, |report| {
        let reason = report.reason.unwrap_or_default();
        match report.condition {
            Condition::Up => Seen::Well,
            Condition::Degraded => Seen::Ill(reason),
            Condition::Down => Seen::Dead(reason),
        }
    });
    worse(said, shift)
}

/// The rows may lag, and are written later: a projector that waits is degraded.
async fn projector(asker: &watch::Receiver<Option<Connection>>) -> Seen {
    let Some(asker) = asker.borrow().clone() else { return Seen::Silent };
    let answer = match asker.client().request(STATUS_SUBJECT, Bytes::new()).await {
        Ok(answer) => answer,
        Err(error) => return Seen::Dead(format!("it does not answer: {error}")),
    };
    match serde_json::from_slice::<projector::Status>(&answer.payload) {
        Ok(projector::Status { waits: Some(why), .. }) => Seen::Ill(format!("no rows are written now: {why}")),
        Ok(_) => Seen::Well,
        Err(_) => Seen::Ill(String::from_utf8_lossy(&answer.payload).into_owned()),
    }
}

async fn chat(line: &watch::Receiver<Option<Connection>>, operator: &Connection) -> Seen {
    match terminal::health(operator, super::WITHIN).await {
        Ok(Health { trouble: None, .. }) => has_line(line),
        Ok(Health { trouble: Some(why), .. }) => Seen::Ill(format!("the last words could not be stored: {why}")),
        Err(error) => Seen::Dead(error.to_string()),
    }
}

/// Who follows is as well as who leads; who has not read anything yet is not well.
fn conductor(
    line: &watch::Receiver<Option<Connection>>,
    report: &watch::Receiver<Option<watch::Receiver<Report>>>,
) -> Seen {
    let report = report.borrow().as_ref().map(|report| *report.borrow());
    match (has_line(line), report.map(|report| report.role)) {
        (Seen::Well, Some(Role::Leading | Role::Following)) => Seen::Well,
        (Seen::Well, Some(Role::Waiting)) => Seen::Ill("it waits for the channel".to_owned()),
        (Seen::Well, None) => Seen::Silent,
        (ill, _) => ill,
    }
}

/// One look in vain may be one bad minute of GitHub's.
fn github(line: &watch::Receiver<Option<Connection>>, progress: &Progress) -> Seen {
    match (has_line(line), progress.troubles.iter().next()) {
        (Seen::Well, Some((_, why))) if progress.in_vain >= IN_VAIN => {
            Seen::Dead(format!("GitHub cannot be asked: {why}"))
        }
        (Seen::Well, Some((repository, why))) => Seen::Ill(format!("{repository} cannot be looked at: {why}")),
        (seen, _) => seen,
    }
}

/// A line that is up, and on which whoever asks for deliveries is answered.
fn has_line(line: &watch::Receiver<Option<Connection>>) -> Seen {
    let line = line.borrow();
    match line.as_ref() {
        Some(line) if line.is_up() => line.intakes().values().find_map(Intake::trouble).map_or(Seen::Well, Seen::Ill),
        Some(_) => Seen::Ill("the channel cannot be reached".to_owned()),
        None => Seen::Silent,
    }
}

/// A role that was started again may have answered well: what is worse counts.
fn worse(said: Seen, shift: &watch::Receiver<Shift>) -> Seen {
    let role = role(&shift.borrow());
    let badness = |seen: &Seen| match seen {
        Seen::Well => 0,
        Seen::Ill(_) => 1,
        Seen::Silent => 2,
        Seen::Dead(_) => 3,
    };
    if badness(&said) >= badness(&role) { said } else { role }
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
