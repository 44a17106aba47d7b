//! Publishing behind a fence: records that stand together with a position, or not at all.
//!
//! The first record of the group stands on a subject on which only its publisher writes, and the server takes the group
//! only while the last record there is the one that the publisher knows of. Two who take themselves for the same
//! publisher therefore never both write: whoever is second is refused, the whole group with it.
//!
//! The records carry no deduplication id. The fence refuses a group that is stored already, and an id that the stream
//! happens to hold would refuse one that is not.

use async_nats::{
    HeaderMap, RequestErrorKind,
    header::{NATS_BATCH_COMMIT, NATS_BATCH_ID, NATS_BATCH_SEQUENCE, NATS_EXPECTED_LAST_SUBJECT_SEQUENCE},
};

use super::attempt::{ACK_WAIT, Answer, Refused, batch_id, code};
use crate::{connect::Connection, record::Draft};

/// The most records in one group: the server refuses a batch of more than a thousand.
pub const MOST_RECORDS: usize = 1000;

/// "wrong last sequence": somebody else wrote behind the fence.
const WRONG_LAST: [u64; 2] = [10071, 10164];

/// Why a group was not stored, or is in doubt, by what its publisher does next.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another record stands on the first one's subject than the publisher knew of: its own, stored by an attempt whose
    /// answer was lost, or somebody else's. Look.
    #[error("another record stands there than was expected")]
    Fenced,
    /// The server was away or did not answer. The group may be stored all the same: look.
    #[error("the channel did not answer: {0}")]
    Unanswered(String),
    /// The stream is full: again, after room was made.
    #[error("the stream is full and keeps what it has; raise max_bytes and run `rig bus apply`")]
    Full,
    /// Never: the server found something wrong.
    #[error("the server refused the group on `{subject}`: {reason}")]
    Refused {
        /// Where its first record should have stood.
        subject: String,
        /// The server's words.
        reason: String,
    },
}

/// Stores the records in their order, the first with the fence `expected`: the number of the last record on its
/// subject, 0 where there is none. Returns the number of the first; the others follow without a gap.
///
/// # Errors
/// Nothing is stored then, or, after [`Error::Unanswered`] and [`Error::Fenced`], perhaps by another attempt.
pub async fn store(connection: &Connection, expected: u64, records: &[Draft]) -> Result<u64, Error> {
    let Some((last, others)) = records.split_last() else {
        return Ok(expected);
    };
    let mut link = connection.link();
    let before = *link.borrow_and_update();
    if !before.up {
        return Err(Error::Unanswered("it is away".to_owned()));
    }
    let answer = tokio::select! {
        answer = send(connection, expected, others, last) => answer?,
        _ = link.wait_for(|now| *now != before) => return Err(Error::Unanswered("it went away".to_owned())),
    };
    match answer.error {
        None => Ok(answer.seq.saturating_sub(others.len() as u64)),
        Some(refused) => Err(error(refused, records)),
    }
}

#[expect(clippy::disallowed_methods, reason = "part of a batch: its last message is answered for all of it")]
async fn send(connection: &Connection, expected: u64, others: &[Draft], last: &Draft) -> Result<Answer, Error> {
    let batch = (!others.is_empty()).then(batch_id);
    for (n, draft) in others.iter().enumerate() {
        let headers = headers(expected, batch.as_deref(), n);
        let sent = connection.client().publish_with_headers(draft.subject.to_string(), headers, draft.body.clone());
        sent.await.map_err(|error| Error::Unanswered(error.to_string()))?;
    }
    let mut headers = headers(expected, batch.as_deref(), others.len());
    if batch.is_some() {
        headers.insert(NATS_BATCH_COMMIT, "1");
    }
    let subject = last.subject.to_string();
    let request = async_nats::Request::new().headers(headers).payload(last.body.clone()).timeout(Some(ACK_WAIT));
    let message =
        connection.client().send_request(subject.clone(), request).await.map_err(|error| match error.kind() {
            RequestErrorKind::MaxPayloadExceeded | RequestErrorKind::InvalidSubject => {
                Error::Refused { subject, reason: error.to_string() }
            }
            RequestErrorKind::TimedOut | RequestErrorKind::NoResponders | RequestErrorKind::Other => {
                Error::Unanswered(error.to_string())
            }
        })?;
    serde_json::from_slice(&message.payload).map_err(|error| Error::Unanswered(error.to_string()))
}

fn headers(expected: u64, batch: Option<&str>, n: usize) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if n == 0 {
        headers.insert(NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, expected.to_string());
    }
    if let Some(batch) = batch {
        headers.insert(NATS_BATCH_ID, batch);
        headers.insert(NATS_BATCH_SEQUENCE, (n + 1).to_string());
    }
    headers
}

fn error(refused: Refused, records: &[Draft]) -> Error {
    match refused.err_code {
        code if WRONG_LAST.contains(&code) => Error::Fenced,
        code if code == code::TOO_MANY_BATCHES || code::NOT_NOW.contains(&code) => {
            Error::Unanswered(refused.description)
        }
        code if code == code::FULL || code::NO_STORAGE.contains(&code) => Error::Full,
        code => Error::Refused {
            subject: records.first().map(|record| record.subject.to_string()).unwrap_or_default(),
            reason: format!("{} ({code})", refused.description),
        },
    }
}
