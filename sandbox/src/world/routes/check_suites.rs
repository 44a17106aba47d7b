//! Check suites.

use http::{Method, StatusCode};
use serde::Deserialize;

use super::check_runs::{self, Nothing};
use crate::{
    object::Oid,
    world::{
        answer::{self, Answer},
        call::Call,
        check::Suite,
        ci::Again,
        id::{AppId, CheckSuiteId},
        page::Page,
        permission::Permission,
        refusal::{Code, Refusal, Stop},
        render,
        router::{Route, read, route, write},
    },
};

pub(super) const ROUTES: &[Route] = &[
    route(Method::POST, "/repos/{owner}/{repo}/check-suites", write(Permission::Checks), create),
    route(Method::GET, "/repos/{owner}/{repo}/check-suites/{check_suite_id}", read(Permission::Checks), get),
    route(
        Method::POST,
        "/repos/{owner}/{repo}/check-suites/{check_suite_id}/rerequest",
        write(Permission::Checks),
        rerequest,
    ),
    route(Method::GET, "/repos/{owner}/{repo}/commits/{ref}/check-suites", read(Permission::Checks), list),
];

/// The commit that the path names.
pub(super) fn commit(call: &Call<'_>) -> Result<Oid, Refusal> {
    let name = call.text("ref")?;
    let found = call.state.commit_named(call.repository()?, name);
    found.ok_or_else(|| Refusal::unprocessable(format!("No commit found for SHA: {name}")))
}

fn named<'a>(call: &'a Call<'_>) -> Result<&'a Suite, Refusal> {
    let id: CheckSuiteId = call.parameter("check_suite_id")?;
    call.repository()?.checks.suites.get(&id).ok_or_else(Refusal::not_found)
}

fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    Ok(answer::ok(&render::check_suite::Whole::of(call.state, call.repository()?, named(call)?)))
}

#[derive(Deserialize)]
struct New {
    head_sha: Option<String>,
}

/// One that is there already is answered as it is.
fn create(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let app = check_runs::app(call)?;
    let New { head_sha } = call.body()?;
    let sha = head_sha.ok_or_else(|| Refusal::invalid("CheckSuite", "head_sha", Code::MissingField))?;
    let head = call.commit_of_sha(&sha)?;
    let repository = call.repository_id()?;
    let known = call.state.suite_of(repository, app, head);
    let id = known.unwrap_or_else(|| {
        let branch = call.state.branch_at(repository, head);
        call.state.add_suite(repository, app, head, branch, None)
    });
    let at = call.repository()?;
    let suite = at.checks.suites.get(&id).ok_or_else(Refusal::not_found)?;
    let status = if known.is_some() { StatusCode::OK } else { StatusCode::CREATED };
    Ok(answer::json(status, &render::check_suite::Whole::of(call.state, at, suite)))
}

fn rerequest(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (id, app) = (named(call)?.id, named(call)?.app);
    if call.state.runs_workflows(app) {
        return run_again(call, id);
    }
    let event = call.event("check_suite", "rerequested")?;
    call.state.ask_for_suite(event, id, app);
    check_runs::ask_again(call, id)?;
    Ok(answer::created(&Nothing {}))
}

/// A workflow run's suite runs again as the run does.
fn run_again(call: &mut Call<'_>, suite: CheckSuiteId) -> Result<Answer, Stop> {
    let mut runs = call.repository()?.actions.runs.values();
    let run = runs.find(|run| run.suite == suite).ok_or_else(Refusal::not_found)?.id;
    let (repository, by) = (call.repository_id()?, call.actor()?);
    call.state.run_again(repository, run, Again::All, by)?;
    Ok(answer::created(&Nothing {}))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filter {
    app_id: Option<AppId>,
    check_name: Option<String>,
}

fn list(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (head, filter): (_, Filter) = (commit(call)?, call.query()?);
    let at = call.repository()?;
    let named = |suite: &&Suite| {
        let name = filter.check_name.as_deref();
        name.is_none_or(|name| at.checks.latest_of(suite.id).contains_key(name))
    };
    let by_app = |suite: &&Suite| filter.app_id.is_none_or(|app| app == suite.app);
    let suites = at.checks.suites_of(head).filter(by_app).filter(named);
    let page = Page::of(call, suites)?;
    Ok(page.counted("check_suites", |suite| render::check_suite::Whole::of(call.state, at, suite)))
}
