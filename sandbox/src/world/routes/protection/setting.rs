//! A protection is set as a whole: what is not named is off.

use serde::{Deserialize, Deserializer};

use super::{checks::NewChecks, restrictions::NewPushers};
use crate::world::{
    answer::Answer,
    call::Call,
    protection::{Protection, RequiredReviews, Switches},
    refusal::{Refusal, Stop},
};

/// The four that GitHub wants to be told, be it as `null`.
#[derive(Deserialize)]
struct Wanted {
    #[serde(default, deserialize_with = "told")]
    required_status_checks: Option<Option<NewChecks>>,
    #[serde(default, deserialize_with = "told")]
    enforce_admins: Option<Option<bool>>,
    #[serde(default, deserialize_with = "told")]
    required_pull_request_reviews: Option<Option<RequiredReviews>>,
    #[serde(default, deserialize_with = "told")]
    restrictions: Option<Option<NewPushers>>,
    required_linear_history: Option<bool>,
    allow_force_pushes: Option<bool>,
    allow_deletions: Option<bool>,
    block_creations: Option<bool>,
    required_conversation_resolution: Option<bool>,
    lock_branch: Option<bool>,
    allow_fork_syncing: Option<bool>,
}

/// `null` is told; a field that is absent is not.
fn told<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

fn supplied<T>(name: &str, value: Option<Option<T>>) -> Result<Option<T>, Refusal> {
    value.ok_or_else(|| Refusal::unprocessable(format!("Invalid request.\n\n\"{name}\" wasn't supplied.")))
}

pub(super) fn set(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let branch = super::branch(call)?;
    let protection = protection(call, call.body()?)?;
    call.repository_mut()?.protections.insert(branch, protection);
    super::get(call)
}

fn protection(call: &Call<'_>, wanted: Wanted) -> Result<Protection, Refusal> {
    let on = |switch: Option<bool>| switch.unwrap_or(false);
    let pushers = supplied("restrictions", wanted.restrictions)?.map(|new| new.pushers(call)).transpose()?;
    let checks = supplied("required_status_checks", wanted.required_status_checks)?;
    let reviews = supplied("required_pull_request_reviews", wanted.required_pull_request_reviews)?;
    super::reviews::lawful(reviews.unwrap_or_default())?;
    let switches = Switches {
        enforce_admins: on(supplied("enforce_admins", wanted.enforce_admins)?),
        required_linear_history: on(wanted.required_linear_history),
        allow_force_pushes: on(wanted.allow_force_pushes),
        allow_deletions: on(wanted.allow_deletions),
        block_creations: on(wanted.block_creations),
        required_conversation_resolution: on(wanted.required_conversation_resolution),
        lock_branch: on(wanted.lock_branch),
        allow_fork_syncing: on(wanted.allow_fork_syncing),
    };
    Ok(Protection { checks: checks.map(NewChecks::required), reviews, pushers, switches })
}
