//! `workflow-run`.

use std::sync::Arc;

use serde::Serialize;
use serde_json::value::RawValue;

use super::{check_run::Pull, check_suite, head_commit::HeadCommit, repository, user, workflow};
use crate::{
    object::Oid,
    workflow::{Conclusion, FILE},
    world::{
        ci,
        id::{CheckSuiteId, RepositoryId, WorkflowId, WorkflowRunId},
        moment::Moment,
        repository::Repository,
        state::State,
    },
};

#[derive(Serialize)]
pub(crate) struct Run<'a> {
    id: WorkflowRunId,
    name: &'static str,
    node_id: String,
    check_suite_id: CheckSuiteId,
    check_suite_node_id: String,
    head_branch: &'a str,
    head_sha: Oid,
    path: &'static str,
    run_number: u64,
    run_attempt: u64,
    referenced_workflows: [(); 0],
    event: &'static str,
    status: &'static str,
    conclusion: Option<Conclusion>,
    workflow_id: WorkflowId,
    url: String,
    html_url: String,
    pull_requests: Vec<Pull>,
    created_at: Moment,
    updated_at: Moment,
    actor: Option<Arc<RawValue>>,
    triggering_actor: Option<Arc<RawValue>>,
    run_started_at: Moment,
    jobs_url: String,
    logs_url: String,
    check_suite_url: String,
    artifacts_url: String,
    cancel_url: String,
    rerun_url: String,
    previous_attempt_url: Option<String>,
    workflow_url: String,
    head_commit: Option<HeadCommit<'a>>,
    repository: repository::Lite<'a>,
    head_repository: Option<repository::Lite<'a>>,
    display_title: &'a str,
}

/// Where a run is.
pub(crate) fn url(state: &State, at: &Repository, id: WorkflowRunId) -> String {
    format!("{}/actions/runs/{id}", repository::url(state, at))
}

impl<'a> Run<'a> {
    pub(crate) fn of(state: &'a State, at: &'a Repository, run: &'a ci::Run) -> Self {
        let url = url(state, at, run.id);
        let progress = at.run_progress(run);
        let head: Option<&Repository> = state.repositories.get(run.head_repository);
        let is_here = |there: RepositoryId| (there == at.id).then_some(run.branch.as_str());
        Self {
            id: run.id,
            name: workflow::NAME,
            node_id: format!("WFR_{:x}", run.id.0),
            check_suite_id: run.suite,
            check_suite_node_id: format!("CS_{:x}", run.suite.0),
            head_branch: &run.branch,
            head_sha: run.head,
            path: FILE,
            run_number: run.number,
            run_attempt: run.attempt,
            referenced_workflows: [],
            event: run.event.as_str(),
            status: progress.map_or("queued", crate::world::check::Progress::word),
            conclusion: progress.and_then(|progress| progress.ended()).map(|(_, conclusion)| conclusion),
            workflow_id: run.workflow,
            html_url: format!("{}/{}/actions/runs/{}", state.addresses.html, state.full_name(at), run.id),
            pull_requests: Pull::all(state, at, is_here(run.head_repository), run.head),
            created_at: run.created_at,
            updated_at: run.updated_at,
            actor: state.accounts.get(run.actor).map(|account| user::without_view(state, account)),
            triggering_actor: state.accounts.get(run.again_by).map(|account| user::without_view(state, account)),
            run_started_at: run.began_at,
            jobs_url: format!("{url}/jobs"),
            logs_url: format!("{url}/logs"),
            check_suite_url: check_suite::url(state, at, run.suite),
            artifacts_url: format!("{url}/artifacts"),
            cancel_url: format!("{url}/cancel"),
            rerun_url: format!("{url}/rerun"),
            previous_attempt_url: previous(&url, run.attempt),
            workflow_url: workflow::url(state, at, run.workflow),
            head_commit: HeadCommit::of(state, run.head),
            repository: repository::Lite::of(state, at),
            head_repository: head.map(|there| repository::Lite::of(state, there)),
            display_title: &run.title,
            url,
        }
    }

    /// As it is with one of its attempts.
    pub(crate) fn with_attempt(state: &'a State, at: &'a Repository, run: &'a ci::Run, attempt: u64) -> Option<Self> {
        let url = url(state, at, run.id);
        let shown = Self {
            run_attempt: attempt,
            jobs_url: format!("{url}/attempts/{attempt}/jobs"),
            logs_url: format!("{url}/attempts/{attempt}/logs"),
            previous_attempt_url: previous(&url, attempt),
            ..Self::of(state, at, run)
        };
        if attempt == run.attempt {
            return Some(shown);
        }
        let past = run.past(attempt)?;
        Some(Self {
            status: past.progress.word(),
            conclusion: past.progress.ended().map(|(_, conclusion)| conclusion),
            triggering_actor: state.accounts.get(past.by).map(|account| user::without_view(state, account)),
            run_started_at: past.began_at,
            updated_at: past.updated_at,
            ..shown
        })
    }
}

fn previous(run: &str, attempt: u64) -> Option<String> {
    attempt.checked_sub(1).filter(|before| *before > 0).map(|before| format!("{run}/attempts/{before}"))
}
