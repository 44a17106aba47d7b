//! Putting records back into a closed LOG, each at its number.

use std::time::Duration;

use async_nats::{
    HeaderMap, Request, RequestErrorKind,
    header::{NATS_BATCH_COMMIT, NATS_BATCH_ID, NATS_BATCH_SEQUENCE, NATS_EXPECTED_LAST_SEQUENCE},
};
use bus::{connect::Connection, stream::restoring_subject};
use bytes::Bytes;
use serde::Deserialize;
use uuid::Uuid;

use super::Error;

/// How long the server may take to flush a batch.
const ACK_WAIT: Duration = Duration::from_secs(30);

/// "maximum bytes exceeded", "insufficient resources" and "no storage".
const NO_ROOM: [u64; 4] = [10077, 10023, 10028, 10047];

/// "atomic publish too many inflight", "temporarily unavailable".
const NOT_NOW: [u64; 3] = [10210, 10008, 10039];

/// A record as it is put back.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) number: u64,
    /// Where it stands in LOG.
    pub(super) subject: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// Why a batch is not known to be stored.
pub(super) enum Failure {
    /// It may be stored or not: LOG's last number tells.
    InDoubt,
    Final(Error),
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    seq: u64,
    error: Option<Refused>,
}

#[derive(Deserialize)]
struct Refused {
    #[serde(default)]
    err_code: u64,
    #[serde(default)]
    description: String,
}

impl Message {
    pub(super) fn size(&self) -> usize {
        let headers = self.headers.iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
        let headers: usize =
            headers.map(|(name, value)| AsRef::<str>::as_ref(name).len() + value.as_str().len() + 4).sum();
        self.body.len() + headers + "NATS/1.0\r\n\r\n".len()
    }
}

/// Stores the whole batch, each record at its number, or nothing of it.
pub(super) async fn put_back(connection: &Connection, batch: Vec<Message>) -> Result<(), Failure> {
    let (Some(first), Some(last)) =
        (batch.first().map(|message| message.number), batch.last().map(|message| message.number))
    else {
        return Ok(());
    };
    let name = batch_id();
    let count = batch.len();
    for (n, mut message) in batch.into_iter().enumerate() {
        if n == 0 {
            message.headers.insert(NATS_EXPECTED_LAST_SEQUENCE, (first - 1).to_string());
        }
        if count > 1 {
            message.headers.insert(NATS_BATCH_ID, name.as_str());
            message.headers.insert(NATS_BATCH_SEQUENCE, (n + 1).to_string());
        }
        fits(connection, &message)?;
        if n + 1 < count {
            send(connection, message).await?;
        } else {
            commit(connection, message, count > 1, last).await?;
        }
    }
    Ok(())
}

/// A name for one attempt. It only has to differ from the names of other open batches.
#[expect(clippy::disallowed_methods, reason = "names a transfer, not a record")]
fn batch_id() -> String {
    Uuid::new_v4().simple().to_string()
}

fn fits(connection: &Connection, message: &Message) -> Result<(), Failure> {
    let (size, most) = (message.size(), connection.client().max_payload());
    if size <= most {
        return Ok(());
    }
    Err(Failure::Final(Error::TooLarge { sequence: message.number, size, most }))
}

#[expect(clippy::disallowed_methods, reason = "part of a batch: its commit is answered for all of it")]
async fn send(connection: &Connection, message: Message) -> Result<(), Failure> {
    let subject = restoring_subject(&message.subject);
    let sent = connection.client().publish_with_headers(subject, message.headers, message.body).await;
    sent.map_err(|_| Failure::InDoubt)
}

async fn commit(connection: &Connection, mut message: Message, batch: bool, last: u64) -> Result<(), Failure> {
    if batch {
        message.headers.insert(NATS_BATCH_COMMIT, "1");
    }
    let at = message.number;
    let subject = restoring_subject(&message.subject);
    let request = Request::new().headers(message.headers).payload(message.body).timeout(Some(ACK_WAIT));
    let mut link = connection.link();
    let before = *link.borrow_and_update();
    let answer = tokio::select! {
        answer = connection.client().send_request(subject, request) => answer,
        _ = link.wait_for(|link| *link != before) => return Err(Failure::InDoubt),
    };
    let answer = answer.map_err(|error| match error.kind() {
        RequestErrorKind::InvalidSubject | RequestErrorKind::MaxPayloadExceeded => {
            Failure::Final(Error::Refused { at, reason: error.to_string() })
        }
        RequestErrorKind::TimedOut | RequestErrorKind::NoResponders | RequestErrorKind::Other => Failure::InDoubt,
    })?;
    let answer: Answer = serde_json::from_slice(&answer.payload).map_err(|_| Failure::InDoubt)?;
    match answer.error {
        None if answer.seq == last => Ok(()),
        None => Err(Failure::InDoubt),
        Some(refused) if NO_ROOM.contains(&refused.err_code) => Err(Failure::Final(Error::Full { at })),
        Some(refused) if NOT_NOW.contains(&refused.err_code) => Err(Failure::InDoubt),
        Some(Refused { err_code, description }) => {
            Err(Failure::Final(Error::Refused { at, reason: format!("{description} ({err_code})") }))
        }
    }
}
