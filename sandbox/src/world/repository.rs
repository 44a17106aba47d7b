//! Repositories.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, OnceLock},
};

use serde_json::value::RawValue;

use super::{
    check::Checks,
    ci::Actions,
    deployment::Deployments,
    hook::Hooks,
    id::{AccountId, Number, RepositoryId},
    issue::Issues,
    moment::Moment,
    permission::Role,
    protection::Protections,
    pull::Pulls,
    ruleset::Rulesets,
    site::Pages,
    status::Statuses,
};
use crate::object::Oid;

/// A repository and all that belongs to it.
#[derive(Clone, Debug)]
pub(crate) struct Repository {
    pub(crate) id: RepositoryId,
    pub(crate) owner: AccountId,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) homepage: Option<String>,
    pub(crate) topics: Vec<String>,
    pub(crate) private: bool,
    pub(crate) archived: bool,
    pub(crate) fork_of: Option<RepositoryId>,
    /// The repository that it and all forks of one another began with; it may be gone.
    pub(crate) network: RepositoryId,
    pub(crate) default_branch: String,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
    pub(crate) pushed_at: Moment,
    pub(crate) collaborators: BTreeMap<AccountId, Role>,
    pub(crate) settings: Settings,
    /// By whole name, `refs/heads/main`.
    pub(crate) references: BTreeMap<String, Oid>,
    /// Of the newest issue or pull request.
    pub(crate) last_number: Number,
    pub(crate) issues: Issues,
    pub(crate) pulls: Pulls,
    pub(crate) hooks: Hooks,
    pub(crate) checks: Checks,
    pub(crate) actions: Actions,
    pub(crate) deployments: Deployments,
    /// How its site is deployed, if it has one.
    pub(crate) pages: Option<Pages>,
    pub(crate) statuses: Statuses,
    pub(crate) protections: Protections,
    pub(crate) rulesets: Rulesets,
    pub(crate) cards: Cards,
}

/// What may be switched.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) allow_squash_merge: bool,
    pub(crate) allow_merge_commit: bool,
    pub(crate) allow_rebase_merge: bool,
    pub(crate) delete_branch_on_merge: bool,
    pub(crate) allow_auto_merge: bool,
    pub(crate) allow_update_branch: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            allow_squash_merge: true,
            allow_merge_commit: true,
            allow_rebase_merge: true,
            delete_branch_on_merge: false,
            allow_auto_merge: false,
            allow_update_branch: false,
        }
    }
}

/// The repository's JSON as it stands inside other things, kept until the repository changes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cards {
    /// Inside answers.
    pub(crate) inside: Card,
    /// In webhooks, where it has more fields.
    pub(crate) told: Card,
}

/// JSON that is drawn once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Card(OnceLock<Arc<RawValue>>);

impl Card {
    pub(crate) fn get_or_draw(&self, draw: impl FnOnce() -> Arc<RawValue>) -> Arc<RawValue> {
        Arc::clone(self.0.get_or_init(draw))
    }
}

impl Repository {
    /// Something that its cards show has changed.
    pub(crate) fn touch(&mut self, now: Moment) {
        self.updated_at = now;
        self.cards = Cards::default();
    }

    /// A number for an issue or pull request.
    pub(crate) const fn next_number(&mut self) -> Number {
        self.last_number = Number(self.last_number.0 + 1);
        self.last_number
    }

    /// Where a branch stands.
    pub(crate) fn branch(&self, name: &str) -> Option<Oid> {
        self.references.get(&format!("refs/heads/{name}")).copied()
    }

    /// A person's role: the owner's, one that was given, or what everybody has.
    pub(crate) fn role(&self, person: AccountId) -> Option<Role> {
        if person == self.owner {
            return Some(Role::Admin);
        }
        let everybody = if self.private { None } else { Some(Role::Read) };
        self.collaborators.get(&person).copied().max(everybody)
    }
}

/// Where a name leads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Found {
    Here(RepositoryId),
    /// It has another name now.
    Moved(RepositoryId),
}

/// All repositories, by id and by the names they have and had.
#[derive(Clone, Debug, Default)]
pub(crate) struct Repositories {
    by_id: BTreeMap<RepositoryId, Repository>,
    names: BTreeMap<(AccountId, String), Found>,
    /// Each repository that was forked with each of its forks.
    forks: BTreeSet<(RepositoryId, RepositoryId)>,
}

impl Repositories {
    pub(crate) fn insert(&mut self, repository: Repository) {
        self.names.insert(key(repository.owner, &repository.name), Found::Here(repository.id));
        self.by_id.insert(repository.id, repository);
    }

    pub(crate) fn get(&self, id: RepositoryId) -> Option<&Repository> {
        self.by_id.get(&id)
    }

    pub(crate) fn get_mut(&mut self, id: RepositoryId) -> Option<&mut Repository> {
        self.by_id.get_mut(&id)
    }

    pub(crate) fn find(&self, owner: AccountId, name: &str) -> Option<Found> {
        self.names.get(&key(owner, name)).copied()
    }

    /// The repositories of an account.
    pub(crate) fn of(&self, owner: AccountId) -> impl Iterator<Item = &Repository> {
        let own = self.names.range((owner, String::new())..).take_while(move |((account, _), _)| *account == owner);
        own.filter_map(|(_, found)| match found {
            Found::Here(id) => self.by_id.get(id),
            Found::Moved(_) => None,
        })
    }

    /// Gives it another name or owner; the old name leads here until somebody takes it.
    pub(crate) fn rename(&mut self, id: RepositoryId, owner: AccountId, name: &str) {
        let Some(repository) = self.by_id.get_mut(&id) else { return };
        self.names.insert(key(repository.owner, &repository.name), Found::Moved(id));
        repository.owner = owner;
        name.clone_into(&mut repository.name);
        self.names.insert(key(owner, name), Found::Here(id));
    }

    pub(crate) fn remove(&mut self, id: RepositoryId) -> Option<Repository> {
        let gone = self.by_id.remove(&id)?;
        self.names.retain(|_, found| !matches!(found, Found::Here(at) | Found::Moved(at) if *at == id));
        if let Some(parent) = gone.fork_of {
            self.forks.remove(&(parent, id));
        }
        Some(gone)
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Repository> {
        self.by_id.values_mut()
    }

    /// Makes it a fork of another, or of none.
    pub(crate) fn set_parent(&mut self, fork: RepositoryId, parent: Option<RepositoryId>) {
        let Some(repository) = self.by_id.get_mut(&fork) else { return };
        if let Some(former) = std::mem::replace(&mut repository.fork_of, parent) {
            self.forks.remove(&(former, fork));
        }
        self.forks.extend(parent.map(|parent| (parent, fork)));
    }

    /// The repositories that were forked from this one.
    pub(crate) fn forks(&self, of: RepositoryId) -> impl Iterator<Item = &Repository> {
        let pairs = self.forks.range((of, RepositoryId(0))..=(of, RepositoryId(u64::MAX)));
        pairs.filter_map(|(_, fork)| self.by_id.get(fork))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Repository> {
        self.by_id.values()
    }
}

fn key(owner: AccountId, name: &str) -> (AccountId, String) {
    (owner, name.to_ascii_lowercase())
}
