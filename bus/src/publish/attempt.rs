//! One attempt to store a group: one message, or one atomic batch.

use std::time::Duration;

use async_nats::{
    HeaderMap, RequestErrorKind,
    header::{NATS_BATCH_COMMIT, NATS_BATCH_ID, NATS_BATCH_SEQUENCE, NATS_MESSAGE_ID},
};
use serde::Deserialize;
use tokio::sync::broadcast;
use uuid::Uuid;

use super::{Error, Stored, group::Pending};
use crate::connect::Connection;

/// How long the server may take to flush a group. Beyond it the group is in doubt and goes again under the same ids.
pub(super) const ACK_WAIT: Duration = Duration::from_secs(10);

/// The server's error codes that decide what happens next.
pub(super) mod code {
    /// "atomic publish contains duplicate message id": a batch held an id that the stream has.
    pub(in crate::publish) const HOLDS_STORED: u64 = 10201;
    /// "maximum bytes exceeded" and its like: the stream is full.
    pub(in crate::publish) const FULL: u64 = 10077;
    /// "atomic publish too many inflight": too many open batches.
    pub(in crate::publish) const TOO_MANY_BATCHES: u64 = 10210;
    /// "insufficient resources": the account's or the server's storage is used up.
    pub(in crate::publish) const NO_STORAGE: [u64; 3] = [10023, 10028, 10047];
    /// "JetStream system temporarily unavailable".
    pub(in crate::publish) const NOT_NOW: [u64; 3] = [10008, 10039, 503];
}

/// Why an attempt did not store the group.
pub(super) enum Failure {
    /// The server was away, or the answer was lost: try again.
    Later,
    /// The group holds an id that is stored.
    HoldsStored,
    /// The server will never take it as it is.
    Final(Error),
}

/// What the server answers a publish.
#[derive(Deserialize)]
pub(super) struct Answer {
    #[serde(default)]
    pub(super) seq: u64,
    #[serde(default)]
    duplicate: bool,
    pub(super) error: Option<Refused>,
}

#[derive(Deserialize)]
pub(super) struct Refused {
    #[serde(default)]
    pub(super) err_code: u64,
    #[serde(default)]
    pub(super) description: String,
}

/// Stores one record.
pub(super) async fn store_one(connection: &Connection, pending: &Pending) -> Result<Stored, Failure> {
    let stored = store(connection, std::slice::from_ref(pending)).await?;
    stored.into_iter().next().ok_or(Failure::Later)
}

/// Stores the whole group or nothing of it.
pub(super) async fn store(connection: &Connection, group: &[Pending]) -> Result<Vec<Stored>, Failure> {
    fits(connection, group)?;
    let mut link = connection.link();
    let before = *link.borrow_and_update();
    if !before.up {
        return Err(Failure::Later);
    }
    let refusals = connection.refusals();
    tokio::select! {
        answer = send(connection, group) => stored(answer?, group),
        refused = refusal_of(group, refusals) => Err(Failure::Final(refused)),
        _ = link.wait_for(|now| *now != before) => Err(Failure::Later),
    }
}

/// Waits for the server to say that this user may not speak on one of the group's subjects. It says so only as an event
/// of the connection; the publish itself is never answered.
async fn refusal_of(group: &[Pending], mut refusals: broadcast::Receiver<String>) -> Error {
    loop {
        let Ok(reason) = refusals.recv().await else { return std::future::pending().await };
        let subjects = group.iter().map(|pending| pending.draft.subject.to_string());
        for subject in subjects {
            if reason.contains(&format!("\"{subject}\"")) {
                return Error::Refused { subject, reason };
            }
        }
    }
}

fn fits(connection: &Connection, group: &[Pending]) -> Result<(), Failure> {
    let most = connection.client().max_payload();
    let largest = group.iter().map(|pending| pending.draft.body.len()).max().unwrap_or_default();
    if largest > most {
        return Err(Failure::Final(Error::TooLarge { size: largest, most }));
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "part of a batch: its last message is answered for all of it")]
async fn send(connection: &Connection, group: &[Pending]) -> Result<Answer, Failure> {
    let batch = (group.len() > 1).then(batch_id);
    let last = group.len() - 1;
    for (n, pending) in group[..last].iter().enumerate() {
        let headers = headers(connection, pending, batch.as_deref(), n);
        let (subject, body) = (pending.draft.subject.to_string(), pending.draft.body.clone());
        connection.client().publish_with_headers(subject, headers, body).await.map_err(|_| Failure::Later)?;
    }
    let mut headers = headers(connection, &group[last], batch.as_deref(), last);
    if batch.is_some() {
        headers.insert(NATS_BATCH_COMMIT, "1");
    }
    let request =
        async_nats::Request::new().headers(headers).payload(group[last].draft.body.clone()).timeout(Some(ACK_WAIT));
    let subject = group[last].draft.subject.to_string();
    let message =
        connection.client().send_request(subject.clone(), request).await.map_err(|error| match error.kind() {
            RequestErrorKind::MaxPayloadExceeded | RequestErrorKind::InvalidSubject => {
                Failure::Final(Error::Refused { subject, reason: error.to_string() })
            }
            RequestErrorKind::TimedOut | RequestErrorKind::NoResponders | RequestErrorKind::Other => Failure::Later,
        })?;
    serde_json::from_slice(&message.payload).map_err(|_| Failure::Later)
}

/// A name for one attempt. It only has to differ from the names of other open batches.
#[expect(clippy::disallowed_methods, reason = "names a transfer, not a record")]
pub(super) fn batch_id() -> String {
    Uuid::new_v4().simple().to_string()
}

fn headers(connection: &Connection, pending: &Pending, batch: Option<&str>, n: usize) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(NATS_MESSAGE_ID, connection.dedup_key().message_id(pending.draft.id));
    if let Some(batch) = batch {
        headers.insert(NATS_BATCH_ID, batch);
        headers.insert(NATS_BATCH_SEQUENCE, (n + 1).to_string());
    }
    headers
}

fn stored(answer: Answer, group: &[Pending]) -> Result<Vec<Stored>, Failure> {
    if let Some(refused) = answer.error {
        return Err(failure(refused, group));
    }
    let first = answer.seq.saturating_sub(group.len() as u64 - 1);
    Ok((0..group.len() as u64).map(|n| Stored { sequence: first + n, duplicate: answer.duplicate }).collect())
}

fn failure(refused: Refused, group: &[Pending]) -> Failure {
    match refused.err_code {
        code::HOLDS_STORED => Failure::HoldsStored,
        code::TOO_MANY_BATCHES => Failure::Later,
        code if code::NOT_NOW.contains(&code) => Failure::Later,
        code if code == code::FULL || code::NO_STORAGE.contains(&code) => Failure::Final(Error::Full),
        _ => Failure::Final(Error::Refused {
            subject: group[0].draft.subject.to_string(),
            reason: format!("{} ({})", refused.description, refused.err_code),
        }),
    }
}
