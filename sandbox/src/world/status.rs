//! Commit statuses: what anyone who may push says of a commit, the newest word of each context counting.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    id::{AccountId, StatusId},
    moment::Moment,
};
use crate::object::Oid;

/// One word on a commit.
#[derive(Clone, Debug)]
pub(crate) struct Status {
    pub(crate) id: StatusId,
    pub(crate) commit: Oid,
    pub(crate) context: String,
    pub(crate) word: Word,
    pub(crate) description: Option<String>,
    pub(crate) target_url: Option<String>,
    pub(crate) creator: AccountId,
    pub(crate) at: Moment,
}

/// A status' state.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Word {
    Error,
    Failure,
    Pending,
    Success,
}

/// A repository's statuses.
#[derive(Clone, Debug, Default)]
pub(crate) struct Statuses {
    by_commit: BTreeMap<Oid, Vec<Status>>,
}

impl Statuses {
    pub(crate) fn add(&mut self, status: Status) {
        self.by_commit.entry(status.commit).or_default().push(status);
    }

    /// All of a commit, oldest first.
    pub(crate) fn of(&self, commit: Oid) -> &[Status] {
        self.by_commit.get(&commit).map(Vec::as_slice).unwrap_or_default()
    }

    /// Of each context the newest, by context.
    pub(crate) fn latest(&self, commit: Oid) -> BTreeMap<&str, &Status> {
        self.of(commit).iter().map(|status| (status.context.as_str(), status)).collect()
    }
}
