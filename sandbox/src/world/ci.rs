//! Workflow runs: what `.ci.toml` of a commit declares, run as jobs, each of which is a check run of an App of GitHub's
//! own. How far a job is, its check run says; how far a run is, its suite.

mod advance;
mod again;
mod schedule;
mod start;
mod tell;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;

pub(crate) use self::again::Again;
use super::{
    World,
    check::Progress,
    id::{AccountId, CheckRunId, CheckSuiteId, JobId, Number, RepositoryId, WorkflowId, WorkflowRunId},
    moment::Moment,
    repository::Repository,
};
use crate::{
    object::Oid,
    workflow::{Check, Event},
};

/// What was started by one event.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) id: WorkflowRunId,
    pub(crate) workflow: WorkflowId,
    /// The first of a repository is 1.
    pub(crate) number: u64,
    pub(crate) attempt: u64,
    pub(crate) suite: CheckSuiteId,
    pub(crate) event: Event,
    pub(crate) head: Oid,
    pub(crate) branch: String,
    /// Where the branch is: a fork, where a pull request comes from one.
    pub(crate) head_repository: RepositoryId,
    pub(crate) place: Place,
    pub(crate) title: String,
    /// Who caused it.
    pub(crate) actor: AccountId,
    /// Who caused the newest attempt.
    pub(crate) again_by: AccountId,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
    /// When the newest attempt began.
    pub(crate) began_at: Moment,
    /// Whether a job of the newest attempt has started.
    pub(crate) is_begun: bool,
    /// What is wrong with the declaration, where there are no jobs for that.
    pub(crate) fault: Option<String>,
    /// The attempts before the newest, the first one first.
    pub(crate) past: Vec<Past>,
}

/// An attempt that is over, and was followed by another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Past {
    pub(crate) by: AccountId,
    pub(crate) began_at: Moment,
    pub(crate) updated_at: Moment,
    pub(crate) progress: Progress,
}

impl Run {
    /// An attempt before the newest.
    pub(crate) fn past(&self, attempt: u64) -> Option<&Past> {
        self.past.get(usize::try_from(attempt.checked_sub(1)?).ok()?)
    }
}

/// Within what a newer run of a check may end an older one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    Branch(String),
    Pull(Number),
}

/// One attempt at one check. It has the number of its check run.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) id: JobId,
    pub(crate) run: WorkflowRunId,
    pub(crate) attempt: u64,
    pub(crate) check: Arc<Check>,
    /// Whether a runner was asked for.
    pub(crate) is_handed: bool,
    /// Whether a runner has begun.
    pub(crate) is_begun: bool,
    pub(crate) created_at: Moment,
    pub(crate) log: Option<Bytes>,
    /// Whoever knows this word may read the log.
    pub(crate) key: String,
}

/// The file that declares the checks, as the Actions API counts it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Declared {
    pub(crate) id: WorkflowId,
    pub(crate) at: Moment,
}

/// The workflow runs of a repository.
#[derive(Clone, Debug, Default)]
pub(crate) struct Actions {
    pub(crate) declared: Option<Declared>,
    pub(crate) runs: BTreeMap<WorkflowRunId, Run>,
    pub(crate) jobs: BTreeMap<JobId, Job>,
    by_run: BTreeSet<(WorkflowRunId, JobId)>,
    /// Jobs that have not ended.
    open: BTreeSet<JobId>,
    last_number: u64,
    /// By the check's name: how often, and when next.
    schedule: BTreeMap<String, (Duration, Moment)>,
    /// Who brought the schedule.
    scheduled_by: Option<AccountId>,
}

impl Actions {
    fn add_job(&mut self, job: Job) {
        self.by_run.insert((job.run, job.id));
        self.open.insert(job.id);
        self.jobs.insert(job.id, job);
    }

    /// A run's jobs of all attempts, oldest first.
    pub(crate) fn jobs_of(&self, run: WorkflowRunId) -> impl DoubleEndedIterator<Item = &Job> {
        let of_run = self.by_run.range((run, JobId(0))..=(run, JobId(u64::MAX)));
        of_run.filter_map(|(_, id)| self.jobs.get(id))
    }

    /// Of each check the newest job of a run, each after those it needs.
    pub(crate) fn latest_of(&self, run: WorkflowRunId) -> Vec<&Job> {
        self.as_of(run, u64::MAX)
    }

    /// The same, as it was with an attempt: what was not run again then is of an attempt before.
    pub(crate) fn as_of(&self, run: WorkflowRunId, attempt: u64) -> Vec<&Job> {
        let known = || self.jobs_of(run).filter(|job| job.attempt <= attempt);
        let newest: BTreeMap<&str, JobId> = known().map(|job| (job.check.name.as_str(), job.id)).collect();
        let mut first = BTreeSet::new();
        let order = known().filter(|job| first.insert(job.check.name.as_str()));
        order.filter_map(|job| self.jobs.get(newest.get(job.check.name.as_str())?)).collect()
    }
}

impl Repository {
    /// How far a job is.
    pub(crate) fn job_progress(&self, job: &Job) -> Option<Progress> {
        self.checks.runs.get(&CheckRunId(job.id.0)).map(|run| run.progress)
    }

    /// How far a workflow run is.
    pub(crate) fn run_progress(&self, run: &Run) -> Option<Progress> {
        self.checks.suites.get(&run.suite).map(|suite| self.checks.progress(suite))
    }
}

impl World {
    /// The log of a job that has ended, for whoever has the word of its address.
    #[must_use]
    pub fn log(&self, job: JobId, key: &str) -> Option<Bytes> {
        let repository = self.state.repositories.get(*self.state.jobs.get(&job)?)?;
        let job = repository.actions.jobs.get(&job).filter(|job| job.key == key)?;
        job.log.clone()
    }

    /// What is wrong with the declaration that a workflow run could not start with.
    #[must_use]
    pub fn startup_fault(&self, repository: RepositoryId, run: WorkflowRunId) -> Option<&str> {
        self.state.repositories.get(repository)?.actions.runs.get(&run)?.fault.as_deref()
    }
}
