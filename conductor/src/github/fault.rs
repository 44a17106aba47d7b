//! What went wrong on GitHub, by what is done next.

use bus::catalogue::outcome::Refusal;
use http::StatusCode;

/// What went wrong on GitHub.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum Fault {
    /// The same would be refused again.
    #[error("{1}")]
    Refused(Refusal, String),
    /// It may go later.
    #[error("{0}")]
    Later(String),
    /// Too much was asked or written: who goes on at once is shut out for longer.
    #[error("{0}")]
    Limited(String),
    /// The credential no longer counts; another is minted for the next try.
    #[error("{0}")]
    Credential(String),
}

impl From<octocrab::Error> for Fault {
    fn from(error: octocrab::Error) -> Self {
        match &error {
            octocrab::Error::GitHub { source, .. } => Self::of(source.status_code, &words(source)),
            octocrab::Error::Json { .. } | octocrab::Error::Serde { .. } => {
                Self::Later(format!("GitHub's answer was not understood: {}", chain(&error)))
            }
            _ => Self::Later(format!("GitHub could not be asked: {}", chain(&error))),
        }
    }
}

impl Fault {
    fn of(status: StatusCode, words: &str) -> Self {
        let answer = format!("{} {words}", status.as_u16());
        let refused = |why| Self::Refused(why, answer.clone());
        match status.as_u16() {
            401 => Self::Credential(answer),
            403 | 429 if words.to_lowercase().contains("rate limit") => Self::Limited(answer),
            403 | 451 => refused(Refusal::Forbidden),
            404 | 410 => refused(Refusal::Gone),
            405 => refused(Refusal::NotMergeable),
            409 => refused(Refusal::HeadMoved),
            400 | 413 | 422 => refused(Refusal::Invalid),
            _ => Self::Later(answer),
        }
    }

    /// Whether GitHub answered that the order is wrong in itself.
    pub(super) const fn is_invalid(&self) -> bool {
        matches!(self, Self::Refused(Refusal::Invalid, _))
    }
}

/// GitHub's sentence, with the first thing that it says of its details.
fn words(error: &octocrab::GitHubError) -> String {
    let detail = error.errors.iter().flatten().next();
    let detail = detail.map(|detail| detail.get("message").cloned().unwrap_or_else(|| detail.clone()));
    match detail {
        Some(serde_json::Value::String(detail)) => format!("{}: {detail}", error.message),
        Some(detail) => format!("{}: {detail}", error.message),
        None => error.message.clone(),
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let sources = std::iter::successors(Some(error), |error| error.source());
    let mut words: Vec<String> = sources.map(ToString::to_string).filter(|text| !text.is_empty()).collect();
    words.dedup();
    words.truncate(4);
    words.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_what_is_done_next() {
        let of = |status: u16, words| Fault::of(StatusCode::from_u16(status).unwrap(), words);
        assert!(matches!(of(401, "Bad credentials"), Fault::Credential(_)));
        assert!(matches!(of(403, "You have exceeded a secondary rate limit"), Fault::Limited(_)));
        assert!(matches!(of(403, "Resource not accessible"), Fault::Refused(Refusal::Forbidden, _)));
        assert!(matches!(of(404, "Not Found"), Fault::Refused(Refusal::Gone, _)));
        assert!(matches!(of(409, "Head branch was modified"), Fault::Refused(Refusal::HeadMoved, _)));
        assert!(matches!(of(502, "Bad Gateway"), Fault::Later(_)));
    }
}
