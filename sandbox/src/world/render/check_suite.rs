//! `check-suite`, and the same with less, as a webhook tells it and as a check run's webhook holds it.

use std::sync::Arc;

use serde::Serialize;
use serde_json::value::RawValue;

use super::{app, check_run::Pull, head_commit::HeadCommit, repository};
use crate::{
    object::Oid,
    workflow::Conclusion,
    world::{
        check::{Progress, Suite},
        id::CheckSuiteId,
        moment::Moment,
        repository::Repository,
        state::State,
    },
};

/// What all three have.
#[derive(Serialize)]
pub(crate) struct Core<'a> {
    id: CheckSuiteId,
    node_id: String,
    head_branch: Option<&'a str>,
    head_sha: Oid,
    status: &'static str,
    conclusion: Option<Conclusion>,
    url: String,
    before: Oid,
    after: Oid,
    pull_requests: Vec<Pull>,
    app: Option<&'a RawValue>,
    created_at: Moment,
    updated_at: Moment,
}

/// The suite that a webhook tells of.
#[derive(Serialize)]
pub(crate) struct Told<'a> {
    #[serde(flatten)]
    core: Core<'a>,
    rerequestable: bool,
    runs_rerequestable: bool,
    latest_check_runs_count: usize,
    check_runs_url: String,
    head_commit: Option<HeadCommit<'a>>,
}

/// The suite by itself.
#[derive(Serialize)]
pub(crate) struct Whole<'a> {
    #[serde(flatten)]
    told: Told<'a>,
    repository: Arc<RawValue>,
}

/// Where a suite is.
pub(crate) fn url(state: &State, at: &Repository, id: CheckSuiteId) -> String {
    format!("{}/check-suites/{id}", repository::url(state, at))
}

impl<'a> Core<'a> {
    pub(crate) fn of(state: &'a State, at: &'a Repository, suite: &'a Suite) -> Self {
        let progress = at.checks.progress(suite);
        Self {
            id: suite.id,
            node_id: format!("CS_{:x}", suite.id.0),
            head_branch: suite.branch.as_deref(),
            head_sha: suite.head,
            status: progress.word(),
            conclusion: progress.ended().map(|(_, conclusion)| conclusion),
            url: url(state, at, suite.id),
            before: suite.before.unwrap_or(Oid::ZERO),
            after: suite.head,
            pull_requests: Pull::all(state, at, suite.branch.as_deref(), suite.head),
            app: app::of(state, Some(suite.app)),
            created_at: suite.created_at,
            updated_at: suite.updated_at,
        }
    }
}

impl<'a> Told<'a> {
    pub(crate) fn of(state: &'a State, at: &'a Repository, suite: &'a Suite) -> Self {
        let begun = at.checks.progress(suite) != Progress::Open(crate::world::check::Open::Queued);
        Self {
            core: Core::of(state, at, suite),
            rerequestable: true,
            runs_rerequestable: begun,
            latest_check_runs_count: at.checks.latest_of(suite.id).len(),
            check_runs_url: format!("{}/check-runs", url(state, at, suite.id)),
            head_commit: HeadCommit::of(state, suite.head),
        }
    }
}

impl<'a> Whole<'a> {
    pub(crate) fn of(state: &'a State, at: &'a Repository, suite: &'a Suite) -> Self {
        Self { told: Told::of(state, at, suite), repository: repository::card(state, at) }
    }
}
