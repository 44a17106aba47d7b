//! Issues, and what pull requests share with them: conversation, labels, assignees, milestones.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    history::Happening,
    id::{AccountId, AppId, CommentId, LabelId, Number},
    lock::LockReason,
    milestone::Milestone,
    moment::Moment,
};

/// An issue, or the issue's half of a pull request.
#[derive(Clone, Debug)]
pub(crate) struct Issue {
    pub(crate) id: u64,
    pub(crate) number: Number,
    pub(crate) title: String,
    pub(crate) body: Option<String>,
    pub(crate) author: AccountId,
    /// The App through which it was written.
    pub(crate) app: Option<AppId>,
    pub(crate) standing: Standing,
    pub(crate) labels: BTreeSet<LabelId>,
    pub(crate) assignees: BTreeSet<AccountId>,
    pub(crate) milestone: Option<Number>,
    pub(crate) locked: bool,
    pub(crate) comments: u64,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
    pub(crate) is_pull_request: bool,
}

/// Whether an issue is open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Standing {
    Open { reopened: bool },
    Closed { at: Moment, by: AccountId, reason: Reason },
}

/// Why an issue was closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reason {
    Completed,
    NotPlanned,
    Duplicate,
}

impl Issue {
    pub(crate) const fn is_open(&self) -> bool {
        matches!(self.standing, Standing::Open { .. })
    }
}

/// A label of a repository.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Label {
    pub(crate) id: LabelId,
    pub(crate) name: String,
    pub(crate) color: String,
    pub(crate) description: Option<String>,
    pub(crate) is_default: bool,
}

/// A comment in the conversation of an issue or pull request.
#[derive(Clone, Debug)]
pub(crate) struct Comment {
    pub(crate) id: CommentId,
    pub(crate) issue: Number,
    pub(crate) author: AccountId,
    pub(crate) app: Option<AppId>,
    pub(crate) body: String,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
}

/// The issues of a repository.
#[derive(Clone, Debug, Default)]
pub(crate) struct Issues {
    pub(crate) issues: BTreeMap<Number, Issue>,
    pub(crate) comments: BTreeMap<CommentId, Comment>,
    pub(crate) labels: BTreeMap<LabelId, Label>,
    pub(crate) milestones: BTreeMap<Number, Milestone>,
    /// Of the newest milestone.
    pub(crate) last_milestone: Number,
    pub(crate) lock_reasons: BTreeMap<Number, LockReason>,
    pub(crate) history: BTreeMap<Number, Vec<Happening>>,
}

impl Issues {
    pub(crate) fn get(&self, number: Number) -> Option<&Issue> {
        self.issues.get(&number)
    }

    /// GitHub's names of labels have no case.
    pub(crate) fn label(&self, name: &str) -> Option<&Label> {
        self.labels.values().find(|label| label.name.eq_ignore_ascii_case(name))
    }

    pub(crate) fn open(&self) -> usize {
        self.issues.values().filter(|issue| issue.is_open()).count()
    }

    pub(crate) fn conversation(&self, number: Number) -> impl DoubleEndedIterator<Item = &Comment> {
        self.comments.values().filter(move |comment| comment.issue == number)
    }
}
