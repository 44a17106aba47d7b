//! Protected branches: what must hold before one moves.

pub(crate) mod merge;
mod push;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    id::{AppId, RepositoryId},
    permission::Role,
    repository::Repository,
    standing::Standing,
    state::State,
    token::Principal,
};
use crate::object::Oid;

/// By the branch's name.
pub(crate) type Protections = BTreeMap<String, Protection>;

/// What must hold before a branch moves.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Protection {
    pub(crate) checks: Option<RequiredChecks>,
    pub(crate) reviews: Option<RequiredReviews>,
    pub(crate) switches: Switches,
}

/// Checks that must have passed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct RequiredChecks {
    /// Whether they must have passed on top of the branch as it is now.
    pub(crate) strict: bool,
    pub(crate) checks: Vec<RequiredCheck>,
}

/// A check that must have passed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub(crate) struct RequiredCheck {
    pub(crate) context: String,
    /// The App that must say so, where it matters which.
    pub(crate) app_id: Option<AppId>,
}

/// Reviews that must be there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct RequiredReviews {
    pub(crate) dismiss_stale_reviews: bool,
    pub(crate) require_code_owner_reviews: bool,
    pub(crate) required_approving_review_count: usize,
    pub(crate) require_last_push_approval: bool,
}

impl Default for RequiredReviews {
    fn default() -> Self {
        Self {
            dismiss_stale_reviews: false,
            require_code_owner_reviews: false,
            required_approving_review_count: 1,
            require_last_push_approval: false,
        }
    }
}

/// What is on or off.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Switches {
    pub(crate) enforce_admins: bool,
    pub(crate) required_linear_history: bool,
    pub(crate) allow_force_pushes: bool,
    pub(crate) allow_deletions: bool,
    pub(crate) block_creations: bool,
    pub(crate) required_conversation_resolution: bool,
    pub(crate) lock_branch: bool,
    pub(crate) allow_fork_syncing: bool,
}

/// A required check that has not passed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Unmet {
    pub(crate) context: String,
    /// None where nobody spoke of it.
    pub(crate) standing: Option<Standing>,
}

impl Unmet {
    /// GitHub's sentence.
    fn sentence(&self) -> String {
        let how = match self.standing {
            None => "expected",
            Some(Standing::Pending) => "pending",
            Some(Standing::Failing | Standing::Passing) => "failing",
        };
        format!("Required status check \"{}\" is {how}.", self.context)
    }
}

impl State {
    /// How a branch is protected, if it is.
    pub(crate) fn protection(&self, repository: RepositoryId, branch: &str) -> Option<&Protection> {
        self.repositories.get(repository)?.protections.get(branch)
    }

    /// The required checks that have not passed on a commit.
    fn unmet(&self, repository: RepositoryId, protection: &Protection, head: Oid) -> Vec<Unmet> {
        let required = protection.checks.iter().flat_map(|checks| &checks.checks);
        let standing = |check: &RequiredCheck| self.check(repository, head, &check.context, check.app_id);
        required
            .map(|check| Unmet { context: check.context.clone(), standing: standing(check) })
            .filter(|check| check.standing != Some(Standing::Passing))
            .collect()
    }
}

/// Whether a protection leaves a principal alone: those who may remove it, unless it says that it holds for them too.
fn spares(protection: &Protection, repository: &Repository, who: &Principal) -> bool {
    let administers = matches!(who, Principal::Person(person) if repository.role(*person) == Some(Role::Admin));
    administers && !protection.switches.enforce_admins
}
