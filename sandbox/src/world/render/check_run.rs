//! `check-run`, and the same as a webhook tells it.

use serde::Serialize;
use serde_json::value::RawValue;

use super::{app, check_suite, repository};
use crate::{
    object::Oid,
    workflow::Conclusion,
    world::{
        check::{Annotation, Run, Suite},
        id::{CheckRunId, CheckSuiteId, Number, RepositoryId},
        moment::Moment,
        pull,
        repository::Repository,
        state::State,
    },
};

/// A run with the suite it belongs to: its number in answers, more of it in webhooks.
#[derive(Serialize)]
pub(crate) struct CheckRun<'a, S> {
    id: CheckRunId,
    node_id: String,
    head_sha: Oid,
    external_id: &'a str,
    url: String,
    html_url: String,
    details_url: String,
    status: &'static str,
    conclusion: Option<Conclusion>,
    started_at: Moment,
    completed_at: Option<Moment>,
    output: Output<'a>,
    name: &'a str,
    check_suite: S,
    app: Option<&'a RawValue>,
    pull_requests: Vec<Pull>,
}

#[derive(Serialize)]
pub(crate) struct Numbered {
    id: CheckSuiteId,
}

#[derive(Serialize)]
struct Output<'a> {
    title: Option<&'a str>,
    summary: Option<&'a str>,
    text: Option<&'a str>,
    annotations_count: usize,
    annotations_url: String,
}

/// `pull-request-minimal`.
#[derive(Serialize)]
pub(crate) struct Pull {
    url: String,
    id: u64,
    number: Number,
    head: Side,
    base: Side,
}

#[derive(Serialize)]
struct Side {
    #[serde(rename = "ref")]
    branch: String,
    sha: Oid,
    repo: There,
}

#[derive(Serialize)]
struct There {
    id: RepositoryId,
    url: String,
    name: String,
}

impl Pull {
    /// The open pull requests that would merge this commit of this branch.
    pub(crate) fn all(state: &State, at: &Repository, branch: Option<&str>, head: Oid) -> Vec<Self> {
        let Some(branch) = branch else { return Vec::new() };
        let open = state.open_pulls.of_head(at.id, branch).into_iter().filter(|(there, _)| *there == at.id);
        let pulls = open.filter_map(|(_, number)| at.pulls.get(number));
        pulls.filter(|pull| pull.head.sha == head).map(|pull| Self::of(state, at, pull)).collect()
    }

    fn of(state: &State, at: &Repository, pull: &pull::Pull) -> Self {
        let url = repository::url(state, at);
        let there = || There { id: at.id, url: url.clone(), name: at.name.clone() };
        Self {
            url: format!("{url}/pulls/{}", pull.number),
            id: pull.id,
            number: pull.number,
            head: Side { branch: pull.head.branch.clone(), sha: pull.head.sha, repo: there() },
            base: Side { branch: pull.base.branch.clone(), sha: pull.base.sha, repo: there() },
        }
    }
}

impl<'a> CheckRun<'a, Numbered> {
    /// As it stands in answers.
    pub(crate) fn of(state: &'a State, at: &'a Repository, run: &'a Run) -> Option<Self> {
        let suite = at.checks.suites.get(&run.suite)?;
        Some(Self::with(state, at, run, suite, Numbered { id: suite.id }))
    }
}

impl<'a> CheckRun<'a, check_suite::Core<'a>> {
    /// As a webhook tells it.
    pub(crate) fn told(state: &'a State, at: &'a Repository, run: &'a Run) -> Option<Self> {
        let suite = at.checks.suites.get(&run.suite)?;
        Some(Self::with(state, at, run, suite, check_suite::Core::of(state, at, suite)))
    }
}

impl<'a, S> CheckRun<'a, S> {
    fn with(state: &'a State, at: &'a Repository, run: &'a Run, suite: &Suite, check_suite: S) -> Self {
        let url = format!("{}/check-runs/{}", repository::url(state, at), run.id);
        let html_url = format!("{}/{}/runs/{}", state.addresses.html, state.full_name(at), run.id);
        let ended = run.progress.ended();
        Self {
            id: run.id,
            node_id: format!("CR_{:x}", run.id.0),
            head_sha: suite.head,
            external_id: run.external_id.as_deref().unwrap_or(""),
            details_url: run.details_url.clone().unwrap_or_else(|| html_url.clone()),
            html_url,
            status: run.progress.word(),
            conclusion: ended.map(|(_, conclusion)| conclusion),
            started_at: run.started_at,
            completed_at: ended.map(|(at, _)| at),
            output: Output {
                title: run.report.title.as_deref(),
                summary: run.report.summary.as_deref(),
                text: run.report.text.as_deref(),
                annotations_count: run.report.annotations.len(),
                annotations_url: format!("{url}/annotations"),
            },
            name: &run.name,
            check_suite,
            app: app::of(state, Some(suite.app)),
            pull_requests: Pull::all(state, at, suite.branch.as_deref(), suite.head),
            url,
        }
    }
}

/// `check-annotation`.
#[derive(Serialize)]
pub(crate) struct Noted<'a> {
    #[serde(flatten)]
    annotation: &'a Annotation,
    blob_href: String,
}

impl<'a> Noted<'a> {
    pub(crate) fn of(state: &State, at: &Repository, head: Oid, annotation: &'a Annotation) -> Self {
        let blob_href = format!("{}/{}/blob/{head}/{}", state.addresses.html, state.full_name(at), annotation.path);
        Self { annotation, blob_href }
    }
}
