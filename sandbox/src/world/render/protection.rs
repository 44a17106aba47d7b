//! `branch-protection`, `protected-branch` and their parts.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::value::RawValue;

use super::{repository, user};
use crate::world::{
    id::AppId,
    moment::Moment,
    permission::Permissions,
    protection::{Protection, Pushers, RequiredCheck, RequiredChecks, RequiredReviews, Switches},
    repository::Repository,
    state::State,
};

/// A branch's protection.
#[derive(Serialize)]
pub(crate) struct Whole<'a> {
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    required_status_checks: Option<Checks<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    required_pull_request_reviews: Option<Reviews>,
    #[serde(skip_serializing_if = "Option::is_none")]
    restrictions: Option<Restrictions<'a>>,
    required_signatures: Placed,
    enforce_admins: Placed,
    required_linear_history: Switch,
    allow_force_pushes: Switch,
    allow_deletions: Switch,
    block_creations: Switch,
    required_conversation_resolution: Switch,
    lock_branch: Switch,
    allow_fork_syncing: Switch,
}

/// `status-check-policy`.
#[derive(Serialize)]
pub(crate) struct Checks<'a> {
    url: String,
    strict: bool,
    contexts: Vec<&'a str>,
    contexts_url: String,
    checks: &'a [RequiredCheck],
}

/// `protected-branch-pull-request-review`.
#[derive(Serialize)]
pub(crate) struct Reviews {
    url: String,
    #[serde(flatten)]
    required: RequiredReviews,
}

/// `protected-branch-admin-enforced`.
#[derive(Serialize)]
pub(crate) struct Placed {
    url: String,
    enabled: bool,
}

/// `branch-restriction-policy`.
#[derive(Serialize)]
pub(crate) struct Restrictions<'a> {
    url: String,
    users_url: String,
    teams_url: String,
    apps_url: String,
    users: Vec<&'a RawValue>,
    /// There are none here.
    teams: [(); 0],
    apps: Vec<Integration<'a>>,
}

/// An App that may push: here its description is never `null`.
#[derive(Serialize)]
pub(crate) struct Integration<'a> {
    id: AppId,
    slug: &'a str,
    node_id: String,
    owner: Option<&'a RawValue>,
    name: &'a str,
    description: &'a str,
    external_url: &'a str,
    html_url: String,
    created_at: Moment,
    updated_at: Moment,
    permissions: &'a Permissions,
    events: &'a BTreeSet<String>,
}

#[derive(Serialize)]
struct Switch {
    enabled: bool,
}

/// Where a branch's protection is.
pub(crate) fn url(state: &State, at: &Repository, branch: &str) -> String {
    let branch = percent_encoding::utf8_percent_encode(branch, percent_encoding::NON_ALPHANUMERIC);
    format!("{}/branches/{branch}/protection", repository::url(state, at))
}

impl<'a> Whole<'a> {
    pub(crate) fn of(state: &'a State, url: String, protection: &'a Protection) -> Self {
        let Protection { checks, reviews, pushers, switches } = protection;
        let Switches {
            enforce_admins,
            required_linear_history,
            allow_force_pushes,
            allow_deletions,
            block_creations,
            required_conversation_resolution,
            lock_branch,
            allow_fork_syncing,
        } = *switches;
        Self {
            required_status_checks: checks.as_ref().map(|checks| Checks::of(&url, checks)),
            required_pull_request_reviews: reviews.map(|reviews| Reviews::of(&url, reviews)),
            restrictions: pushers.as_ref().map(|pushers| Restrictions::of(state, &url, pushers)),
            required_signatures: Placed { url: format!("{url}/required_signatures"), enabled: false },
            enforce_admins: Placed::admins(&url, enforce_admins),
            required_linear_history: Switch { enabled: required_linear_history },
            allow_force_pushes: Switch { enabled: allow_force_pushes },
            allow_deletions: Switch { enabled: allow_deletions },
            block_creations: Switch { enabled: block_creations },
            required_conversation_resolution: Switch { enabled: required_conversation_resolution },
            lock_branch: Switch { enabled: lock_branch },
            allow_fork_syncing: Switch { enabled: allow_fork_syncing },
            url,
        }
    }
}

impl<'a> Checks<'a> {
    pub(crate) fn of(protection: &str, required: &'a RequiredChecks) -> Self {
        let url = format!("{protection}/required_status_checks");
        Self {
            strict: required.strict,
            contexts: required.checks.iter().map(|check| check.context.as_str()).collect(),
            contexts_url: format!("{url}/contexts"),
            checks: &required.checks,
            url,
        }
    }
}

impl Reviews {
    pub(crate) fn of(protection: &str, required: RequiredReviews) -> Self {
        Self { url: format!("{protection}/required_pull_request_reviews"), required }
    }
}

impl Placed {
    pub(crate) fn admins(protection: &str, enabled: bool) -> Self {
        Self { url: format!("{protection}/enforce_admins"), enabled }
    }
}

impl<'a> Restrictions<'a> {
    pub(crate) fn of(state: &'a State, protection: &str, pushers: &Pushers) -> Self {
        let url = format!("{protection}/restrictions");
        Self {
            users_url: format!("{url}/users"),
            teams_url: format!("{url}/teams"),
            apps_url: format!("{url}/apps"),
            users: users(state, pushers),
            teams: [],
            apps: apps(state, pushers),
            url,
        }
    }
}

/// The people who may push.
pub(crate) fn users<'a>(state: &'a State, pushers: &Pushers) -> Vec<&'a RawValue> {
    pushers.users.iter().filter_map(|id| user::of(state, *id)).collect()
}

/// The Apps that may push.
pub(crate) fn apps<'a>(state: &'a State, pushers: &Pushers) -> Vec<Integration<'a>> {
    let known = pushers.apps.iter().filter_map(|id| state.apps.apps.get(id));
    known
        .map(|app| Integration {
            id: app.id,
            slug: &app.slug,
            node_id: format!("A_{:x}", app.id.0),
            owner: user::of(state, app.owner),
            name: &app.name,
            description: app.description.as_deref().unwrap_or_default(),
            external_url: &app.external_url,
            html_url: format!("{}/apps/{}", state.addresses.html, app.slug),
            created_at: app.created_at,
            updated_at: app.created_at,
            permissions: &app.permissions,
            events: &app.events,
        })
        .collect()
}
