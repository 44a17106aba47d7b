//! What a record tells the machine, without any server: a total function from a stored message to a fact.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "tests"
)]

mod corpus;
#[path = "read/github.rs"]
mod github;
#[path = "read/others.rs"]
mod others;
#[path = "read/samples.rs"]
mod samples;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use bus::{Draft, Sequenced};
use conductor::{
    github::inbound,
    machine::{Fact, Record},
    reading,
};
use serde_json::Value;
use time::{OffsetDateTime, macros::datetime};

const NOW: OffsetDateTime = datetime!(2026-11-22 10:00 UTC);

/// What a delivery tells, from the door on.
pub fn delivered(event: &str, body: &[u8]) -> Fact {
    let pairs = [("x-github-event", event), ("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958")];
    let pairs = pairs.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()));
    let headers: HeaderMap = pairs.into_iter().collect();
    read(inbound::draft(&headers, body, NOW).unwrap()).fact
}

pub fn told(event: &str, payload: &Value) -> Fact {
    delivered(event, payload.to_string().as_bytes())
}

pub fn read(draft: Draft) -> Record {
    let (subject, body) = (draft.subject.to_string(), draft.body);
    let record = reading::read(&Sequenced { sequence: 1, subject, headers: Default::default(), body, stored_at: NOW });
    assert_eq!((record.id, record.at), (draft.id, NOW));
    record
}
