//! A deployment is asked for.

use std::sync::Arc;

use http::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    object::Oid,
    world::{
        answer::{self, Answer},
        call::Call,
        deployment::Deployment,
        id::DeploymentId,
        refusal::{Code, Refusal, Stop},
        render,
        standing::Standing,
    },
};

#[derive(Deserialize)]
struct New {
    #[serde(rename = "ref")]
    reference: Option<String>,
    task: Option<String>,
    auto_merge: Option<bool>,
    required_contexts: Option<Vec<String>>,
    payload: Option<Box<RawValue>>,
    environment: Option<String>,
    description: Option<String>,
    transient_environment: Option<bool>,
    production_environment: Option<bool>,
}

pub(super) fn create(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let new: New = call.body()?;
    let reference = new.reference.clone().ok_or_else(|| Refusal::invalid("Deployment", "ref", Code::MissingField))?;
    let sha = call.state.commit_named(call.repository()?, &reference);
    let sha = sha.ok_or_else(|| Refusal::unprocessable(format!("No ref found for: {reference}")))?;
    if new.auto_merge.unwrap_or(true) {
        up_to_date(call, &reference, sha)?;
    }
    verify(call, &reference, sha, new.required_contexts.as_deref())?;
    let deployment = deployment(call, new, reference, sha)?;
    let (id, repository) = (deployment.id, call.repository_id()?);
    call.state.add_deployment(repository, deployment);
    let at = call.repository()?;
    let made = at.deployments.deployments.get(&id).ok_or_else(Refusal::not_found)?;
    Ok(answer::created(&render::deployment::Deployment::told(call.state, at, made)))
}

/// A branch that lacks commits of the default branch is not deployed where that would want a merge.
fn up_to_date(call: &Call<'_>, reference: &str, sha: Oid) -> Result<(), Refusal> {
    let at = call.repository()?;
    let tip = at.branch(&at.default_branch);
    let lacks = |tip: Oid| at.branch(reference).is_some() && !call.state.objects.is_ancestor(tip, sha);
    match tip.filter(|tip| lacks(*tip)) {
        None => Ok(()),
        Some(_) => Err(conflict(format!("Conflict merging {} into {reference}.", at.default_branch))),
    }
}

/// Every check that is named, or all that anybody has spoken of, must have passed.
fn verify(call: &Call<'_>, reference: &str, sha: Oid, named: Option<&[String]>) -> Result<(), Refusal> {
    let standings = call.state.checks(call.repository_id()?, sha);
    let has_passed = match named {
        Some(named) => named.iter().all(|name| standings.get(name) == Some(&Standing::Passing)),
        None => standings.values().all(|standing| *standing == Standing::Passing),
    };
    match has_passed {
        true => Ok(()),
        false => Err(conflict(format!("Conflict: Commit status checks failed for {reference}."))),
    }
}

fn conflict(message: String) -> Refusal {
    Refusal::new(StatusCode::CONFLICT, message)
}

fn deployment(call: &mut Call<'_>, new: New, reference: String, sha: Oid) -> Result<Deployment, Refusal> {
    let (creator, app, now) = (call.actor()?, call.app(), call.state.now);
    let environment = new.environment.unwrap_or_else(|| "production".to_owned());
    Ok(Deployment {
        id: DeploymentId(call.state.draw.id()),
        sha,
        reference,
        task: new.task.unwrap_or_else(|| "deploy".to_owned()),
        payload: new.payload.map_or_else(|| render::user::raw(&Nothing {}), Arc::from),
        is_transient: new.transient_environment.unwrap_or(false),
        is_production: new.production_environment.unwrap_or(environment == "production"),
        environment,
        description: new.description,
        creator,
        caused_by: creator,
        app,
        overtakes: false,
        created_at: now,
        updated_at: now,
    })
}

#[derive(serde::Serialize)]
struct Nothing {}
