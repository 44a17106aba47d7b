//! Suites and runs come, change and end; a suite ends with the last of its runs.

use super::{Checks, Open, Progress, Run, Suite};
use crate::{
    object::Oid,
    world::{
        agenda::{Appointment, PATIENCE},
        id::{AccountId, AppId, CheckRunId, CheckSuiteId, RepositoryId},
        refusal::Refusal,
        state::State,
    },
};

impl State {
    /// A suite of an App on a commit.
    pub(crate) fn add_suite(
        &mut self,
        repository: RepositoryId,
        app: AppId,
        head: Oid,
        branch: Option<String>,
        before: Option<Oid>,
    ) -> CheckSuiteId {
        let (id, now) = (CheckSuiteId(self.draw.id()), self.now);
        let alone = Progress::Open(Open::Queued);
        let suite =
            Suite { id, app, head, branch, before, alone, asked_again: false, created_at: now, updated_at: now };
        if let Some(repository) = self.repositories.get_mut(repository) {
            repository.checks.add_suite(suite);
        }
        id
    }

    /// The newest suite of an App on a commit.
    pub(crate) fn suite_of(&self, repository: RepositoryId, app: AppId, head: Oid) -> Option<CheckSuiteId> {
        let suites = self.repositories.get(repository)?.checks.suites_of(head);
        suites.rev().find(|suite| suite.app == app).map(|suite| suite.id)
    }

    /// A branch whose newest commit this is.
    pub(crate) fn branch_at(&self, repository: RepositoryId, head: Oid) -> Option<String> {
        let references = &self.repositories.get(repository)?.references;
        let mut branches = references.iter().filter(|(_, tip)| **tip == head);
        branches.find_map(|(name, _)| name.strip_prefix("refs/heads/")).map(ToOwned::to_owned)
    }

    /// A new run, and what follows from it.
    pub(crate) fn add_run(&mut self, repository: RepositoryId, run: Run, by: AccountId) {
        let (id, suite, ended) = (run.id, run.suite, run.progress.ended().is_some());
        let before = self.suite_ended(repository, suite);
        if !ended {
            self.agenda.add(self.now.after(PATIENCE), Appointment::Stale(repository, id));
        }
        if let Some(there) = self.repositories.get_mut(repository) {
            there.checks.add_run(run);
            there.checks.touch(suite, self.now);
        }
        self.tell_run("created", repository, id, by);
        if ended {
            self.tell_run("completed", repository, id, by);
        }
        self.tell_suite(repository, suite, before, by);
    }

    /// Changes a run, and does what follows from it.
    pub(crate) fn change_run(
        &mut self,
        repository: RepositoryId,
        id: CheckRunId,
        by: AccountId,
        change: impl FnOnce(&mut Run),
    ) -> Result<(), Refusal> {
        let now = self.now;
        let run = self.repository_mut(repository)?.checks.runs.get_mut(&id).ok_or_else(Refusal::not_found)?;
        let (suite, was) = (run.suite, run.progress);
        let before = self.suite_ended(repository, suite);
        let checks = &mut self.repository_mut(repository)?.checks;
        let run = checks.runs.get_mut(&id).ok_or_else(Refusal::not_found)?;
        change(run);
        let ended = run.progress != was && run.progress.ended().is_some();
        checks.touch(suite, now);
        if ended {
            self.tell_run("completed", repository, id, by);
        }
        self.tell_suite(repository, suite, before, by);
        Ok(())
    }

    fn suite_ended(&self, repository: RepositoryId, suite: CheckSuiteId) -> bool {
        let Some(checks) = self.repositories.get(repository).map(|there| &there.checks) else { return false };
        checks.suites.get(&suite).is_some_and(|suite| checks.progress(suite).ended().is_some())
    }

    fn tell_suite(&mut self, repository: RepositoryId, suite: CheckSuiteId, had_ended: bool, by: AccountId) {
        if !had_ended && self.suite_ended(repository, suite) {
            self.tell_suite_ended(repository, suite, by);
        }
    }
}

impl Checks {
    /// Something of a suite was reported.
    fn touch(&mut self, suite: CheckSuiteId, now: crate::world::moment::Moment) {
        if let Some(suite) = self.suites.get_mut(&suite) {
            suite.asked_again = false;
            suite.updated_at = now;
        }
    }
}
