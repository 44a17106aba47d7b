//! `rig dead retry`: the same record again, under its own id, on its own subject.
//!
//! The stream knows the second telling of a record by an id of its own, derived from the giving up: the record's own one
//! may still be in the stream's memory, and the retry would be dropped as a double. Doing it twice is doing it once.

use std::time::Duration;

use bus::{
    Draft, Envelope, Subject, Token, Trust,
    catalogue::{Kind, dead::Retried},
    envelope::now,
    publish::{Error, Options, Publisher, Stored},
};
use store::{
    Store,
    query::dead::{self, Dead},
};

use super::{Retry, numbered};
use crate::{
    context::Running,
    exit::{Failure, sentence},
    screen::{self, GOOD},
};

/// How long a publish may wait for the server.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn run(retry: &Retry, store: &Store, running: &Running) -> Result<(), Failure> {
    let dead = numbered(store, retry.number).await?;
    if let Some(before) = dead.retried {
        let (number, sequence) = (dead.sequence, before.sequence);
        return screen::print(&format!(
            "{number} was handed out again before, as record {sequence}: nothing is done twice."
        ));
    }
    let record = record(store, &dead).await?;
    let operator = running.connect("rig dead").await?;
    let publisher = Publisher::start(&operator, Options { wait: PATIENCE, ..Options::default() });
    let again = publish(&publisher, record).await?;
    publish(&publisher, retried(&dead, again.sequence)?).await?;
    screen::print(&format!(
        "{GOOD}✓{GOOD:#} record {} is handed out again as {}, under the same id.",
        dead.about_sequence, again.sequence
    ))
}

/// The record, byte for byte.
async fn record(store: &Store, dead: &Dead) -> Result<Draft, Failure> {
    let body = dead::body(store, dead).await?.ok_or_else(|| {
        Failure::failed(format!("record {} is not among the rows", dead.about_sequence))
            .advice("`rig status` says whether the rows are up to date.")
    })?;
    let subject: Subject = dead.about_subject.parse().map_err(|error: bus::subject::UnknownSubject| {
        Failure::refused(format!("it cannot be handed out again: {error}"))
    })?;
    Ok(Draft { subject, id: dead.id.named("retry"), body })
}

/// That it was handed out again.
fn retried(dead: &Dead, sequence: u64) -> Result<Draft, Failure> {
    let say = format!("record {} is handed out again to {} as {sequence}", dead.about_sequence, dead.consumer);
    let data = Retried { say, dead: dead.id, sequence };
    let id = dead.id.named("retried");
    let mut envelope = Envelope::new(id, Kind::DeadRetried.type_name(), "/rig/operator", now(), data);
    envelope.cause = Some(dead.id);
    envelope.trust = Trust::Operator;
    let subject = Subject::Dead { consumer: Token::of(&dead.consumer) };
    Draft::new(subject, &envelope).map_err(|error| Failure::failed("the retry cannot be written down").because(error))
}

async fn publish(publisher: &Publisher, draft: Draft) -> Result<Stored, Failure> {
    publisher.publish(draft).await.map_err(|error| match &error {
        Error::Unreachable(_) | Error::Stopped => {
            Failure::unreachable(sentence(&error)).advice("Run it again: what is stored already is not stored twice.")
        }
        Error::Full => Failure::failed(sentence(&error)),
        Error::TooLarge { .. } | Error::Refused { .. } => Failure::refused(sentence(&error)),
    })
}
