//! Why GitHub says no, in its own words and numbers.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde::Serialize;

use super::answer::{self, Answer};

/// A no.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{status}: {message}")]
pub(crate) struct Refusal {
    status: StatusCode,
    message: String,
    errors: Vec<Wrong>,
}

/// GitHub tells what is wrong by field, or in a sentence.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
enum Wrong {
    Field(Fault),
    Said(String),
}

/// What is wrong with one field.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Fault {
    pub(crate) resource: &'static str,
    /// Empty where the fault is no single field's.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) field: &'static str,
    pub(crate) code: Code,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Code {
    Missing,
    MissingField,
    Invalid,
    AlreadyExists,
    Custom,
}

#[derive(Serialize)]
struct Body<'a> {
    message: &'a str,
    #[serde(skip_serializing_if = "<[Wrong]>::is_empty")]
    errors: &'a [Wrong],
    documentation_url: &'static str,
    status: &'a str,
}

const DOCUMENTATION: &str = "https://docs.github.com/rest";

impl Refusal {
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), errors: Vec::new() }
    }

    /// There is none, or one may not know that there is.
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not Found")
    }

    pub(crate) fn bad_credentials() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Bad credentials")
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    /// A field is wrong.
    pub(crate) fn invalid(resource: &'static str, field: &'static str, code: Code) -> Self {
        Self::faulty(Fault { resource, field, code, message: None })
    }

    /// Something is wrong that a sentence must tell.
    pub(crate) fn custom(resource: &'static str, field: &'static str, message: impl Into<String>) -> Self {
        Self::faulty(Fault { resource, field, code: Code::Custom, message: Some(message.into()) })
    }

    /// The request is understood and cannot be done, for a reason that is told in one sentence.
    pub(crate) fn unprocessable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, message)
    }

    /// The same, where GitHub says it beside its usual words.
    pub(crate) fn said(message: impl Into<String>) -> Self {
        let errors = vec![Wrong::Said(message.into())];
        Self { errors, ..Self::unprocessable("Unprocessable Entity") }
    }

    fn faulty(fault: Fault) -> Self {
        let message = "Validation Failed".to_owned();
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, message, errors: vec![Wrong::Field(fault)] }
    }

    pub(crate) fn answer(&self) -> Answer {
        answer::json(
            self.status,
            &Body {
                message: &self.message,
                errors: &self.errors,
                documentation_url: DOCUMENTATION,
                status: self.status.as_str(),
            },
        )
    }
}

/// Why a handler stops before it has changed anything.
#[derive(Debug)]
pub(crate) enum Stop {
    /// GitHub says no.
    Refused(Refusal),
    /// It goes on elsewhere.
    Elsewhere(Box<Response<Bytes>>),
    /// Git must be asked first.
    Unknown(super::question::Question),
    /// This App needs a key pair first.
    Unpaired(super::id::AppId),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
