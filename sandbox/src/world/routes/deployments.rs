//! Deployments, their statuses, and environments.

mod create;
mod environments;
mod statuses;

use http::Method;
use serde::Deserialize;

use crate::world::{
    answer::{self, Answer},
    call::Call,
    deployment::{Deployment, Word},
    id::DeploymentId,
    page::Page,
    permission::Permission,
    refusal::{Refusal, Stop},
    render,
    router::{Route, read, route, write},
};

const ENVIRONMENT: &str = "/repos/{owner}/{repo}/environments/{environment_name}";

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/repos/{owner}/{repo}/deployments", read(Permission::Deployments), list),
    route(Method::POST, "/repos/{owner}/{repo}/deployments", write(Permission::Deployments), create::create),
    route(Method::GET, "/repos/{owner}/{repo}/deployments/{deployment_id}", read(Permission::Deployments), get),
    route(Method::DELETE, "/repos/{owner}/{repo}/deployments/{deployment_id}", write(Permission::Deployments), delete),
    route(
        Method::GET,
        "/repos/{owner}/{repo}/deployments/{deployment_id}/statuses",
        read(Permission::Deployments),
        statuses::list,
    ),
    route(
        Method::POST,
        "/repos/{owner}/{repo}/deployments/{deployment_id}/statuses",
        write(Permission::Deployments),
        statuses::create,
    ),
    route(
        Method::GET,
        "/repos/{owner}/{repo}/deployments/{deployment_id}/statuses/{status_id}",
        read(Permission::Deployments),
        statuses::get,
    ),
    route(Method::GET, "/repos/{owner}/{repo}/environments", read(Permission::Actions), environments::list),
    route(Method::GET, ENVIRONMENT, read(Permission::Actions), environments::get),
    route(Method::PUT, ENVIRONMENT, write(Permission::Administration), environments::set),
    route(Method::DELETE, ENVIRONMENT, write(Permission::Administration), environments::delete),
];

fn named<'a>(call: &'a Call<'_>) -> Result<&'a Deployment, Refusal> {
    let id: DeploymentId = call.parameter("deployment_id")?;
    call.repository()?.deployments.deployments.get(&id).ok_or_else(Refusal::not_found)
}

fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    Ok(answer::ok(&render::deployment::Deployment::told(call.state, call.repository()?, named(call)?)))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filter {
    sha: Option<String>,
    #[serde(rename = "ref")]
    reference: Option<String>,
    task: Option<String>,
    environment: Option<String>,
}

fn list(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (filter, at): (Filter, _) = (call.query()?, call.repository()?);
    // GitHub takes the word for no word at all.
    let is = |wanted: &Option<String>, found: &str| {
        wanted.as_deref().is_none_or(|wanted| wanted == found || wanted == "none")
    };
    let fits = |deployment: &&Deployment| {
        is(&filter.sha, &deployment.sha.to_string())
            && is(&filter.reference, &deployment.reference)
            && is(&filter.task, &deployment.task)
            && is(&filter.environment, &deployment.environment)
    };
    let newest_first = at.deployments.deployments.values().rev().filter(fits);
    let page = Page::of(call, newest_first)?;
    Ok(page.answer(|deployment| render::deployment::Deployment::told(call.state, at, deployment)))
}

/// What is live is not forgotten, unless nothing else is there.
fn delete(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let id = named(call)?.id;
    let all = &call.repository()?.deployments;
    if all.word(id) == Some(Word::Success) && all.deployments.len() > 1 {
        let only = "We cannot delete an active deployment unless it is the only deployment in a given environment.";
        return Err(Refusal::unprocessable(only).into());
    }
    call.repository_mut()?.deployments.remove(id);
    Ok(answer::no_content())
}
