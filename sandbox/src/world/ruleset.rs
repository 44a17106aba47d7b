//! Rulesets: rules for all branches or tags of some names, beside the protection of single branches.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    call::Call, id::RulesetId, merge::Method, moment::Moment, permission::Role, repository::Repository, state::State,
    token::Principal,
};
use crate::glob::fits;

/// By their ids.
pub(crate) type Rulesets = BTreeMap<RulesetId, Ruleset>;

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Ruleset {
    pub(crate) id: RulesetId,
    pub(crate) name: String,
    pub(crate) target: Target,
    pub(crate) enforcement: Enforcement,
    pub(crate) bypass: Vec<Bypass>,
    pub(crate) conditions: Conditions,
    pub(crate) rules: Vec<Rule>,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
}

/// What its rules are about. GitHub's rules about what a push contains are not played.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Target {
    #[default]
    Branch,
    Tag,
}

impl Target {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Branch => "branch",
            Self::Tag => "tag",
        }
    }
}

/// Only an active ruleset refuses something.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Enforcement {
    Disabled,
    Active,
    Evaluate,
}

/// Which references it is about.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Conditions {
    ref_name: Names,
}

/// Patterns of whole names, `~ALL` or `~DEFAULT_BRANCH`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Names {
    include: Vec<String>,
    exclude: Vec<String>,
}

/// A rule as it goes over the wire.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Rule {
    Creation,
    Update {
        #[serde(skip_serializing_if = "Option::is_none")]
        parameters: Option<Update>,
    },
    Deletion,
    NonFastForward,
    RequiredLinearHistory,
    PullRequest {
        #[serde(default)]
        parameters: PullRequest,
    },
    RequiredStatusChecks {
        parameters: StatusChecks,
    },
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Update {
    update_allows_fetch_and_merge: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PullRequest {
    pub(crate) allowed_merge_methods: Vec<Method>,
    pub(crate) dismiss_stale_reviews_on_push: bool,
    pub(crate) require_code_owner_review: bool,
    pub(crate) require_last_push_approval: bool,
    pub(crate) required_approving_review_count: usize,
    required_review_thread_resolution: bool,
}

impl Default for PullRequest {
    fn default() -> Self {
        Self {
            allowed_merge_methods: vec![Method::Merge, Method::Squash, Method::Rebase],
            dismiss_stale_reviews_on_push: false,
            require_code_owner_review: false,
            require_last_push_approval: false,
            required_approving_review_count: 0,
            required_review_thread_resolution: false,
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatusChecks {
    pub(crate) required_status_checks: Vec<StatusCheck>,
    pub(crate) strict_required_status_checks_policy: bool,
    #[serde(default)]
    pub(crate) do_not_enforce_on_create: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct StatusCheck {
    pub(crate) context: String,
    /// The App that must say so, where it matters which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) integration_id: Option<super::id::AppId>,
}

/// Whom it leaves alone: an App, or who has a role. People by themselves, teams and deploy keys are not played.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Bypass {
    actor_id: u64,
    actor_type: Actor,
    #[serde(default)]
    bypass_mode: Mode,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
enum Actor {
    Integration,
    RepositoryRole,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    /// Where a pull request is merged, and nowhere else.
    PullRequest,
    #[default]
    Always,
    /// The same, without being asked.
    Exempt,
}

impl Ruleset {
    /// Whether it is about a reference of this whole name.
    pub(crate) fn names(&self, at: &Repository, reference: &str) -> bool {
        let prefix = match self.target {
            Target::Branch => "refs/heads/",
            Target::Tag => "refs/tags/",
        };
        let is_default = || self.target == Target::Branch && reference.strip_prefix(prefix) == Some(&at.default_branch);
        let any = |patterns: &[String]| {
            patterns.iter().any(|pattern| match pattern.as_str() {
                "~ALL" => true,
                "~DEFAULT_BRANCH" => is_default(),
                pattern => fits(pattern, reference),
            })
        };
        let Names { include, exclude } = &self.conditions.ref_name;
        reference.starts_with(prefix) && any(include) && !any(exclude)
    }

    /// How far it leaves a principal alone, if at all.
    pub(crate) fn bypassed(&self, state: &State, at: &Repository, who: &Principal) -> Option<Mode> {
        let meant = |bypass: &&Bypass| match (bypass.actor_type, who) {
            (Actor::RepositoryRole, Principal::Person(person)) => {
                role(bypass.actor_id).is_some_and(|needed| at.role(*person) >= Some(needed))
            }
            (Actor::Integration, Principal::Installation(grant)) => {
                let installed = state.apps.installations.get(&grant.installation);
                installed.is_some_and(|there| there.app.0 == bypass.actor_id)
            }
            _ => false,
        };
        self.bypass.iter().filter(meant).map(|bypass| bypass.bypass_mode).max()
    }
}

/// GitHub's numbers of the roles that it has in every repository.
const fn role(number: u64) -> Option<Role> {
    match number {
        2 => Some(Role::Maintain),
        4 => Some(Role::Write),
        5 => Some(Role::Admin),
        _ => None,
    }
}

impl Bypass {
    /// Whether it means somebody.
    pub(crate) fn is_known(&self, call: &Call<'_>) -> bool {
        match self.actor_type {
            Actor::RepositoryRole => role(self.actor_id).is_some(),
            Actor::Integration => call.state.apps.apps.contains_key(&super::id::AppId(self.actor_id)),
        }
    }
}
