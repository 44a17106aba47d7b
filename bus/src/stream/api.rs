//! One way of asking JetStream, so that every answer is read the same.

use async_nats::jetstream::{
    Context, ErrorCode,
    context::{RequestError, RequestErrorKind},
    response::Response,
};
use serde::{Serialize, de::DeserializeOwned};
use std::time::Duration;

use super::Error;

/// Asks `$JS.API.<subject>`; `what` says in errors what was asked for.
pub(crate) async fn ask<T, V>(js: &Context, subject: String, what: &str, request: &T) -> Result<V, Error>
where
    T: Serialize + Sync,
    V: DeserializeOwned,
{
    match js.request(subject, request).await {
        Ok(Response::Ok(answer)) => Ok(answer),
        Ok(Response::Err { error }) => Err(refused(what, error.error_code(), error.to_string())),
        Err(error) => Err(failed(what, error)),
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
        RequestErrorKind::InvalidSubject => Error::Refused { what, reason: error.to_string(), code: 0 },
        RequestErrorKind::NoResponders | RequestErrorKind::TimedOut | RequestErrorKind::Other => {
            Error::Unreachable { what, source: error.into() }
        }
    }
}
