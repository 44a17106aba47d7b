//! Where deployments go.

use serde::Deserialize;

use crate::world::{
    answer::{self, Answer},
    call::Call,
    deployment::Environment,
    id::EnvironmentId,
    page::Page,
    refusal::{Refusal, Stop},
    render,
};

pub(super) fn list(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let at = call.repository()?;
    let page = Page::of(call, at.deployments.environments.iter())?;
    Ok(page.counted("environments", |(name, environment)| {
        render::deployment::Environment::of(call.state, at, name, *environment)
    }))
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (name, at) = (call.text("environment_name")?, call.repository()?);
    let environment = at.deployments.environments.get(name).ok_or_else(Refusal::not_found)?;
    Ok(answer::ok(&render::deployment::Environment::of(call.state, at, name, *environment)))
}

/// What protects it. Nothing does here: to take such a wish and not to keep it would be worse than to refuse it.
#[derive(Default, Deserialize)]
struct Wanted {
    wait_timer: Option<u64>,
    prevent_self_review: Option<bool>,
    reviewers: Option<Vec<serde::de::IgnoredAny>>,
    deployment_branch_policy: Option<serde::de::IgnoredAny>,
}

impl Wanted {
    fn asks_for_protection(&self) -> bool {
        self.wait_timer.is_some_and(|minutes| minutes > 0)
            || self.prevent_self_review == Some(true)
            || self.reviewers.as_ref().is_some_and(|reviewers| !reviewers.is_empty())
            || self.deployment_branch_policy.is_some()
    }
}

pub(super) fn set(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let wanted: Option<Wanted> = call.body()?;
    if wanted.unwrap_or_default().asks_for_protection() {
        return Err(Refusal::unprocessable("Environments are not protected in this played GitHub.").into());
    }
    let name = call.text("environment_name")?.to_owned();
    let new = Environment { id: EnvironmentId(call.state.draw.id()), created_at: call.state.now };
    call.repository_mut()?.deployments.environments.entry(name).or_insert(new);
    get(call)
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let name = call.text("environment_name")?.to_owned();
    call.repository_mut()?.deployments.environments.remove(&name).ok_or_else(Refusal::not_found)?;
    Ok(answer::no_content())
}
