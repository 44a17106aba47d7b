//! What agents say of their runs: claims, each of them. What GitHub or the target shows is the fact.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{commit::Oid, id::RecordId};

/// A kind of claim: the last place of the record's subject.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// [`Claimed`].
    Claimed,
    /// [`Alive`].
    Alive,
    /// [`Progressed`].
    Progressed,
    /// [`Finished`].
    Finished,
    /// [`Failed`].
    Failed,
    /// [`GaveUp`].
    GaveUp,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Claimed, Self::Alive, Self::Progressed, Self::Finished, Self::Failed, Self::GaveUp];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::Alive => "alive",
            Self::Progressed => "progressed",
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::GaveUp => "gave_up",
        }
    }

    /// The envelope's `type`.
    #[must_use]
    pub const fn type_name(self) -> &'static str {
        match self {
            Self::Claimed => "rig.agent.claimed.v1",
            Self::Alive => "rig.agent.alive.v1",
            Self::Progressed => "rig.agent.progressed.v1",
            Self::Finished => "rig.agent.finished.v1",
            Self::Failed => "rig.agent.failed.v1",
            Self::GaveUp => "rig.agent.gave_up.v1",
        }
    }

    /// Whether its sentence is for people. That an agent takes an offer the conductor tells, and signs of life nobody.
    #[must_use]
    pub const fn is_words(self) -> bool {
        matches!(self, Self::Progressed | Self::Finished | Self::Failed | Self::GaveUp)
    }
}

/// The right to speak of a piece of work: the run, and the fence it was given.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Fence {
    /// The run.
    pub run: RecordId,
    /// The generation of the offer.
    pub generation: u32,
}

/// `rig.agent.claimed.v1`: an agent takes an offer. It begins once it is told to go.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Claimed {
    /// The sentence people are shown.
    pub say: String,
    /// Which work.
    #[serde(flatten)]
    pub fence: Fence,
}

/// `rig.agent.alive.v1`: an agent lives; with a run, it works on it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Alive {
    /// The sentence people are shown; signs of life are not shown.
    pub say: String,
    /// What it can do: `implementer`, `reviewer`.
    pub role: String,
    /// Where it runs.
    pub pool: String,
    /// What it works on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<Fence>,
    /// It takes nothing before then.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "time::serde::rfc3339::option")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub resting_until: Option<OffsetDateTime>,
}

/// `rig.agent.progressed.v1`: what an agent thinks on its way.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Progressed {
    /// The sentence people are shown.
    pub say: String,
    /// Which work.
    #[serde(flatten)]
    pub fence: Fence,
}

/// `rig.agent.finished.v1`: an agent says that its task is done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Finished {
    /// The sentence people are shown.
    pub say: String,
    /// Which work.
    #[serde(flatten)]
    pub fence: Fence,
    /// What there is to see.
    pub result: Outcome,
}

/// What an agent leaves behind.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "left", rename_all = "snake_case")]
pub enum Outcome {
    /// Commits on the item's branch.
    Pushed {
        /// The branch's head.
        head: Oid,
        /// The pull request's title.
        title: String,
        /// The pull request's text.
        body: String,
    },
    /// A judgement of a head.
    Judged {
        /// The head that was judged.
        head: Oid,
        /// The judgement.
        verdict: Verdict,
        /// The review's text.
        body: String,
        /// Remarks on lines.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        remarks: Vec<Remark>,
    },
}

/// A judgement of a change.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It may land.
    Approved,
    /// It has to change first.
    ChangesRequested,
    /// No judgement: it does not end a review.
    Commented,
}

/// A remark on a line of a change.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Remark {
    /// The file.
    pub path: String,
    /// The line, from 1, as it is after the change.
    pub line: u64,
    /// The words.
    pub body: String,
}

/// `rig.agent.failed.v1`: a run ended without what it was for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Failed {
    /// The sentence people are shown.
    pub say: String,
    /// Which work.
    #[serde(flatten)]
    pub fence: Fence,
    /// Why.
    pub failure: Failure,
}

/// Why a run ended without what it was for, by what is done next.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Failure {
    /// What it works with takes no more for now. The work is not at fault; somebody else may take it.
    Saturated {
        /// When it takes work again.
        #[serde(with = "time::serde::rfc3339")]
        #[schemars(with = "String", extend("format" = "date-time"))]
        until: OffsetDateTime,
    },
    /// A limit of turns or time was reached; what was done is kept, and goes on in another run.
    Incomplete,
    /// It ended as if done, and nothing was there.
    Nothing,
    /// It was told to stop.
    Stopped,
    /// It broke.
    Broken {
        /// How, for whoever mends it.
        error: String,
    },
}

/// `rig.agent.gave_up.v1`: an agent cannot do this, and says what would help.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct GaveUp {
    /// The sentence people are shown.
    pub say: String,
    /// Which work.
    #[serde(flatten)]
    pub fence: Fence,
}
