//! `job`, which is also `workflow-job`.

use serde::Serialize;

use super::{repository, workflow, workflow_run};
use crate::{
    object::Oid,
    workflow::Conclusion,
    world::{
        check::Progress,
        ci,
        id::{JobId, WorkflowRunId},
        moment::Moment,
        repository::Repository,
        state::State,
    },
};

#[derive(Serialize)]
pub(crate) struct Job<'a> {
    id: JobId,
    run_id: WorkflowRunId,
    run_url: String,
    run_attempt: u64,
    node_id: String,
    head_sha: Oid,
    head_branch: &'a str,
    url: String,
    html_url: String,
    status: &'static str,
    conclusion: Option<Conclusion>,
    created_at: Moment,
    started_at: Moment,
    completed_at: Option<Moment>,
    name: &'a str,
    steps: Vec<Step>,
    check_run_url: String,
    labels: [&'static str; 1],
    runner_id: Option<u64>,
    runner_name: Option<&'static str>,
    runner_group_id: Option<u64>,
    runner_group_name: Option<&'static str>,
    workflow_name: &'static str,
}

/// A job has one step: its script.
#[derive(Serialize)]
struct Step {
    name: &'static str,
    number: u64,
    status: &'static str,
    conclusion: Option<&'static str>,
    started_at: Moment,
    completed_at: Option<Moment>,
}

impl<'a> Job<'a> {
    /// A job of a run that is there.
    pub(crate) fn of(state: &'a State, at: &'a Repository, job: &'a ci::Job) -> Option<Self> {
        let run = at.actions.runs.get(&job.run)?;
        let check = at.checks.runs.get(&crate::world::id::CheckRunId(job.id.0))?;
        let (api, ended) = (repository::url(state, at), check.progress.ended());
        Some(Self {
            id: job.id,
            run_id: run.id,
            run_url: workflow_run::url(state, at, run.id),
            run_attempt: job.attempt,
            node_id: format!("CR_{:x}", job.id.0),
            head_sha: run.head,
            head_branch: &run.branch,
            url: format!("{api}/actions/jobs/{}", job.id),
            html_url: check.details_url.clone().unwrap_or_default(),
            status: check.progress.word(),
            conclusion: ended.map(|(_, conclusion)| shown(conclusion)),
            created_at: job.created_at,
            started_at: check.started_at,
            completed_at: ended.map(|(at, _)| at),
            name: &job.check.name,
            steps: job.is_begun.then(|| Step::of(check.started_at, check.progress)).into_iter().collect(),
            check_run_url: format!("{api}/check-runs/{}", job.id),
            labels: ["played"],
            runner_id: job.is_begun.then_some(1),
            runner_name: job.is_begun.then_some("played runner"),
            runner_group_id: job.is_begun.then_some(1),
            runner_group_name: job.is_begun.then_some("Default"),
            workflow_name: workflow::NAME,
        })
    }
}

/// A job has no word for one that nobody heard of again.
const fn shown(conclusion: Conclusion) -> Conclusion {
    match conclusion {
        Conclusion::Stale => Conclusion::Cancelled,
        other => other,
    }
}

impl Step {
    fn of(started_at: Moment, progress: Progress) -> Self {
        let ended = progress.ended();
        // A step has fewer words than a job.
        let word = |conclusion| match conclusion {
            Conclusion::Success | Conclusion::Neutral | Conclusion::ActionRequired => "success",
            Conclusion::Skipped => "skipped",
            Conclusion::Cancelled | Conclusion::Stale => "cancelled",
            Conclusion::Failure | Conclusion::TimedOut | Conclusion::StartupFailure => "failure",
        };
        Self {
            name: "Run",
            number: 1,
            status: progress.word(),
            conclusion: ended.map(|(_, conclusion)| word(conclusion)),
            started_at,
            completed_at: ended.map(|(at, _)| at),
        }
    }
}
