//! A repository and its forks: they share their objects.

use super::{id::RepositoryId, repository::Repository, state::State};

impl State {
    /// The repository that all of its network were forked from, by one or several steps.
    pub(crate) fn root(&self, repository: &Repository) -> RepositoryId {
        let mut root = repository;
        while let Some(parent) = root.fork_of.and_then(|id| self.repositories.get(id)) {
            root = parent;
        }
        root.id
    }
}
