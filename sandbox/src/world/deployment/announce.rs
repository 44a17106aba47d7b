//! Deployments and their statuses come, and are told of.

use super::{Deployment, Environment, Status, Word};
use crate::world::{
    event::{Event, Payload},
    id::{DeploymentId, DeploymentStatusId, EnvironmentId, RepositoryId},
    render,
    state::State,
};

impl State {
    /// A new deployment; its environment begins with the first.
    pub(crate) fn add_deployment(&mut self, repository: RepositoryId, deployment: Deployment) {
        let (id, creator) = (deployment.id, deployment.creator);
        let environment = Environment { id: EnvironmentId(self.draw.id()), created_at: self.now };
        let Some(there) = self.repositories.get_mut(repository) else { return };
        there.deployments.environments.entry(deployment.environment.clone()).or_insert(environment);
        there.deployments.add(deployment);
        let event = Event { name: "deployment", action: Some("created"), repository, sender: creator };
        self.emit(event, |state, payload| {
            tell(state, repository, id, payload);
            payload.field("workflow", &None::<()>);
            payload.field("workflow_run", &None::<()>);
        });
    }

    /// A new word on a deployment. Nobody is told that one is inactive.
    pub(crate) fn add_deployment_status(&mut self, repository: RepositoryId, status: Status) {
        let Status { id, deployment, word, creator, .. } = status;
        if let Some(there) = self.repositories.get_mut(repository) {
            there.deployments.add_status(status);
        }
        if word == Word::Inactive {
            return;
        }
        let event = Event { name: "deployment_status", action: Some("created"), repository, sender: creator };
        self.emit(event, |state, payload| {
            tell_status(state, repository, id, payload);
            tell(state, repository, deployment, payload);
        });
    }

    /// What succeeded before in the same environment is inactive now, and what is newer where this one has overtaken it. In
    /// production all stay, as on GitHub.
    pub(crate) fn retire(&mut self, repository: RepositoryId, by: DeploymentId) {
        let Some(there) = self.repositories.get(repository) else { return };
        let all = &there.deployments;
        let Some(new) = all.deployments.get(&by) else { return };
        let (creator, app, at) = (new.creator, new.app, self.now);
        let before = |id: DeploymentId| id < by || (new.overtakes && id > by);
        let older: Vec<DeploymentId> = (all.succeeded())
            .filter(|old| before(old.id))
            .filter(|old| old.environment == new.environment && !old.is_transient && !old.is_production)
            .map(|old| old.id)
            .collect();
        let environment = new.environment.clone();
        for deployment in older {
            let id = DeploymentStatusId(self.draw.id());
            let (report, environment) = (super::Report::default(), environment.clone());
            let status = Status { id, deployment, word: Word::Inactive, report, environment, creator, app, at };
            self.add_deployment_status(repository, status);
        }
    }
}

fn tell(state: &State, repository: RepositoryId, id: DeploymentId, payload: &mut Payload) {
    let Some(at) = state.repositories.get(repository) else { return };
    let Some(deployment) = at.deployments.deployments.get(&id) else { return };
    payload.field("deployment", &render::deployment::Deployment::told(state, at, deployment));
}

fn tell_status(state: &State, repository: RepositoryId, id: DeploymentStatusId, payload: &mut Payload) {
    let Some(at) = state.repositories.get(repository) else { return };
    let Some(status) = at.deployments.statuses.get(&id) else { return };
    payload.field("deployment_status", &render::deployment::Status::told(state, at, status));
}
