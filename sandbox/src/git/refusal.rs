//! What a caller hears who does not get what it wanted.

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use thiserror::Error;

use super::{Access, Error, RepositoryId};

/// Why a request was not answered as it wished. Git shows the text behind `remote: `.
#[derive(Debug, Error)]
pub(super) enum Refusal {
    #[error("Invalid username or token. Password authentication is not supported for Git operations.")]
    Unknown,
    #[error("Repository not found.")]
    Hidden,
    #[error("{0}")]
    Denied(String),
    #[error(
        "Please upgrade your git client.\nGitHub.com no longer supports git over dumb-http: https://github.com/blog/809-git-dumb-http-transport-to-be-turned-off-in-90-days"
    )]
    Dumb,
    #[error("The request is not what git sends: {0}.")]
    Malformed(String),
    #[error("A request has at most {limit} bytes here.")]
    TooLarge { limit: u64 },
    #[error("The content type or encoding is not one that git uses.")]
    Foreign,
    #[error("The request took too long and was stopped.")]
    TooLong,
    #[error("The server is going down.")]
    Gone,
    /// The reason is for the log: it names folders.
    #[error("The server failed. Its log says why.")]
    Failed(#[from] Error),
}

/// Nothing here may be kept by anyone on the way.
pub(super) const UNCACHED: [(HeaderName, HeaderValue); 3] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-cache, max-age=0, must-revalidate")),
    (header::EXPIRES, HeaderValue::from_static("Fri, 01 Jan 1980 00:00:00 GMT")),
    (header::PRAGMA, HeaderValue::from_static("no-cache")),
];

impl Refusal {
    /// The repository, or what keeps the caller from it.
    pub(super) fn from_access(access: Option<Access>) -> Result<RepositoryId, Self> {
        match access {
            Some(Access::Granted(repository)) => Ok(repository),
            Some(Access::Unknown) => Err(Self::Unknown),
            Some(Access::Hidden) => Err(Self::Hidden),
            Some(Access::Denied(message)) => Err(Self::Denied(message)),
            None => Err(Self::Gone),
        }
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::Unknown => StatusCode::UNAUTHORIZED,
            Self::Hidden => StatusCode::NOT_FOUND,
            Self::Denied(_) | Self::Dumb => StatusCode::FORBIDDEN,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Foreign => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLong | Self::Gone => StatusCode::SERVICE_UNAVAILABLE,
            Self::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        if let Self::Failed(error) = &self {
            let reason: &dyn std::error::Error = error;
            tracing::error!(reason, "a git request failed");
        }
        let mut response = (self.status(), UNCACHED, self.to_string()).into_response();
        if matches!(self, Self::Unknown) {
            let realm = HeaderValue::from_static(r#"Basic realm="GitHub""#);
            response.headers_mut().insert(header::WWW_AUTHENTICATE, realm);
        }
        response
    }
}
