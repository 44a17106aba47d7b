//! Workflow runs.

use http::{Method, StatusCode};
use serde::Deserialize;

use super::check_runs::Nothing;
use crate::{
    object::Oid,
    world::{
        answer::{self, Answer},
        call::Call,
        check::Progress,
        ci::{Again, Run},
        id::{CheckSuiteId, WorkflowId, WorkflowRunId},
        page::Page,
        permission::Permission,
        refusal::{Refusal, Stop},
        render,
        router::{Route, read, route, write},
    },
};

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/repos/{owner}/{repo}/actions/runs", read(Permission::Actions), list),
    route(Method::GET, "/repos/{owner}/{repo}/actions/runs/{run_id}", read(Permission::Actions), get),
    route(
        Method::GET,
        "/repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}",
        read(Permission::Actions),
        attempt,
    ),
    route(Method::POST, "/repos/{owner}/{repo}/actions/runs/{run_id}/rerun", write(Permission::Actions), |call| {
        again(call, Again::All)
    }),
    route(
        Method::POST,
        "/repos/{owner}/{repo}/actions/runs/{run_id}/rerun-failed-jobs",
        write(Permission::Actions),
        |call| again(call, Again::Failed),
    ),
    route(Method::POST, "/repos/{owner}/{repo}/actions/runs/{run_id}/cancel", write(Permission::Actions), cancel),
    route(Method::GET, "/repos/{owner}/{repo}/actions/workflows", read(Permission::Actions), workflows),
    route(Method::GET, "/repos/{owner}/{repo}/actions/workflows/{workflow_id}", read(Permission::Actions), workflow),
];

/// The run that the path names.
pub(super) fn named<'a>(call: &'a Call<'_>) -> Result<&'a Run, Refusal> {
    let id: WorkflowRunId = call.parameter("run_id")?;
    call.repository()?.actions.runs.get(&id).ok_or_else(Refusal::not_found)
}

fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    Ok(answer::ok(&render::workflow_run::Run::of(call.state, call.repository()?, named(call)?)))
}

fn attempt(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (run, attempt) = (named(call)?, call.parameter("attempt_number")?);
    let shown = render::workflow_run::Run::with_attempt(call.state, call.repository()?, run, attempt);
    Ok(answer::ok(&shown.ok_or_else(Refusal::not_found)?))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filter {
    actor: Option<String>,
    branch: Option<String>,
    event: Option<String>,
    status: Option<String>,
    check_suite_id: Option<CheckSuiteId>,
    head_sha: Option<Oid>,
}

fn list(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (filter, at): (Filter, _) = (call.query()?, call.repository()?);
    let actor = |run: &&Run| {
        let login = filter.actor.as_deref();
        login.is_none_or(|login| call.state.login(run.actor).eq_ignore_ascii_case(login))
    };
    let fits = |run: &&Run| {
        filter.branch.as_ref().is_none_or(|branch| *branch == run.branch)
            && filter.event.as_deref().is_none_or(|event| event == run.event.as_str())
            && filter.check_suite_id.is_none_or(|suite| suite == run.suite)
            && filter.head_sha.is_none_or(|head| head == run.head)
    };
    let status = |run: &&Run| filter.status.as_deref().is_none_or(|word| has_word(at.run_progress(run), word));
    let newest_first = at.actions.runs.values().rev().filter(fits).filter(actor).filter(status);
    let page = Page::of(call, newest_first)?;
    Ok(page.counted("workflow_runs", |run| render::workflow_run::Run::of(call.state, at, run)))
}

/// GitHub asks for a status and for a conclusion by one word.
fn has_word(progress: Option<Progress>, word: &str) -> bool {
    progress.is_some_and(|progress| {
        progress.word() == word || progress.ended().is_some_and(|(_, conclusion)| conclusion.as_str() == word)
    })
}

fn again(call: &mut Call<'_>, which: Again) -> Result<Answer, Stop> {
    let (run, by, repository) = (named(call)?.id, call.actor()?, call.repository_id()?);
    call.state.run_again(repository, run, which, by)?;
    Ok(answer::created(&Nothing {}))
}

fn cancel(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (run, repository) = (named(call)?.id, call.repository_id()?);
    if call.state.cancel_run(repository, run) {
        return Ok(answer::json(StatusCode::ACCEPTED, &Nothing {}));
    }
    Err(Refusal::new(StatusCode::CONFLICT, "Cannot cancel a workflow run that is completed.").into())
}

fn workflows(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let declared = render::workflow::Workflow::of(call.state, call.repository()?);
    Ok(Page::of(call, declared.into_iter())?.counted("workflows", |workflow| workflow))
}

/// By its number or by its file.
fn workflow(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (name, at) = (call.text("workflow_id")?, call.repository()?);
    let id: Option<WorkflowId> = name.parse().ok();
    let declared = at.actions.declared.filter(|known| Some(known.id) == id || name == crate::workflow::FILE);
    let declared = declared.and_then(|_| render::workflow::Workflow::of(call.state, at));
    Ok(answer::ok(&declared.ok_or_else(Refusal::not_found)?))
}
