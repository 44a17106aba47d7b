//! From an event to a workflow run.

use std::{collections::BTreeSet, sync::Arc};

use super::{Declared, Job, Place, Run};
use crate::{
    object::Oid,
    workflow::{self, Check, Conclusion, Event, Faults, Workflow},
    world::{
        builtin,
        check::{self, Open, Progress, Report},
        id::{AccountId, CheckRunId, JobId, Number, RepositoryId, WorkflowId, WorkflowRunId},
        reference::Moved,
        state::State,
    },
};

/// What starts a run.
pub(super) struct Cause {
    pub(super) repository: RepositoryId,
    pub(super) event: Event,
    pub(super) head: Oid,
    pub(super) before: Option<Oid>,
    pub(super) branch: String,
    pub(super) head_repository: RepositoryId,
    pub(super) place: Place,
    pub(super) title: String,
    pub(super) by: AccountId,
    /// The checks that are meant, where not all are that start on the event.
    pub(super) only: Option<BTreeSet<String>>,
}

impl State {
    /// A push to a branch starts what its commit declares. In forks nothing runs, as on GitHub until somebody allows it.
    pub(crate) fn runs_follow(&mut self, moved: &Moved) {
        let Some(branch) = moved.reference.strip_prefix("refs/heads/") else { return };
        let Some(head) = moved.after else { return };
        let Some(there) = self.repositories.get(moved.repository).filter(|there| there.fork_of.is_none()) else {
            return;
        };
        let is_default = there.default_branch == branch;
        self.start_workflow(&Cause {
            repository: moved.repository,
            event: Event::Push,
            head,
            before: moved.before,
            branch: branch.to_owned(),
            head_repository: moved.repository,
            place: Place::Branch(branch.to_owned()),
            title: self.objects.commit(head).map(|commit| commit.subject()).unwrap_or_default(),
            by: moved.sender,
            only: None,
        });
        if is_default {
            self.plan(moved.repository, head, moved.sender);
        }
    }

    /// A pull request was opened or reopened, or has got commits.
    pub(crate) fn runs_follow_pull(&mut self, repository: RepositoryId, number: Number, by: AccountId) {
        let Some(whole) = self.pull(repository, number) else { return };
        let head = whole.pull.head.clone();
        let cause = Cause {
            repository,
            event: Event::PullRequest,
            head: head.sha,
            before: None,
            branch: head.branch,
            head_repository: head.repository,
            place: Place::Pull(number),
            title: whole.issue.title.clone(),
            by,
            only: None,
        };
        self.start_workflow(&cause);
    }

    /// What a commit declares, if it does.
    pub(super) fn declared(&self, head: Oid) -> Option<Result<Workflow, Faults>> {
        let tree = self.objects.commit(head)?.tree;
        let text = self.objects.blob(self.objects.entry(tree, workflow::FILE)?.oid)?;
        Some(workflow::parse(&String::from_utf8_lossy(text)))
    }

    pub(super) fn start_workflow(&mut self, cause: &Cause) {
        match self.declared(cause.head) {
            None => {}
            Some(Ok(workflow)) => self.start_checks(cause, &workflow),
            Some(Err(faults)) if cause.event == Event::Push => self.fail_to_start(cause, &faults),
            Some(Err(_)) => {}
        }
    }

    fn start_checks(&mut self, cause: &Cause, workflow: &Workflow) {
        let meant = |check: &&Check| cause.only.as_ref().is_none_or(|only| only.contains(&check.name));
        let checks: Vec<Arc<Check>> =
            workflow.started_by(cause.event).filter(meant).map(|check| Arc::new(check.clone())).collect();
        if checks.is_empty() {
            return;
        }
        let run = self.add_workflow_run(cause, None);
        self.supersede(cause.repository, run, &checks);
        self.tell_workflow("requested", cause.repository, run);
        for check in checks {
            self.add_job(cause.repository, run, check);
        }
        self.advance(cause.repository, run);
        self.finish(cause.repository, run);
    }

    /// A declaration that cannot be used makes a run without jobs.
    fn fail_to_start(&mut self, cause: &Cause, faults: &Faults) {
        let id = self.add_workflow_run(cause, Some(faults.to_string()));
        let at = self.now;
        let Some(there) = self.repositories.get_mut(cause.repository) else { return };
        let suite = there.actions.runs.get(&id).and_then(|run| there.checks.suites.get_mut(&run.suite));
        let Some(suite) = suite else { return };
        suite.alone = Progress::Ended { at, conclusion: Conclusion::StartupFailure };
        let suite = suite.id;
        self.tell_workflow("requested", cause.repository, id);
        self.tell_suite_ended(cause.repository, suite, cause.by);
        self.tell_workflow("completed", cause.repository, id);
    }

    fn add_workflow_run(&mut self, cause: &Cause, fault: Option<String>) -> WorkflowRunId {
        let (id, now) = (WorkflowRunId(self.draw.id()), self.now);
        let app = self.builtin(builtin::ACTIONS);
        let suite = self.add_suite(cause.repository, app, cause.head, Some(cause.branch.clone()), cause.before);
        let workflow = self.workflow(cause.repository);
        let Some(there) = self.repositories.get_mut(cause.repository) else { return id };
        there.actions.last_number += 1;
        let run = Run {
            id,
            workflow,
            number: there.actions.last_number,
            attempt: 1,
            suite,
            event: cause.event,
            head: cause.head,
            branch: cause.branch.clone(),
            head_repository: cause.head_repository,
            place: cause.place.clone(),
            title: cause.title.clone(),
            actor: cause.by,
            again_by: cause.by,
            created_at: now,
            updated_at: now,
            began_at: now,
            is_begun: false,
            fault,
            past: Vec::new(),
        };
        there.actions.runs.insert(id, run);
        id
    }

    fn workflow(&mut self, repository: RepositoryId) -> WorkflowId {
        let known = self.repositories.get(repository).and_then(|there| there.actions.declared);
        if let Some(known) = known {
            return known.id;
        }
        let declared = Declared { id: WorkflowId(self.draw.id()), at: self.now };
        if let Some(there) = self.repositories.get_mut(repository) {
            there.actions.declared = Some(declared);
        }
        declared.id
    }

    /// A job of a run's newest attempt, with its check run. Nothing where there is no such run.
    pub(super) fn add_job(&mut self, repository: RepositoryId, run: WorkflowRunId, check: Arc<Check>) {
        let (id, key, now) = (JobId(self.draw.id()), self.draw.hex(32), self.now);
        let Some(there) = self.repositories.get_mut(repository) else { return };
        let Some(of) = there.actions.runs.get(&run) else { return };
        let (suite, attempt, by) = (of.suite, of.attempt, of.again_by);
        let name = check.name.clone();
        there.actions.add_job(Job {
            id,
            run,
            attempt,
            check,
            is_handed: false,
            is_begun: false,
            created_at: now,
            log: None,
            key,
        });
        self.jobs.insert(id, repository);
        let Some(there) = self.repositories.get(repository) else { return };
        let details = format!("{}/{}/actions/runs/{run}/job/{id}", self.addresses.html, self.full_name(there));
        let check_run = check::Run {
            id: CheckRunId(id.0),
            suite,
            name,
            external_id: Some(id.to_string()),
            details_url: Some(details),
            progress: Progress::Open(Open::Queued),
            started_at: now,
            report: Report::default(),
            actions: Vec::new(),
            updated_at: now,
        };
        self.add_run(repository, check_run, by);
        self.tell_job("queued", repository, id);
    }
}
