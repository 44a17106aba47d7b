//! One way of asking JetStream, so that every answer is read the same.

use std::time::Duration;

use async_nats::{
    Message, RequestError, RequestErrorKind,
    jetstream::{Context, ErrorCode, response::Response},
};
use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};
use tokio::time::Instant;

use super::Error;

/// Asks `$JS.API.<subject>`; `what` says in errors what was asked for. The request `()` is an empty body.
pub(crate) async fn ask<T, V>(js: &Context, subject: String, what: &str, request: &T) -> Result<V, Error>
where
    T: Serialize + Sync,
    V: DeserializeOwned,
{
    let unreadable = |source: serde_json::Error| Error::Unreachable { what: what.to_owned(), source: source.into() };
    let body = serde_json::to_vec(request).map_err(unreadable)?;
    let body = if body == b"null" { Bytes::new() } else { body.into() };
    let answer = answered(js, format!("$JS.API.{subject}"), body).await.map_err(|error| failed(what, error))?;
    match serde_json::from_slice(&answer.payload).map_err(unreadable)? {
        Response::Ok(answer) => Ok(answer),
        Response::Err { error } => Err(refused(what, error.error_code(), error.to_string())),
    }
}

/// How long nobody may answer while the server takes over a new configuration or opens its streams.
const BACK_WITHIN: Duration = Duration::from_secs(2);

/// How long to wait before asking again.
const PAUSE: Duration = Duration::from_millis(50);

/// Asks, and again for a moment where nobody answers at all.
async fn answered(js: &Context, subject: String, body: Bytes) -> Result<Message, RequestError> {
    let until = Instant::now() + BACK_WITHIN;
    loop {
        match js.client().request(subject.clone(), body.clone()).await {
            Err(error) if error.kind() == RequestErrorKind::NoResponders && Instant::now() < until => {
                tokio::time::sleep(PAUSE).await;
            }
            answer => return answer,
        }
    }
}

/// How long the server may need before a name is free again that was just deleted.
const FREED_WITHIN: Duration = Duration::from_secs(5);

/// Asks as [`ask`] does, and again for a while where the server is still putting away what was just deleted (10049).
pub(super) async fn insist<T, V>(js: &Context, subject: &str, what: &str, request: &T) -> Result<V, Error>
where
    T: Serialize + Sync,
    V: DeserializeOwned,
{
    let until = Instant::now() + FREED_WITHIN;
    loop {
        match ask(js, subject.to_owned(), what, request).await {
            Err(Error::Refused { code, .. }) if code == ErrorCode::STREAM_CREATE.0 && Instant::now() < until => {
                tokio::time::sleep(PAUSE).await;
            }
            answer => return answer,
        }
    }
}

fn refused(what: &str, code: ErrorCode, reason: String) -> Error {
    let what = what.to_owned();
    match code {
        ErrorCode::STREAM_NOT_FOUND | ErrorCode::CONSUMER_NOT_FOUND => Error::Missing { what },
        ErrorCode(code) => Error::Refused { what, reason, code },
    }
}

fn failed(what: &str, error: RequestError) -> Error {
    let what = what.to_owned();
    match error.kind() {
        RequestErrorKind::InvalidSubject | RequestErrorKind::MaxPayloadExceeded => {
            Error::Refused { what, reason: error.to_string(), code: 0 }
        }
        RequestErrorKind::NoResponders | RequestErrorKind::TimedOut | RequestErrorKind::Other => {
            Error::Unreachable { what, source: error.into() }
        }
    }
}
