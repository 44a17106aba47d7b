//! Answers.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header::CONTENT_TYPE};
use serde::Serialize;

/// What is answered to a request.
pub type Answer = Response<Bytes>;

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

pub(crate) fn json<T: Serialize>(status: StatusCode, body: &T) -> Answer {
    let mut text = Vec::with_capacity(8 << 10);
    match serde_json::to_writer(&mut text, body) {
        Ok(()) => of(status, text.into(), JSON),
        // Our own structs have string keys and finite numbers: this is for the reader of a bug.
        Err(error) => of(StatusCode::INTERNAL_SERVER_ERROR, error.to_string().into(), JSON),
    }
}

pub(crate) fn ok<T: Serialize>(body: &T) -> Answer {
    json(StatusCode::OK, body)
}

pub(crate) fn created<T: Serialize>(body: &T) -> Answer {
    json(StatusCode::CREATED, body)
}

pub(crate) fn no_content() -> Answer {
    let mut answer = Answer::default();
    *answer.status_mut() = StatusCode::NO_CONTENT;
    answer
}

/// A body of another type than JSON.
pub(crate) fn of(status: StatusCode, body: Bytes, kind: HeaderValue) -> Answer {
    let mut answer = Answer::new(body);
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, kind);
    answer
}
