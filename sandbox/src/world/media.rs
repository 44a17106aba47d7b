//! What form of an answer is wanted, by `Accept`.

use http::{HeaderValue, StatusCode, header::ACCEPT};

use super::{
    answer::{self, Answer},
    call::Call,
};

/// The form of an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Media {
    #[default]
    Json,
    /// The bytes of a file.
    Raw,
    /// A directory as an object.
    Object,
    Diff,
    Patch,
    /// A commit's id alone.
    Sha,
}

impl Media {
    /// The first form of GitHub's own that is named: `application/vnd.github.v3.raw+json`.
    fn named(accept: &str) -> Self {
        accept.split(',').find_map(Self::of).unwrap_or_default()
    }

    fn of(kind: &str) -> Option<Self> {
        let kind = kind.split(';').next()?.trim();
        let name = kind.strip_prefix("application/vnd.github.")?;
        let name = name.strip_suffix("+json").unwrap_or(name);
        match name.rsplit('.').next()? {
            "raw" => Some(Self::Raw),
            "object" => Some(Self::Object),
            "diff" => Some(Self::Diff),
            "patch" => Some(Self::Patch),
            "sha" => Some(Self::Sha),
            _ => None,
        }
    }

    const fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Json => "application/json; charset=utf-8",
            Self::Raw => "application/vnd.github.raw; charset=utf-8",
            Self::Object => "application/vnd.github.object; charset=utf-8",
            Self::Diff => "application/vnd.github.diff; charset=utf-8",
            Self::Patch => "application/vnd.github.patch; charset=utf-8",
            Self::Sha => "application/vnd.github.sha; charset=utf-8",
        })
    }

    /// An answer in this form.
    pub(crate) fn answer(self, body: impl Into<bytes::Bytes>) -> Answer {
        answer::of(StatusCode::OK, body.into(), self.header())
    }
}

impl Call<'_> {
    /// The form of answer that is wanted.
    pub(crate) fn media(&self) -> Media {
        let accept = self.request.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok());
        accept.map(Media::named).unwrap_or_default()
    }
}
