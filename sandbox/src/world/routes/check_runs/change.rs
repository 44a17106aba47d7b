//! Check runs come and change.

use http::StatusCode;
use serde::Deserialize;

use super::{app, get, named, suite_of};
use crate::{
    object::Oid,
    workflow::Conclusion,
    world::{
        answer::Answer,
        call::Call,
        check::{Action, Annotation, Open, Progress, Report, Run},
        id::{AppId, CheckRunId, CheckSuiteId},
        moment::Moment,
        refusal::{Code, Refusal, Stop},
    },
};

/// What may be said of a run. What is not said stays.
#[derive(Deserialize)]
struct Said {
    name: Option<String>,
    head_sha: Option<String>,
    details_url: Option<String>,
    external_id: Option<String>,
    status: Option<Word>,
    started_at: Option<String>,
    conclusion: Option<Conclusion>,
    completed_at: Option<String>,
    output: Option<Output>,
    actions: Option<Vec<Action>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    Queued,
    InProgress,
    Completed,
    Waiting,
    Requested,
    Pending,
}

#[derive(Deserialize)]
struct Output {
    title: Option<String>,
    summary: Option<String>,
    text: Option<String>,
    #[serde(default)]
    annotations: Vec<Annotation>,
}

/// GitHub takes so many annotations and buttons at once, and so long a text.
const ANNOTATIONS: usize = 50;
const ACTIONS: usize = 3;
const LONGEST: usize = 65_535;

pub(super) fn create(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let app = app(call)?;
    let mut said: Said = call.body()?;
    let name = said.name.take().filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| Refusal::invalid("CheckRun", "name", Code::MissingField))?;
    let head = head(call, said.head_sha.as_deref())?;
    let now = call.state.now;
    let progress = said.progress(now)?.unwrap_or(Progress::Open(Open::Queued));
    said.lawful(true)?;
    let suite = suite(call, app, head)?;
    let id = CheckRunId(call.state.draw.id());
    let mut run = Run {
        id,
        suite,
        name,
        external_id: None,
        details_url: None,
        progress,
        started_at: now,
        report: Report::default(),
        actions: Vec::new(),
        updated_at: now,
    };
    said.apply(&mut run, now);
    let (repository, by) = (call.repository_id()?, call.actor()?);
    call.state.add_run(repository, run, by);
    let at = call.repository()?;
    let run = at.checks.runs.get(&id).ok_or_else(Refusal::not_found)?;
    Ok(crate::world::answer::created(&crate::world::render::check_run::CheckRun::of(call.state, at, run)))
}

fn head(call: &Call<'_>, sha: Option<&str>) -> Result<Oid, Refusal> {
    call.commit_of_sha(sha.ok_or_else(|| Refusal::invalid("CheckRun", "head_sha", Code::MissingField))?)
}

/// The suite that the App has on the commit, or a new one.
fn suite(call: &mut Call<'_>, app: AppId, head: Oid) -> Result<CheckSuiteId, Refusal> {
    let repository = call.repository_id()?;
    if let Some(known) = call.state.suite_of(repository, app, head) {
        return Ok(known);
    }
    let branch = call.state.branch_at(repository, head);
    Ok(call.state.add_suite(repository, app, head, branch, None))
}

pub(super) fn update(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let app = app(call)?;
    let said: Said = call.body()?;
    let (id, owner) = (named(call)?.id, suite_of(call, named(call)?)?.app);
    if owner != app {
        let said =
            format!("Invalid app_id `{app}` - check run can only be modified by the GitHub App that created it.");
        return Err(Refusal::forbidden(said).into());
    }
    let now = call.state.now;
    let progress = said.progress(now)?;
    said.lawful(false)?;
    let (repository, by) = (call.repository_id()?, call.actor()?);
    call.state.change_run(repository, id, by, |run| {
        run.progress = progress.unwrap_or(run.progress);
        said.apply(run, now);
    })?;
    get(call)
}

impl Said {
    /// How far it says that the run is. A conclusion ends it, whatever else is said.
    fn progress(&self, now: Moment) -> Result<Option<Progress>, Refusal> {
        let at = self.completed_at.as_deref().map(moment).transpose()?;
        match (self.conclusion, self.status) {
            (Some(Conclusion::Stale | Conclusion::StartupFailure), _) => Err(Refusal::unprocessable(
                "Invalid request.\n\nYou cannot change a check run conclusion to this: only GitHub can set it.",
            )),
            (Some(conclusion), _) => Ok(Some(Progress::Ended { at: at.unwrap_or(now), conclusion })),
            (None, Some(Word::Completed)) => Err(Refusal::unprocessable(
                "Invalid request.\n\nMissing required keys \"conclusion\" if \"status\" is \"completed\".",
            )),
            (None, None) => Ok(None),
            (None, Some(Word::Queued)) => Ok(Some(Progress::Open(Open::Queued))),
            (None, Some(Word::InProgress)) => Ok(Some(Progress::Open(Open::InProgress))),
            (None, Some(Word::Waiting)) => Ok(Some(Progress::Open(Open::Waiting))),
            (None, Some(Word::Requested)) => Ok(Some(Progress::Open(Open::Requested))),
            (None, Some(Word::Pending)) => Ok(Some(Progress::Open(Open::Pending))),
        }
    }

    fn lawful(&self, is_new: bool) -> Result<(), Refusal> {
        self.started_at.as_deref().map(moment).transpose()?;
        if self.actions.as_ref().is_some_and(|actions| actions.len() > ACTIONS) {
            return Err(Refusal::unprocessable("Only 3 actions are allowed on a check run."));
        }
        let Some(output) = &self.output else { return Ok(()) };
        if output.summary.is_none() || is_new && output.title.is_none() {
            return Err(Refusal::unprocessable("Invalid request.\n\n\"title\", \"summary\" weren't supplied."));
        }
        let long = |text: &Option<String>| text.as_ref().is_some_and(|text| text.len() > LONGEST);
        if long(&output.summary) || long(&output.text) {
            return Err(Refusal::unprocessable(format!("Only {LONGEST} characters are allowed; {LONGEST} exceeded.")));
        }
        match output.annotations.len() {
            0..=ANNOTATIONS => Ok(()),
            _ => Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "Only 50 annotations are allowed per request.")),
        }
    }

    fn apply(self, run: &mut Run, now: Moment) {
        let Self { name, head_sha: _, details_url, external_id, status: _, started_at, output, actions, .. } = self;
        run.name = name.unwrap_or_else(|| std::mem::take(&mut run.name));
        run.details_url = details_url.or_else(|| run.details_url.take());
        run.external_id = external_id.or_else(|| run.external_id.take());
        run.started_at = started_at.as_deref().and_then(Moment::parse).unwrap_or(run.started_at);
        run.actions = actions.unwrap_or_else(|| std::mem::take(&mut run.actions));
        run.updated_at = now;
        if let Some(Output { title, summary, text, annotations }) = output {
            run.report.title = title.or_else(|| run.report.title.take());
            run.report.summary = summary;
            run.report.text = text.or_else(|| run.report.text.take());
            run.report.annotations.extend(annotations);
        }
    }
}

fn moment(text: &str) -> Result<Moment, Refusal> {
    let wrong = || Refusal::unprocessable(format!("Invalid request.\n\n{text} is not a date-time."));
    Moment::parse(text).ok_or_else(wrong)
}
