//! The deployments of a site as GitHub's Pages tell of them: builds.

use super::ENVIRONMENT;
use crate::world::{
    deployment::{Deployment, Word},
    event::Event,
    id::{DeploymentId, RepositoryId},
    render,
    repository::Repository,
    state::State,
};

/// How far a build has come.
pub(crate) enum Stage<'a> {
    Queued,
    Building,
    Built,
    /// With what was said.
    Errored(&'a str),
}

/// The builds of a repository's site, newest first.
pub(crate) fn builds(at: &Repository) -> impl Iterator<Item = &Deployment> {
    at.deployments.deployments.values().rev().filter(|deployment| deployment.environment == ENVIRONMENT)
}

pub(crate) fn newest(at: &Repository) -> Option<&Deployment> {
    builds(at).next()
}

/// What has been served counts as built though something newer is served by now.
pub(crate) fn stage<'a>(at: &'a Repository, build: &Deployment) -> Stage<'a> {
    let mut statuses = at.deployments.statuses_of(build.id).rev().peekable();
    match statuses.peek().map(|status| status.word) {
        None | Some(Word::Queued | Word::Pending) => Stage::Queued,
        Some(Word::InProgress) => Stage::Building,
        Some(Word::Failure | Word::Error) => Stage::Errored(statuses.next().map_or("", |it| &it.report.description)),
        Some(Word::Success | Word::Inactive) if statuses.any(|status| status.word == Word::Success) => Stage::Built,
        Some(Word::Success | Word::Inactive) => Stage::Errored("A newer build has taken its place."),
    }
}

/// Whether what is served brings a page of its own for what is not there.
pub(crate) fn custom_404(state: &State, at: &Repository) -> bool {
    let commit = state.live(at.id).and_then(|live| state.objects.commit(live.commit));
    commit.is_some_and(|commit| state.objects.entry(commit.tree, "404.html").is_some())
}

impl State {
    /// A build has ended, well or not.
    pub(super) fn tell_build(&mut self, repository: RepositoryId, id: DeploymentId) {
        let build = self.repositories.get(repository).and_then(|at| at.deployments.deployments.get(&id));
        let Some(sender) = build.map(|build| build.caused_by) else { return };
        let event = Event { name: "page_build", action: None, repository, sender };
        self.emit(event, |state, payload| {
            let Some(at) = state.repositories.get(repository) else { return };
            let Some(build) = at.deployments.deployments.get(&id) else { return };
            payload.field("id", &id);
            payload.field("build", &render::pages::Build::of(state, at, build));
        });
    }
}
