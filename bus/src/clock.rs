//! Deadlines: alarms that the server keeps and rings.
//!
//! The truth about a deadline is in the state of whoever set it; what stands here only wakes it up. An alarm may ring
//! late, twice (when LOG or CLOCK was made anew) or for a deadline that was moved a moment before. So it carries
//! `item, what, generation, due_at`, and counts only if the state still holds exactly that. The tick, every 30 seconds,
//! finds what no alarm told.
//!
//! A schedule's subject is its identity: setting a deadline again moves it, purging its subject cancels it. It vanishes
//! when it has rung. An alarm whose time has passed already rings at once.

use std::time::Duration;

use async_nats::{
    HeaderMap,
    header::{NATS_SCHEDULE, NATS_SCHEDULE_TARGET, NATS_SCHEDULE_TTL},
    jetstream::{Context, context::PublishErrorKind},
};
use serde::Deserialize;
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};
use uuid::Uuid;

use crate::{
    catalogue::{
        Kind,
        due::{Deadline, Tick},
    },
    envelope::{Envelope, now},
    id::RecordId,
    record::Draft,
    stream::{self, Change, Error, message},
    subject::Subject,
    token::Token,
};

/// The stream of schedules.
const CLOCK: &str = "CLOCK";

/// How often the tick comes.
pub const TICK: Duration = Duration::from_secs(30);

/// How long CLOCK keeps what has rung: as long as LOG may be away and still take it over.
const KEPT: &str = "24h";

/// The namespace of the ids of alarms.
const ALARM: Uuid = Uuid::from_u128(0x9b6c_6c1e_2f0d_4c3b_8d57_10c4_7d0e_55a2);

#[derive(Deserialize)]
struct Purged {
    purged: u64,
}

/// Sets the alarm of a deadline, or moves it: an item has one of each `what`. `source` is the program, as
/// `/rig/conductor`. Returns when the server has flushed it.
///
/// # Errors
/// When the server does not answer or refuses, or the moment is beyond RFC 3339.
pub async fn set(js: &Context, source: &str, deadline: &Deadline) -> Result<(), Error> {
    let at = rfc3339(deadline.due_at)?;
    let id = id_of(deadline, &at);
    let mut envelope = Envelope::new(id, Kind::DueDeadline.type_name(), source, now(), deadline);
    envelope.subject = Some(deadline.item.as_str().into());
    let subject = schedule(&deadline.item, &deadline.what);
    let draft = Draft::new(subject, &envelope).map_err(|error| Error::Unwritable(error.to_string()))?;
    schedule_at(js, &draft, &format!("@at {at}"), "deadline").await
}

/// Takes the alarm of a deadline back. Says whether there was one; one that has just rung is in LOG already.
///
/// # Errors
/// When the server does not answer or refuses.
pub async fn cancel(js: &Context, item: &str, what: &str) -> Result<bool, Error> {
    let subject = schedule(item, what).to_string();
    let request = serde_json::json!({ "filter": subject });
    let Purged { purged } = stream::ask(js, format!("STREAM.PURGE.{CLOCK}"), "stream CLOCK", &request).await?;
    Ok(purged > 0)
}

/// Sets how often the tick comes; [`stream::apply`] sets [`TICK`].
///
/// # Errors
/// When the server does not answer or refuses.
pub async fn set_tick(js: &Context, every: Duration) -> Result<(), Error> {
    let tick = Tick { say: "the clock ticked".to_owned() };
    let id = RecordId::from(ALARM).named("tick");
    let envelope = Envelope::new(id, Kind::DueTick.type_name(), "/rig/clock", now(), tick);
    let draft = Draft::new(tick_subject(), &envelope).map_err(|error| Error::Unwritable(error.to_string()))?;
    schedule_at(js, &draft, &every_of(every), "tick").await
}

/// Makes the tick come every [`TICK`], unless it does already: set anew, it would come later.
pub(crate) async fn apply_tick(js: &Context) -> Result<Vec<Change>, Error> {
    let changes = diff_tick(js).await?;
    if !changes.is_empty() {
        set_tick(js, TICK).await?;
    }
    Ok(changes)
}

pub(crate) async fn diff_tick(js: &Context) -> Result<Vec<Change>, Error> {
    let what = "the tick in CLOCK".to_owned();
    let last = match message::last(js, CLOCK, &tick_subject().to_string()).await {
        Err(Error::Missing { .. }) => None,
        found => found?,
    };
    let Some(last) = last else { return Ok(vec![Change::Missing { what }]) };
    let have = last.headers.get(NATS_SCHEDULE).map(ToString::to_string).unwrap_or_default();
    let want = every_of(TICK);
    Ok(if have == want {
        Vec::new()
    } else {
        vec![Change::Differs { what, field: "schedule".to_owned(), server: have.into(), wanted: want.into() }]
    })
}

/// A token never holds a slash, so no two pairs share a subject.
fn schedule(item: &str, what: &str) -> Subject {
    let item = Token::of(&format!("{}/{item}", Token::of(what)));
    Subject::Sched { kind: Token::of("deadline"), item }
}

fn tick_subject() -> Subject {
    Subject::Sched { kind: Token::of("tick"), item: Token::none() }
}

fn every_of(every: Duration) -> String {
    format!("@every {}ms", every.as_millis())
}

fn rfc3339(moment: OffsetDateTime) -> Result<String, Error> {
    moment.to_offset(UtcOffset::UTC).format(&Rfc3339).map_err(|error| Error::Unwritable(error.to_string()))
}

/// The same deadline rings under the same id, however often it was set.
fn id_of(deadline: &Deadline, at: &str) -> RecordId {
    let Deadline { say: _, item, key: _, what, generation, due_at: _ } = deadline;
    RecordId::from(ALARM).named(&serde_json::json!([item, what, generation, at]).to_string())
}

async fn schedule_at(js: &Context, draft: &Draft, when: &str, kind: &str) -> Result<(), Error> {
    let mut headers = HeaderMap::new();
    headers.insert(NATS_SCHEDULE, when);
    headers.insert(NATS_SCHEDULE_TARGET, Subject::DueFired { kind: Token::of(kind) }.to_string());
    headers.insert(NATS_SCHEDULE_TTL, KEPT);
    let sent = js.publish_with_headers(draft.subject.to_string(), headers, draft.body.clone()).await;
    let stored = match sent {
        Ok(stored) => stored.await,
        Err(error) => Err(error),
    };
    stored.map(drop).map_err(|error| match error.kind() {
        PublishErrorKind::StreamNotFound => Error::Missing { what: "stream CLOCK".to_owned() },
        PublishErrorKind::TimedOut | PublishErrorKind::BrokenPipe | PublishErrorKind::MaxAckPending => {
            Error::Unreachable { what: "a deadline".to_owned(), source: error.into() }
        }
        _ => Error::Refused { what: "a deadline".to_owned(), reason: error.to_string(), code: 0 },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deadline(generation: u64) -> Deadline {
        Deadline {
            say: "dev-e did not answer".to_owned(),
            item: "acme/site#42".to_owned(),
            key: None,
            what: "answer".to_owned(),
            generation,
            due_at: OffsetDateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_deadline_rings_under_one_id_whatever_it_says() {
        let changed = Deadline { say: "another sentence".to_owned(), ..deadline(1) };
        assert_eq!(id_of(&deadline(1), "a"), id_of(&changed, "a"));
        assert_ne!(id_of(&deadline(1), "a"), id_of(&deadline(2), "a"));
        assert_ne!(id_of(&deadline(1), "a"), id_of(&deadline(1), "b"));
    }

    #[test]
    fn no_two_deadlines_share_a_schedule() {
        assert_ne!(schedule("b/c", "a"), schedule("c", "a/b"));
        assert_ne!(schedule("acme/site#42", "answer"), schedule("acme/site#42", "lease"));
        assert_eq!(schedule("acme/site#42", "lease"), schedule("acme/site#42", "lease"));
    }
}
