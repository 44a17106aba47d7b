//! Protected branches: what must hold before one moves.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::id::{AccountId, AppId};

/// By the branch's name.
pub(crate) type Protections = BTreeMap<String, Protection>;

/// What must hold before a branch moves.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Protection {
    pub(crate) checks: Option<RequiredChecks>,
    pub(crate) reviews: Option<RequiredReviews>,
    /// Who may push, where not everybody may who may write.
    pub(crate) pushers: Option<Pushers>,
    pub(crate) switches: Switches,
}

/// Who may push beside administrators. There are no teams here.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Pushers {
    pub(crate) users: BTreeSet<AccountId>,
    pub(crate) apps: BTreeSet<AppId>,
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
