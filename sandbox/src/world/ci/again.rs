//! Runs are run again: the same run, another attempt, new jobs.

use std::{collections::BTreeSet, sync::Arc};

use super::{Actions, Job, Past};
use crate::{
    workflow::{Check, Conclusion},
    world::{
        id::{AccountId, JobId, RepositoryId, WorkflowRunId},
        refusal::Refusal,
        repository::Repository,
        state::State,
    },
};

/// Which jobs are run again; always with those that need them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Again {
    All,
    Failed,
    One(JobId),
}

impl State {
    /// Runs jobs of a run again that has ended.
    pub(crate) fn run_again(
        &mut self,
        repository: RepositoryId,
        id: WorkflowRunId,
        which: Again,
        by: AccountId,
    ) -> Result<(), Refusal> {
        let there = self.repository(repository)?;
        let run = there.actions.runs.get(&id).ok_or_else(Refusal::not_found)?;
        if run.fault.is_some() {
            return Err(Refusal::forbidden("This workflow run cannot be retried"));
        }
        let ended = there.run_progress(run).filter(|progress| progress.ended().is_some());
        let progress = ended.ok_or_else(|| Refusal::forbidden("This workflow is already running"))?;
        let checks = meant(there, id, which);
        if checks.is_empty() {
            return Err(Refusal::forbidden("This workflow run has no failed jobs to run again"));
        }
        let now = self.now;
        let run = self.repository_mut(repository)?.actions.runs.get_mut(&id).ok_or_else(Refusal::not_found)?;
        let (by_before, began_at, updated_at) = (run.again_by, run.began_at, run.updated_at);
        run.past.push(Past { by: by_before, began_at, updated_at, progress });
        run.attempt += 1;
        (run.again_by, run.is_begun) = (by, false);
        (run.began_at, run.updated_at) = (now, now);
        for check in checks {
            self.add_job(repository, id, check);
        }
        self.tell_workflow("requested", repository, id);
        self.advance(repository, id);
        self.finish(repository, id);
        Ok(())
    }
}

fn meant(there: &Repository, run: WorkflowRunId, which: Again) -> Vec<Arc<Check>> {
    let latest = Actions::latest_of(&there.actions, run);
    let passed = |job: &Job| {
        let ended = there.job_progress(job).and_then(|progress| progress.ended());
        matches!(ended, Some((_, Conclusion::Success | Conclusion::Neutral)))
    };
    let mut named: BTreeSet<&str> = BTreeSet::new();
    // Each stands after those it needs, so one round finds all that need what is named.
    for job in &latest {
        let is_meant = match which {
            Again::All => true,
            Again::Failed => !passed(job),
            Again::One(id) => job.id == id,
        };
        if is_meant || job.check.needs.iter().any(|need| named.contains(need.as_str())) {
            named.insert(&job.check.name);
        }
    }
    latest.iter().filter(|job| named.contains(job.check.name.as_str())).map(|job| Arc::clone(&job.check)).collect()
}
