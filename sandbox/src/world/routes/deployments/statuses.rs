//! What is said of a deployment.

use serde::Deserialize;

use super::named;
use crate::world::{
    answer::{self, Answer},
    call::Call,
    deployment::{Report, Status, Word},
    id::DeploymentStatusId,
    page::Page,
    refusal::{Code, Refusal, Stop},
    render,
};

pub(super) fn list(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (id, at) = (named(call)?.id, call.repository()?);
    let page = Page::of(call, at.deployments.statuses_of(id).rev())?;
    Ok(page.answer(|status| render::deployment::Status::told(call.state, at, status)))
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (deployment, id): (_, DeploymentStatusId) = (named(call)?.id, call.parameter("status_id")?);
    let at = call.repository()?;
    let status = at.deployments.statuses.get(&id).filter(|status| status.deployment == deployment);
    let status = status.ok_or_else(Refusal::not_found)?;
    Ok(answer::ok(&render::deployment::Status::told(call.state, at, status)))
}

#[derive(Deserialize)]
struct New {
    state: Option<Word>,
    target_url: Option<String>,
    log_url: Option<String>,
    description: Option<String>,
    environment: Option<String>,
    environment_url: Option<String>,
    auto_inactive: Option<bool>,
}

/// GitHub's limit.
const LONGEST: usize = 140;

pub(super) fn create(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let new: New = call.body()?;
    let word = new.state.ok_or_else(|| Refusal::invalid("DeploymentStatus", "state", Code::MissingField))?;
    let description = new.description.unwrap_or_default();
    if description.chars().count() > LONGEST {
        let said = format!("description is too long (maximum is {LONGEST} characters)");
        return Err(Refusal::custom("DeploymentStatus", "description", said).into());
    }
    let (deployment, environment) = (named(call)?.id, named(call)?.environment.clone());
    let (creator, app, at) = (call.actor()?, call.app(), call.state.now);
    let id = DeploymentStatusId(call.state.draw.id());
    let report = Report {
        description,
        log_url: new.log_url.or(new.target_url).unwrap_or_default(),
        environment_url: new.environment_url.unwrap_or_default(),
    };
    let environment = new.environment.unwrap_or(environment);
    let status = Status { id, deployment, word, report, environment, creator, app, at };
    let repository = call.repository_id()?;
    call.state.add_deployment_status(repository, status);
    if word == Word::Success && new.auto_inactive.unwrap_or(true) {
        call.state.retire(repository, deployment);
    }
    let there = call.repository()?;
    let made = there.deployments.statuses.get(&id).ok_or_else(Refusal::not_found)?;
    Ok(answer::created(&render::deployment::Status::told(call.state, there, made)))
}
