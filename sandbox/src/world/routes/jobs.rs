//! Jobs of workflow runs, and their logs.

use http::{HeaderValue, Method, StatusCode, header::LOCATION};
use serde::Deserialize;

use super::{check_runs::Nothing, workflow_runs};
use crate::world::{
    answer::{self, Answer},
    call::Call,
    ci::{Again, Job},
    id::JobId,
    page::Page,
    permission::Permission,
    refusal::{Refusal, Stop},
    render,
    router::{Route, read, route, write},
};

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/repos/{owner}/{repo}/actions/runs/{run_id}/jobs", read(Permission::Actions), list),
    route(
        Method::GET,
        "/repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}/jobs",
        read(Permission::Actions),
        of_attempt,
    ),
    route(Method::GET, "/repos/{owner}/{repo}/actions/jobs/{job_id}", read(Permission::Actions), get),
    route(Method::GET, "/repos/{owner}/{repo}/actions/jobs/{job_id}/logs", read(Permission::Actions), logs),
    route(Method::POST, "/repos/{owner}/{repo}/actions/jobs/{job_id}/rerun", write(Permission::Actions), again),
];

fn named<'a>(call: &'a Call<'_>) -> Result<&'a Job, Refusal> {
    let id: JobId = call.parameter("job_id")?;
    call.repository()?.actions.jobs.get(&id).ok_or_else(Refusal::not_found)
}

fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    Ok(answer::ok(&render::job::Job::of(call.state, call.repository()?, named(call)?)))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filter {
    filter: Which,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Which {
    #[default]
    Latest,
    All,
}

fn list(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (run, at, filter): (_, _, Filter) = (workflow_runs::named(call)?.id, call.repository()?, call.query()?);
    let jobs = match filter.filter {
        Which::Latest => at.actions.latest_of(run),
        Which::All => at.actions.jobs_of(run).collect(),
    };
    listed(call, jobs)
}

fn of_attempt(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (run, attempt) = (workflow_runs::named(call)?, call.parameter("attempt_number")?);
    if attempt != run.attempt && run.past(attempt).is_none() {
        return Err(Refusal::not_found().into());
    }
    listed(call, call.repository()?.actions.as_of(run.id, attempt))
}

fn listed(call: &Call<'_>, jobs: Vec<&Job>) -> Result<Answer, Stop> {
    let (page, at) = (Page::of(call, jobs.into_iter())?, call.repository()?);
    Ok(page.counted("jobs", |job| render::job::Job::of(call.state, at, job)))
}

/// Where the log is. The address alone lets in whoever has it.
fn logs(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let job = named(call)?;
    if job.log.is_none() {
        return Err(Refusal::not_found().into());
    }
    let address = format!("{}/logs/jobs/{}?key={}", call.state.addresses.html, job.id, job.key);
    let mut answer = Answer::default();
    *answer.status_mut() = StatusCode::FOUND;
    let location = HeaderValue::from_str(&address).map_err(|_| Refusal::not_found())?;
    answer.headers_mut().insert(LOCATION, location);
    Ok(answer)
}

fn again(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (id, run, by) = (named(call)?.id, named(call)?.run, call.actor()?);
    let repository = call.repository_id()?;
    call.state.run_again(repository, run, Again::One(id), by)?;
    Ok(answer::created(&Nothing {}))
}
