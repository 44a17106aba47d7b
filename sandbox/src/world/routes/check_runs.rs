//! Check runs. Only Apps write them; who may push asks for them again.

mod change;
mod list;

use http::Method;

use crate::world::{
    answer::{self, Answer},
    call::Call,
    check::{Run, Suite},
    ci::Again,
    event::Event,
    id::{AppId, CheckRunId, CheckSuiteId, JobId},
    page::Page,
    permission::Permission,
    refusal::{Refusal, Stop},
    render,
    router::{Route, read, route, write},
};

pub(super) const ROUTES: &[Route] = &[
    route(Method::POST, "/repos/{owner}/{repo}/check-runs", write(Permission::Checks), change::create),
    route(Method::GET, "/repos/{owner}/{repo}/check-runs/{check_run_id}", read(Permission::Checks), get),
    route(Method::PATCH, "/repos/{owner}/{repo}/check-runs/{check_run_id}", write(Permission::Checks), change::update),
    route(
        Method::GET,
        "/repos/{owner}/{repo}/check-runs/{check_run_id}/annotations",
        read(Permission::Checks),
        annotations,
    ),
    route(
        Method::POST,
        "/repos/{owner}/{repo}/check-runs/{check_run_id}/rerequest",
        write(Permission::Checks),
        rerequest,
    ),
    route(
        Method::GET,
        "/repos/{owner}/{repo}/check-suites/{check_suite_id}/check-runs",
        read(Permission::Checks),
        list::of_suite,
    ),
    route(Method::GET, "/repos/{owner}/{repo}/commits/{ref}/check-runs", read(Permission::Checks), list::of_commit),
];

/// The App that asks; people do not check.
pub(super) fn app(call: &Call<'_>) -> Result<AppId, Refusal> {
    call.app().ok_or_else(|| Refusal::forbidden("You must authenticate via a GitHub App."))
}

fn named<'a>(call: &'a Call<'_>) -> Result<&'a Run, Refusal> {
    let id: CheckRunId = call.parameter("check_run_id")?;
    call.repository()?.checks.runs.get(&id).ok_or_else(Refusal::not_found)
}

fn suite_of<'a>(call: &'a Call<'_>, run: &Run) -> Result<&'a Suite, Refusal> {
    call.repository()?.checks.suites.get(&run.suite).ok_or_else(Refusal::not_found)
}

fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    Ok(answer::ok(&render::check_run::CheckRun::of(call.state, call.repository()?, named(call)?)))
}

fn annotations(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (run, at) = (named(call)?, call.repository()?);
    let head = suite_of(call, run)?.head;
    let page = Page::of(call, run.report.annotations.iter())?;
    Ok(page.answer(|annotation| render::check_run::Noted::of(call.state, at, head, annotation)))
}

/// The run stays as it is: its App decides what comes of being asked.
fn rerequest(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let run = named(call)?;
    let (id, suite) = (run.id, suite_of(call, run)?);
    let (app, suite) = (suite.app, suite.id);
    if run.progress.ended().is_none() {
        return Err(Refusal::unprocessable("This check run is not rerequestable").into());
    }
    if call.state.runs_workflows(app) {
        return run_again(call, JobId(id.0));
    }
    let event = call.event("check_run", "rerequested")?;
    call.state.ask_for_run(event, id, app, None);
    ask_again(call, suite)?;
    Ok(answer::created(&Nothing {}))
}

/// A job's check runs again as the job does.
fn run_again(call: &mut Call<'_>, job: JobId) -> Result<Answer, Stop> {
    let run = call.repository()?.actions.jobs.get(&job).ok_or_else(Refusal::not_found)?.run;
    let (repository, by) = (call.repository_id()?, call.actor()?);
    call.state.run_again(repository, run, Again::One(job), by)?;
    Ok(answer::created(&Nothing {}))
}

/// A suite that is asked for again is queued until its App says something.
pub(super) fn ask_again(call: &mut Call<'_>, suite: CheckSuiteId) -> Result<(), Refusal> {
    if let Some(suite) = call.repository_mut()?.checks.suites.get_mut(&suite) {
        suite.asked_again = true;
    }
    Ok(())
}

#[derive(serde::Serialize)]
pub(super) struct Nothing {}

impl crate::world::World {
    /// A person presses a button that a check run offers. Whether there is such a button.
    pub fn press(
        &mut self,
        repository: crate::world::RepositoryId,
        run: CheckRunId,
        button: &str,
        person: crate::world::AccountId,
    ) -> bool {
        let checks = self.state.repositories.get(repository).map(|there| &there.checks);
        let offered = checks.and_then(|checks| {
            let run = checks.runs.get(&run)?;
            let app = checks.suites.get(&run.suite)?.app;
            run.actions.iter().any(|action| action.identifier == button).then_some(app)
        });
        let Some(app) = offered else { return false };
        let event = Event { name: "check_run", action: Some("requested_action"), repository, sender: person };
        self.state.ask_for_run(event, run, app, Some(button));
        true
    }
}
