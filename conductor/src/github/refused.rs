//! What is answered to a request that brought no record.

use std::borrow::Cow;

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// A request that is refused, in words for the person who reads GitHub's list of deliveries.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error, Serialize)]
#[error("{error}; {hint}")]
pub struct Refused {
    /// The answer's status.
    #[serde(skip)]
    pub status: StatusCode,
    /// What happened.
    pub error: Cow<'static, str>,
    /// What to do about it.
    pub hint: Cow<'static, str>,
    /// After how many seconds to come again, where that helps.
    #[serde(rename = "retry_after", skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
}

impl Refused {
    /// A request that will be refused again in the same form.
    pub fn new(status: StatusCode, error: impl Into<Cow<'static, str>>, hint: impl Into<Cow<'static, str>>) -> Self {
        Self { status, error: error.into(), hint: hint.into(), retry_after: None }
    }

    /// A request that may come again later as it is.
    pub fn for_now(error: impl Into<Cow<'static, str>>, hint: impl Into<Cow<'static, str>>, retry_after: u32) -> Self {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Self { status, error: error.into(), hint: hint.into(), retry_after: Some(retry_after) }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(&self)).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
