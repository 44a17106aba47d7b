//! How a run ended, and what is said of it.

use bus::{
    catalogue::agent::{Failed, Failure, Finished, GaveUp, Kind, Outcome, Verdict},
    publish,
};
use time::format_description::well_known::Rfc3339;

use super::{Halt, claims::Claims};
use crate::{
    api,
    character::{Moment, tidy},
    git, git_door, workspace,
};
use bus::catalogue::cmd::Offer;

/// How a run ended.
#[derive(Debug)]
pub(super) enum End {
    /// Something is there.
    Left {
        /// When people are told.
        moment: Moment,
        /// The brain's words.
        words: String,
        /// The change in numbers.
        change: String,
        outcome: Outcome,
    },
    /// It cannot do this, and says what would help.
    GaveUp(String),
    /// Nothing is there, or not all of it.
    Failed(Failure, String),
}

impl End {
    pub(super) fn broken(error: impl ToString) -> Self {
        let error = error.to_string();
        Self::Failed(Failure::Broken { error: error.clone() }, error)
    }

    pub(super) const fn nothing() -> Self {
        Self::Failed(Failure::Nothing, String::new())
    }

    /// Says it; returns once it is stored.
    pub(super) async fn claim(self, claims: &Claims<'_>, offer: &Offer) -> Result<(), publish::Error> {
        let fence = offer.fence;
        match self {
            Self::Left { moment, words, change, outcome } => {
                let (Outcome::Pushed { head, .. } | Outcome::Judged { head, .. }) = &outcome;
                let places = [("words", words.as_str()), ("head", &head.short()), ("change", &change)];
                let say = claims.sentence(moment, &places);
                let said = Finished { say, fence, result: outcome };
                claims.say(Kind::Finished, claims.id(offer, Kind::Finished), said).await
            }
            Self::GaveUp(words) => {
                let say = claims.sentence(Moment::GaveUp, &[("words", &words)]);
                claims.say(Kind::GaveUp, claims.id(offer, Kind::GaveUp), GaveUp { say, fence }).await
            }
            Self::Failed(failure, why) => {
                let until = until(&failure);
                let say = claims.sentence(moment_of(&failure), &[("why", &tidy(&why)), ("until", &until)]);
                claims.say(Kind::Failed, claims.id(offer, Kind::Failed), Failed { say, fence, failure }).await
            }
        }
    }
}

fn until(failure: &Failure) -> String {
    match failure {
        Failure::Saturated { until } => until.format(&Rfc3339).unwrap_or_default(),
        Failure::Incomplete | Failure::Nothing | Failure::Stopped | Failure::Broken { .. } => String::new(),
    }
}

const fn moment_of(failure: &Failure) -> Moment {
    match failure {
        Failure::Saturated { .. } => Moment::Resting,
        Failure::Incomplete => Moment::Incomplete,
        Failure::Nothing => Moment::Nothing,
        Failure::Stopped => Moment::Stopped,
        Failure::Broken { .. } => Moment::Broken,
    }
}

/// When people are told of a judgement.
pub(super) const fn moment_of_verdict(verdict: Verdict) -> Moment {
    match verdict {
        Verdict::Approved => Moment::Approved,
        Verdict::ChangesRequested => Moment::Refused,
        Verdict::Commented => Moment::Commented,
    }
}

impl From<Halt> for End {
    fn from(Halt(why): Halt) -> Self {
        Self::Failed(Failure::Stopped, why)
    }
}

impl From<git_door::Error> for End {
    fn from(error: git_door::Error) -> Self {
        match error {
            git_door::Error::Halted(halt) => halt.into(),
            error => Self::broken(error),
        }
    }
}

impl From<workspace::Error> for End {
    fn from(error: workspace::Error) -> Self {
        match error {
            workspace::Error::Door(error) => error.into(),
            error => Self::broken(error),
        }
    }
}

impl From<git::Error> for End {
    fn from(error: git::Error) -> Self {
        Self::broken(error)
    }
}

impl From<api::Error> for End {
    fn from(error: api::Error) -> Self {
        let source = std::error::Error::source(&error).map(|source| format!(": {source}")).unwrap_or_default();
        Self::broken(format!("{error}{source}"))
    }
}
