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
    /// A fork of a repository with its branches and tags, or with its default branch alone.
    pub(crate) fn fork(
        &mut self,
        of: RepositoryId,
        owner: AccountId,
        name: &str,
        default_only: bool,
    ) -> Option<RepositoryId> {
        let parent = self.repositories.get(of)?;
        let (private, network, default_branch) = (parent.private, parent.network, parent.default_branch.clone());
        let (description, default) = (parent.description.clone(), format!("refs/heads/{default_branch}"));
        let wanted = |name: &str| if default_only { name == default } else { !name.starts_with("refs/pull/") };
        let references: Vec<_> = parent.references.iter().filter(|(name, _)| wanted(name)).collect();
        let references: Vec<_> = references.into_iter().map(|(name, oid)| (name.clone(), *oid)).collect();
        let new = NewRepository { owner, name, private, files: &[], collaborators: BTreeMap::new() };
        let id = self.place_repository(&new);
        self.effects.push(Effect::Fork { repository: id, of, default_branch: default_branch.clone() });
        let fork = self.repositories.get_mut(id)?;
        fork.network = network;
        (fork.default_branch, fork.description) = (default_branch, description);
        self.repositories.set_parent(id, Some(of));
        for (name, oid) in references {
            self.place_reference(id, &name, Some(oid));
        }
        self.touch_forked(of);
        Some(id)
    }

    /// The fork of a repository's network that an account has.
    pub(crate) fn fork_by(&self, repository: &Repository, owner: AccountId) -> Option<&Repository> {
        self.repositories.of(owner).find(|there| there.network == repository.network)
    }

    /// Removes a repository, and closes what was to be merged from it. Its forks are those of its parent now; where it
    /// had none, of the oldest of them.
    pub(crate) fn remove_repository(&mut self, id: RepositoryId, by: AccountId) {
        self.pulls_lose(id, by);
        let Some(gone) = self.repositories.remove(id) else { return };
        self.bequeath(id, gone.fork_of);
        if self.repositories.iter().all(|there| there.network != gone.network) {
            self.holdings.remove(&gone.network);
        }
        self.effects.push(Effect::Remove { repository: id });
    }

    /// A repository that is no fork is shown to others than its forks are: they go on by themselves, with what they had.
    pub(crate) fn part_from_forks(&mut self, id: RepositoryId) {
        let Some(shared) = self.repositories.get(id).map(|there| there.network) else { return };
        let Some(heir) = self.bequeath(id, None) else { return };
        let held = self.holdings.get(&shared).cloned().unwrap_or_default();
        self.holdings.insert(heir, held);
        for there in self.repositories.iter_mut().filter(|there| there.network == shared && there.id != id) {
            there.network = heir;
        }
        self.touch_forked(id);
    }

    /// The forks of a repository become those of another; without one, of the oldest of them. Whose they are then.
    fn bequeath(&mut self, id: RepositoryId, to: Option<RepositoryId>) -> Option<RepositoryId> {
        let forks: Vec<RepositoryId> = self.repositories.forks(id).map(|there| there.id).collect();
        let heir = to.or_else(|| forks.first().copied());
        for fork in forks {
            self.repositories.set_parent(fork, heir.filter(|heir| *heir != fork));
            if let Some(fork) = self.repositories.get_mut(fork) {
                fork.cards = super::repository::Cards::default();
            }
        }
        heir.into_iter().for_each(|heir| self.touch_forked(heir));
        heir
    }

    /// Its count of forks is shown.
    fn touch_forked(&mut self, id: RepositoryId) {
        if let Some(repository) = self.repositories.get_mut(id) {
            repository.cards = super::repository::Cards::default();
        }
    }
}
