//! What is told of workflow runs and jobs.

use crate::world::{
    event::Event,
    id::{JobId, RepositoryId, WorkflowRunId},
    render,
    state::State,
};

impl State {
    pub(super) fn tell_workflow(&mut self, action: &'static str, repository: RepositoryId, id: WorkflowRunId) {
        let Some(there) = self.repositories.get(repository) else { return };
        let Some(sender) = there.actions.runs.get(&id).map(|run| run.again_by) else { return };
        let event = Event { name: "workflow_run", action: Some(action), repository, sender };
        self.emit(event, |state, payload| {
            let Some(at) = state.repositories.get(repository) else { return };
            if let Some(run) = at.actions.runs.get(&id) {
                payload.field("workflow_run", &render::workflow_run::Run::of(state, at, run));
            }
            payload.field("workflow", &render::workflow::Workflow::of(state, at));
        });
    }

    pub(super) fn tell_job(&mut self, action: &'static str, repository: RepositoryId, id: JobId) {
        let Some(there) = self.repositories.get(repository) else { return };
        let run = there.actions.jobs.get(&id).and_then(|job| there.actions.runs.get(&job.run));
        let Some(sender) = run.map(|run| run.again_by) else { return };
        let event = Event { name: "workflow_job", action: Some(action), repository, sender };
        self.emit(event, |state, payload| {
            let Some(at) = state.repositories.get(repository) else { return };
            if let Some(job) = at.actions.jobs.get(&id) {
                payload.field("workflow_job", &render::job::Job::of(state, at, job));
            }
        });
    }
}
