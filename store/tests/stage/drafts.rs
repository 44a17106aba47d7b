//! Records to publish.

use bus::{
    Draft, Envelope, RecordId, Subject, Token, Trust,
    catalogue::{
        Kind,
        chat::Said,
        dead::{Parked, Retried},
        github::{Delivered, Event},
    },
};
use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

pub const AT: OffsetDateTime = time::macros::datetime!(2026-11-22 10:00:00.123456789 UTC);

/// An id that a test can make again.
pub fn id(name: &str) -> RecordId {
    RecordId::of_delivery(name)
}

fn draft<D: Serialize>(subject: Subject, id: RecordId, kind: Kind, trust: Trust, data: D) -> Draft {
    let mut envelope = Envelope::new(id, kind.type_name(), "/rig/test", AT, data);
    envelope.trust = trust;
    Draft::new(subject, &envelope).unwrap()
}

pub fn operator(room: &str, who: &str) -> Subject {
    Subject::ChatOperator { room: Token::of(room), who: Token::of(who) }
}

pub fn agent(room: &str, name: &str) -> Subject {
    Subject::ChatAgent { room: Token::of(room), name: Token::of(name) }
}

/// Words of an operator.
pub fn words(name: &str, room: &str, who: &str, say: &str) -> Draft {
    said(operator(room, who), name, room, who, say, Trust::Operator)
}

/// Words on a subject, with what they claim of themselves.
pub fn said(subject: Subject, name: &str, room: &str, who: &str, say: &str, trust: Trust) -> Draft {
    let data =
        Said { say: say.to_owned(), room: room.to_owned(), who: who.to_owned(), door: Some("terminal".to_owned()) };
    draft(subject, id(name), Kind::ChatSaid, trust, data)
}

/// A delivery of GitHub's.
pub fn delivery(guid: &str, payload: &str) -> Draft {
    delivery_of(guid, "acme/hello.site", 7, payload)
}

pub fn delivery_of(guid: &str, repository: &str, repository_id: u64, payload: &str) -> Draft {
    let (owner, repo) = repository.split_once('/').unwrap();
    let subject = Subject::Github {
        owner: Token::of_github_name(owner),
        repo: Token::of_github_name(repo),
        kind: Token::of(Event::Issues.name()),
    };
    let data = Delivered {
        say: "an issue was opened".to_owned(),
        event: "issues".to_owned(),
        action: Some("opened".to_owned()),
        delivery: guid.to_owned(),
        hook: Some("42".to_owned()),
        repository: Some(repository.to_owned()),
        repository_id: Some(repository_id),
        payload: RawValue::from_string(payload.to_owned()).unwrap(),
    };
    draft(subject, id(guid), Kind::Github(Event::Issues), Trust::Outsider, data)
}

/// A dead letter.
pub fn parked(name: &str, consumer: &str, sequence: u64) -> Draft {
    let data = Parked {
        say: format!("{consumer} gave record {sequence} up"),
        consumer: consumer.to_owned(),
        sequence,
        subject: "rig.cmd.chat.general.post".to_owned(),
        record: Some(id("command")),
        deliveries: 5,
        errors: vec!["first \0 error".to_owned(), "last error".to_owned()],
    };
    draft(Subject::Dead { consumer: Token::of(consumer) }, id(name), Kind::DeadParked, Trust::Outsider, data)
}

pub fn retried(name: &str, consumer: &str, dead: RecordId, sequence: u64) -> Draft {
    let data = Retried { say: "handed out again".to_owned(), dead, sequence };
    draft(Subject::Dead { consumer: Token::of(consumer) }, id(name), Kind::DeadRetried, Trust::Operator, data)
}

/// The same record, made when somebody's clock said this.
pub fn made(at: OffsetDateTime, draft: Draft) -> Draft {
    let mut envelope: serde_json::Value = serde_json::from_slice(&draft.body).unwrap();
    envelope["time"] = at.format(&Rfc3339).unwrap().into();
    Draft { body: envelope.to_string().into(), ..draft }
}

/// Any bytes on any subject of ours.
pub fn raw(subject: Subject, name: &str, body: impl Into<Bytes>) -> Draft {
    Draft { subject, id: id(name), body: body.into() }
}
