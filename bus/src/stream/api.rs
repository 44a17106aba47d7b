//! One way of asking JetStream, so that every answer is read the same.

use std::time::Duration;

use async_nats::{
    RequestError, RequestErrorKind,
    jetstream::{Context, ErrorCode, response::Response},
};
use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};

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
    let answer = js.client().request(format!("$JS.API.{subject}"), body).await;
    let answer = answer.map_err(|error| failed(what, error))?;
    match serde_json::from_slice(&answer.payload).map_err(unreadable)? {
        Response::Ok(answer) => Ok(answer),
        Response::Err { error } => Err(refused(what, error.error_code(), error.to_string())),
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
    let until = tokio::time::Instant::now() + FREED_WITHIN;
    loop {
        match ask(js, subject.to_owned(), what, request).await {
            Err(Error::Refused { code, .. })
                if code == ErrorCode::STREAM_CREATE.0 && tokio::time::Instant::now() < until =>
            {
                tokio::time::sleep(Duration::from_millis(50)).await;
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
