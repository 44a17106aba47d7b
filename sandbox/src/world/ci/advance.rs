//! Jobs start and end, and what they make possible, needless or superfluous.

use std::sync::Arc;

use bytes::Bytes;

use super::{Job, Run};
use crate::{
    workflow::{Check, Conclusion, Concurrency, Readiness},
    world::{
        check::{Open, Progress},
        effect::{Effect, Work},
        id::{CheckRunId, JobId, RepositoryId, WorkflowRunId},
        state::State,
    },
};

impl State {
    fn job(&self, repository: RepositoryId, id: JobId) -> Option<(&Job, &Run)> {
        let actions = &self.repositories.get(repository)?.actions;
        let job = actions.jobs.get(&id)?;
        Some((job, actions.runs.get(&job.run)?))
    }

    fn job_mut(&mut self, repository: RepositoryId, id: JobId) -> Option<&mut Job> {
        self.repositories.get_mut(repository)?.actions.jobs.get_mut(&id)
    }

    fn is_open(&self, repository: RepositoryId, id: JobId) -> bool {
        self.repositories.get(repository).is_some_and(|there| there.actions.open.contains(&id))
    }

    /// A runner has begun.
    pub(crate) fn job_started(&mut self, id: JobId) {
        let Some(repository) = self.jobs.get(&id).copied().filter(|there| self.is_open(*there, id)) else { return };
        let Some(by) = self.job(repository, id).map(|(_, run)| run.again_by) else { return };
        let now = self.now;
        let begun = self.change_run(repository, CheckRunId(id.0), by, |run| {
            run.progress = Progress::Open(Open::InProgress);
            (run.started_at, run.updated_at) = (now, now);
        });
        if begun.is_err() {
            return;
        }
        let Some(job) = self.job_mut(repository, id) else { return };
        job.is_begun = true;
        let run = job.run;
        self.begin(repository, run);
        self.tell_job("in_progress", repository, id);
    }

    fn begin(&mut self, repository: RepositoryId, id: WorkflowRunId) {
        let now = self.now;
        let run = self.repositories.get_mut(repository).and_then(|there| there.actions.runs.get_mut(&id));
        let Some(run) = run.filter(|run| !run.is_begun) else { return };
        run.is_begun = true;
        run.updated_at = now;
        self.tell_workflow("in_progress", repository, id);
    }

    /// A runner is done. Of a job that has ended already only the log is news.
    pub(crate) fn job_ended(&mut self, id: JobId, conclusion: Conclusion, log: &Bytes) {
        let Some(repository) = self.jobs.get(&id).copied() else { return };
        let Some(job) = self.job_mut(repository, id) else { return };
        job.log = Some(log.clone());
        let run = job.run;
        if !self.is_open(repository, id) {
            return;
        }
        self.conclude(repository, id, conclusion);
        self.advance(repository, run);
        self.finish(repository, run);
    }

    /// Starts the jobs of a run that may start now, and skips those that never may.
    pub(super) fn advance(&mut self, repository: RepositoryId, run: WorkflowRunId) {
        let Some(there) = self.repositories.get(repository) else { return };
        // A job stands after those it needs, so what is skipped skips what needs it in the same round.
        let waiting: Vec<JobId> = there.actions.latest_of(run).iter().map(|job| job.id).collect();
        for id in waiting {
            match self.readiness(repository, id) {
                Some(Readiness::Ready) => self.hand(repository, id),
                Some(Readiness::Skipped) => self.conclude(repository, id, Conclusion::Skipped),
                Some(Readiness::Waiting) | None => {}
            }
        }
    }

    /// Whether a job that nobody has begun may start.
    fn readiness(&self, repository: RepositoryId, id: JobId) -> Option<Readiness> {
        let there = self.repositories.get(repository)?;
        let job = there.actions.jobs.get(&id).filter(|job| !job.is_handed && there.actions.open.contains(&job.id))?;
        let latest = there.actions.latest_of(job.run);
        let ended = |name: &str| {
            let needed = latest.iter().find(|job| job.check.name == name)?;
            there.job_progress(needed)?.ended().map(|(_, conclusion)| conclusion)
        };
        Some(job.check.readiness(ended))
    }

    fn hand(&mut self, repository: RepositoryId, id: JobId) {
        let Some(job) = self.job_mut(repository, id) else { return };
        job.is_handed = true;
        let check = Arc::clone(&job.check);
        let Some((_, run)) = self.job(repository, id) else { return };
        let Check { name, script, timeout, environment, .. } = &*check;
        self.effects.push(Effect::Run(Work {
            check: name.clone(),
            job: id,
            repository: run.head_repository,
            commit: run.head,
            script: script.clone(),
            environment: environment.clone(),
            timeout: *timeout,
        }));
    }

    /// A job has ended; nothing follows from it yet.
    fn conclude(&mut self, repository: RepositoryId, id: JobId, conclusion: Conclusion) {
        let now = self.now;
        let Some(there) = self.repositories.get_mut(repository) else { return };
        if !there.actions.open.remove(&id) {
            return;
        }
        let Some(by) = self.job(repository, id).map(|(_, run)| run.again_by) else { return };
        // A check run of GitHub's has no word for it: a startup failure is a whole suite's.
        let conclusion = if conclusion == Conclusion::StartupFailure { Conclusion::Failure } else { conclusion };
        let ended = self.change_run(repository, CheckRunId(id.0), by, |run| {
            run.progress = Progress::Ended { at: now, conclusion };
            run.updated_at = now;
        });
        if ended.is_ok() {
            self.tell_job("completed", repository, id);
        }
    }

    /// Tells that a run has ended, if it has.
    pub(super) fn finish(&mut self, repository: RepositoryId, id: WorkflowRunId) {
        let now = self.now;
        let Some(there) = self.repositories.get_mut(repository) else { return };
        let Some(run) = there.actions.runs.get(&id) else { return };
        if there.run_progress(run).and_then(Progress::ended).is_none() {
            return;
        }
        if let Some(run) = there.actions.runs.get_mut(&id) {
            run.updated_at = now;
        }
        self.tell_workflow("completed", repository, id);
    }

    /// Ends all jobs of a run. Whether there were any to end.
    pub(crate) fn cancel_run(&mut self, repository: RepositoryId, run: WorkflowRunId) -> bool {
        let Some(there) = self.repositories.get(repository) else { return false };
        let open: Vec<JobId> =
            there.actions.jobs_of(run).map(|job| job.id).filter(|id| there.actions.open.contains(id)).collect();
        for id in &open {
            self.stop(repository, *id, Conclusion::Cancelled);
        }
        if !open.is_empty() {
            self.finish(repository, run);
        }
        !open.is_empty()
    }

    /// Ends a job that has not ended, and its script.
    fn stop(&mut self, repository: RepositoryId, id: JobId, conclusion: Conclusion) {
        if self.job(repository, id).is_some_and(|(job, _)| job.is_handed) {
            self.effects.push(Effect::Cancel(id));
        }
        self.conclude(repository, id, conclusion);
    }

    /// A newer run of checks that stand alone in their branch or pull request ends the older ones.
    pub(super) fn supersede(&mut self, repository: RepositoryId, newer: WorkflowRunId, checks: &[Arc<Check>]) {
        let Some(there) = self.repositories.get(repository) else { return };
        let Some(place) = there.actions.runs.get(&newer).map(|run| &run.place) else { return };
        let alone =
            |name: &str| checks.iter().any(|check| check.name == name && check.concurrency == Concurrency::Branch);
        let older: Vec<(JobId, WorkflowRunId)> = (there.actions.open.iter())
            .filter_map(|id| there.actions.jobs.get(id))
            .filter(|job| job.run != newer && alone(&job.check.name))
            .filter(|job| there.actions.runs.get(&job.run).is_some_and(|run| run.place == *place))
            .map(|job| (job.id, job.run))
            .collect();
        for (id, run) in older {
            self.end_early(repository, id, run, Conclusion::Cancelled);
        }
    }

    fn end_early(&mut self, repository: RepositoryId, id: JobId, run: WorkflowRunId, conclusion: Conclusion) {
        if !self.is_open(repository, id) {
            return;
        }
        self.stop(repository, id, conclusion);
        self.advance(repository, run);
        self.finish(repository, run);
    }

    /// A check run has said nothing for too long.
    pub(crate) fn grow_stale(&mut self, repository: RepositoryId, id: CheckRunId) {
        let Some(there) = self.repositories.get(repository) else { return };
        let Some(run) = there.checks.runs.get(&id).filter(|run| run.progress.ended().is_none()) else { return };
        let app = there.checks.suites.get(&run.suite).map(|suite| suite.app);
        let job = JobId(id.0);
        if let Some(of) = self.job(repository, job).map(|(job, _)| job.run) {
            return self.end_early(repository, job, of, Conclusion::Stale);
        }
        let (Some(by), at) = (app.and_then(|app| self.bot_of(app)), self.now) else { return };
        let gone = self.change_run(repository, id, by, |run| {
            run.progress = Progress::Ended { at, conclusion: Conclusion::Stale };
        });
        debug_assert!(gone.is_ok(), "a run that was found is there");
    }
}
