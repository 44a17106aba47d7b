//! How each part is found out about.
//!
//! Who is cut off from the channel does nothing until that is back: it is down, however well it is by itself.

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
    projector::{STATUS_SUBJECT, Status},
};
use tokio::sync::watch;

use super::Seen;
use crate::{
    exit::sentence,
    up::{Ground, Shift},
};

/// Ended this often in a row, a role is not just being started again.
const KEEPS_DYING: u32 = 3;

/// So many looks in a row that came to no end anywhere, GitHub is away.
const IN_VAIN: u32 = 3;

/// A line to the channel, once there is one.
type Line = watch::Receiver<Option<Connection>>;

/// A server whose disk is full still tells of LOG what it was; only its own word says that it stores nothing more.
pub(super) async fn bus(ground: &Ground, operator: &Connection) -> Seen {
    if !operator.is_up() {
        return Seen::Dead("nats-server cannot be reached".to_owned());
    }
    if let Err(error) = ground.nats.healthy().await {
        return Seen::Dead(sentence(&error));
    }
    match log_state(&operator.jetstream()).await {
        Ok(_) => Seen::Well,
        Err(error) => Seen::Dead(sentence(&error)),
    }
}

pub(super) async fn database(pulse: &Pulse) -> Seen {
    match pulse.feel().await {
        Ok(()) => Seen::Well,
        Err(error) => Seen::Dead(sentence(&error)),
    }
}

pub(super) fn ingest(health: &watch::Receiver<Option<IngestHealth>>) -> Seen {
    health.borrow().as_ref().map(IngestHealth::report).map_or(Seen::Silent, |report| {
        let reason = report.reason.unwrap_or_default();
        match report.condition {
            Condition::Up => Seen::Well,
            Condition::Degraded => Seen::Ill(reason),
            Condition::Down => Seen::Dead(reason),
        }
    })
}

/// The rows may lag, and are written later: a projector that waits is degraded.
pub(super) async fn projector(line: &Line, lag: &watch::Sender<Option<u64>>) -> Seen {
    lag.send_replace(None);
    let asker = match reached(line) {
        Ok(asker) => asker,
        Err(seen) => return seen,
    };
    let answer = match asker.client().request(STATUS_SUBJECT, Bytes::new()).await {
        Ok(answer) => answer,
        Err(error) => return Seen::Dead(format!("it does not answer: {error}")),
    };
    let Ok(status) = serde_json::from_slice::<Status>(&answer.payload) else {
        return Seen::Ill(String::from_utf8_lossy(&answer.payload).into_owned());
    };
    lag.send_replace(status.projected_through.map(|through| status.last.saturating_sub(through)));
    match status.waits {
        Some(why) => Seen::Ill(format!("no rows are written now: {why}")),
        None => Seen::Well,
    }
}

/// Asked over the channel by whoever may: then it has to answer there too.
pub(super) async fn chat(line: &Line, trouble: Option<String>, asker: Option<&Connection>) -> Seen {
    let trouble = match asker {
        Some(asker) => match terminal::health(asker, super::WITHIN).await {
            Ok(Health { trouble, .. }) => trouble,
            Err(error) => return Seen::Dead(error.to_string()),
        },
        None => trouble,
    };
    match (has_line(line), trouble) {
        (Seen::Well, Some(why)) => Seen::Ill(format!("the last words could not be stored: {why}")),
        (seen, _) => seen,
    }
}

/// Who follows is as well as who leads; who has not read anything yet decides nothing.
pub(super) fn conductor(line: &Line, report: &watch::Receiver<Option<watch::Receiver<Report>>>) -> Seen {
    let report = report.borrow().as_ref().map(|report| *report.borrow());
    match (has_line(line), report.map(|report| report.role)) {
        (Seen::Well, Some(Role::Leading | Role::Following)) => Seen::Well,
        (Seen::Well, Some(Role::Waiting)) => Seen::Ill("it waits for the channel".to_owned()),
        (Seen::Well, None) => Seen::Silent,
        (ill, _) => ill,
    }
}

/// One look in vain may be one bad minute of GitHub's.
pub(super) fn github(line: &Line, progress: &Progress) -> Seen {
    match (has_line(line), progress.troubles.iter().next()) {
        (Seen::Well, Some((_, why))) if progress.in_vain >= IN_VAIN => {
            Seen::Dead(format!("GitHub cannot be asked: {why}"))
        }
        (Seen::Well, Some((repository, why))) => Seen::Ill(format!("{repository} cannot be looked at: {why}")),
        (seen, _) => seen,
    }
}

/// A line that is up, and on which whoever asks for deliveries is answered.
pub(super) fn has_line(line: &Line) -> Seen {
    match reached(line) {
        Ok(line) => line.intakes().values().find_map(Intake::trouble).map_or(Seen::Well, Seen::Ill),
        Err(seen) => seen,
    }
}

/// The line, where there is one and it is up.
fn reached(line: &Line) -> Result<Connection, Seen> {
    match line.borrow().as_ref() {
        Some(line) if line.is_up() => Ok(line.clone()),
        Some(_) => Err(Seen::Dead("the channel cannot be reached".to_owned())),
        None => Err(Seen::Silent),
    }
}

/// A role that was started again may have answered well: what is worse counts.
pub(super) fn worse(said: Seen, shift: &watch::Receiver<Shift>) -> Seen {
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
