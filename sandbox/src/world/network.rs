//! A repository and its forks: they share their objects.

use std::collections::BTreeMap;

use super::{
    effect::Effect,
    id::{AccountId, RepositoryId},
    repository::Repository,
    seed::NewRepository,
    state::State,
};

impl State {
    /// The repository that all of its network were forked from, by one or several steps.
    pub(crate) fn root(&self, repository: &Repository) -> RepositoryId {
        let mut root = repository;
        while let Some(parent) = root.fork_of.and_then(|id| self.repositories.get(id)) {
            root = parent;
        }
        root.id
    }

    /// A fork of a repository with its branches and tags, or with its default branch alone.
    pub(crate) fn fork(
        &mut self,
        of: RepositoryId,
        owner: AccountId,
        name: &str,
        default_only: bool,
    ) -> Option<RepositoryId> {
        let parent = self.repositories.get(of)?;
        let (private, default_branch) = (parent.private, parent.default_branch.clone());
        let (description, default) = (parent.description.clone(), format!("refs/heads/{default_branch}"));
        let wanted = |name: &str| if default_only { name == default } else { !name.starts_with("refs/pull/") };
        let references: Vec<_> = parent.references.iter().filter(|(name, _)| wanted(name)).collect();
        let references: Vec<_> = references.into_iter().map(|(name, oid)| (name.clone(), *oid)).collect();
        let new = NewRepository { owner, name, private, files: &[], collaborators: BTreeMap::new() };
        let id = self.place_repository(&new);
        self.effects.push(Effect::Fork { repository: id, of, default_branch: default_branch.clone() });
        let fork = self.repositories.get_mut(id)?;
        (fork.fork_of, fork.default_branch, fork.description) = (Some(of), default_branch, description);
        for (name, oid) in references {
            self.place_reference(id, &name, Some(oid));
        }
        self.touch_forked(of);
        Some(id)
    }

    /// The fork of a repository's network that an account has.
    pub(crate) fn fork_by(&self, repository: &Repository, owner: AccountId) -> Option<&Repository> {
        let root = self.root(repository);
        self.repositories.of(owner).find(|there| self.root(there) == root)
    }

    /// Removes a repository, and closes what was to be merged from it. Its forks are those of its parent now; where it
    /// had none, of the oldest of them.
    pub(crate) fn remove_repository(&mut self, id: RepositoryId, by: AccountId) {
        self.pulls_lose(id, by);
        let Some(gone) = self.repositories.remove(id) else { return };
        let forks: Vec<RepositoryId> =
            self.repositories.iter().filter(|there| there.fork_of == Some(id)).map(|there| there.id).collect();
        let heir = gone.fork_of.or_else(|| forks.first().copied());
        for fork in forks {
            if let Some(fork) = self.repositories.get_mut(fork) {
                fork.fork_of = heir.filter(|heir| *heir != fork.id);
                fork.cards = super::repository::Cards::default();
            }
        }
        heir.into_iter().for_each(|heir| self.touch_forked(heir));
        self.effects.push(Effect::Remove { repository: id });
    }

    /// Its count of forks is shown.
    fn touch_forked(&mut self, id: RepositoryId) {
        if let Some(repository) = self.repositories.get_mut(id) {
            repository.cards = super::repository::Cards::default();
        }
    }
}
