//! What is told of check suites and runs, and to whom: that one is asked for is told to its App alone, that one is there
//! or has ended to everybody.

use crate::world::{
    event::{Event, Payload},
    id::{AccountId, AppId, CheckRunId, CheckSuiteId, RepositoryId},
    render,
    state::State,
};

impl State {
    /// Tells everybody of a run.
    pub(crate) fn tell_run(&mut self, action: &'static str, repository: RepositoryId, id: CheckRunId, by: AccountId) {
        let event = Event { name: "check_run", action: Some(action), repository, sender: by };
        self.emit(event, |state, payload| run(state, repository, id, payload));
    }

    /// Tells everybody that a suite has ended.
    pub(crate) fn tell_suite_ended(&mut self, repository: RepositoryId, id: CheckSuiteId, by: AccountId) {
        let event = Event { name: "check_suite", action: Some("completed"), repository, sender: by };
        self.emit(event, |state, payload| suite(state, repository, id, payload));
    }

    /// Asks an App for a suite.
    pub(crate) fn ask_for_suite(&mut self, event: Event, id: CheckSuiteId, app: AppId) {
        self.emit_to(app, event, |state, payload| suite(state, event.repository, id, payload));
    }

    /// Asks an App for a run again, or for what one of its buttons promises.
    pub(crate) fn ask_for_run(&mut self, event: Event, id: CheckRunId, app: AppId, button: Option<&str>) {
        self.emit_to(app, event, |state, payload| {
            run(state, event.repository, id, payload);
            if let Some(identifier) = button {
                payload.field("requested_action", &Button { identifier });
            }
        });
    }
}

#[derive(serde::Serialize)]
struct Button<'a> {
    identifier: &'a str,
}

fn run(state: &State, repository: RepositoryId, id: CheckRunId, payload: &mut Payload) {
    let Some(at) = state.repositories.get(repository) else { return };
    let Some(run) = at.checks.runs.get(&id) else { return };
    payload.field("check_run", &render::check_run::CheckRun::told(state, at, run));
}

fn suite(state: &State, repository: RepositoryId, id: CheckSuiteId, payload: &mut Payload) {
    let Some(at) = state.repositories.get(repository) else { return };
    let Some(suite) = at.checks.suites.get(&id) else { return };
    payload.field("check_suite", &render::check_suite::Told::of(state, at, suite));
}
