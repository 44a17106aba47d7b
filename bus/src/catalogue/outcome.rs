//! What became of a command.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::agent::Fence;
use crate::{
    commit::Oid,
    id::RecordId,
    number::{IssueNumber, PullNumber},
};

/// `rig.outcome.<verb>.v1`: what became of a command.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Outcome {
    /// The sentence people are shown.
    pub say: String,
    /// The command.
    pub command: RecordId,
    /// What became of it.
    #[serde(flatten)]
    pub end: End,
}

/// What became of a command, by what is done next.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "end", rename_all = "snake_case")]
pub enum End {
    /// Done, or found done.
    Done {
        /// What it left, where that has a number.
        #[serde(default, skip_serializing_if = "Left::is_nothing")]
        left: Left,
    },
    /// Refused for good: the same order would be refused again.
    Refused {
        /// Why.
        why: Refusal,
        /// What the other side said.
        answer: String,
    },
    /// Tried, and given up for now: another order may do it.
    Failed {
        /// What the other side said.
        answer: String,
    },
}

/// What a command left behind.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "thing", rename_all = "snake_case")]
pub enum Left {
    /// Nothing that has a number.
    #[default]
    Nothing,
    /// An issue.
    Issue {
        /// Its number.
        issue: IssueNumber,
        /// Its address for people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
    },
    /// A pull request.
    Pull {
        /// Its number.
        pull: PullNumber,
    },
    /// A commit on the base branch.
    Commit {
        /// Its id.
        commit: Oid,
        /// Its tree, read back.
        tree: Oid,
    },
    /// A pull request, read back.
    Look(Box<Look>),
}

impl Left {
    const fn is_nothing(&self) -> bool {
        matches!(self, Self::Nothing)
    }
}

/// A pull request as it was read back, of one head and one base.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Look {
    /// The pull request.
    pub pull: PullNumber,
    /// Its head.
    pub head: Oid,
    /// The tree of its head.
    pub tree: Oid,
    /// The run that its head's message names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<Fence>,
    /// The base branch's head.
    pub base: Oid,
    /// How many commits of the base branch the head does not have.
    pub behind: u32,
    /// Whether it is open.
    pub state: PullState,
    /// Whether it is a draft.
    pub draft: bool,
    /// Whether git can merge it; nothing while GitHub does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mergeable: Option<bool>,
    /// What it changes, as a digest of its lines without their places: the same as long as the change is the same.
    pub patch: String,
    /// The logins of the authors and committers of its commits, in lower case. One without a login is named by the
    /// address in the commit.
    pub authors: Vec<String>,
    /// Whether it has more commits than were read, so that there may be more authors.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more_authors: bool,
    /// When GitHub last changed it.
    #[serde(with = "time::serde::rfc3339")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub updated_at: OffsetDateTime,
}

/// Whether a pull request is open, and what became of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum PullState {
    /// Open.
    Open,
    /// Closed, and not merged.
    Closed,
    /// Merged.
    Merged {
        /// The commit on the base branch.
        commit: Oid,
    },
}

/// Why a command was refused, by what is done next.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The head is another one by now.
    HeadMoved,
    /// Git cannot merge it.
    Conflict,
    /// GitHub's own rules do not let it land yet.
    NotMergeable,
    /// It is closed, gone, or was never there.
    Gone,
    /// The credential may not do this.
    Forbidden,
    /// The order is wrong in itself.
    Invalid,
}
