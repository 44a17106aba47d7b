//! One way of asking JetStream, so that every answer is read the same.

use async_nats::jetstream::{
    Context,
    ErrorCode,
    context::{RequestError, RequestErrorKind},
    response::Response,
};
use serde::{Serialize, de::DeserializeOwned};

use super::Error;

/// Asks `$JS.API.<subject>`; `what` says in errors what was asked for.
pub(super) async fn ask<T, V>(js: &Context, subject: String, what: &str, request: &T) -> Result<V, Error>
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
