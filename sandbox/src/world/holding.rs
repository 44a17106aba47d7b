//! Whose git's objects are. All of them are in one store, where an id is enough to read one: so each network of forks
//! holds the ids that were brought to one of its repositories, and to whoever asks there the others are absent.

use std::collections::{BTreeMap, HashSet};

use super::{call::Call, id::RepositoryId, refusal::Refusal, repository::Repository, state::State};
use crate::object::Oid;

/// By the repository that a network began with. With an object it holds all that the object names.
pub(crate) type Holdings = BTreeMap<RepositoryId, HashSet<Oid>>;

impl State {
    /// Whether a repository has this object, or one of its network.
    pub(crate) fn holds(&self, repository: &Repository, oid: Oid) -> bool {
        oid == Oid::EMPTY_TREE || self.holdings.get(&repository.network).is_some_and(|held| held.contains(&oid))
    }

    /// An object and all that it names are a repository's. The price is that of what is new to its network.
    pub(crate) fn hold(&mut self, repository: RepositoryId, oid: Oid) {
        let Some(repository) = self.repositories.get(repository) else { return };
        let held = self.holdings.entry(repository.network).or_default();
        let mut ahead = vec![oid];
        while let Some(oid) = ahead.pop() {
            if self.objects.contains(oid) && held.insert(oid) {
                ahead.extend(self.objects.named(oid));
            }
        }
    }
}

impl Call<'_> {
    /// Whether the repository that the path names has this object.
    pub(crate) fn holds(&self, oid: Oid) -> bool {
        self.repository().is_ok_and(|repository| self.state.holds(repository, oid))
    }

    /// The object whose id is this parameter of the path.
    pub(crate) fn held(&self, parameter: &str) -> Result<Oid, Refusal> {
        let oid = self.parameter(parameter)?;
        if self.holds(oid) { Ok(oid) } else { Err(Refusal::not_found()) }
    }

    /// The commit of this whole id.
    pub(crate) fn commit_of_sha(&self, sha: &str) -> Result<Oid, Refusal> {
        let commit = sha.parse().ok().filter(|oid| self.state.objects.commit(*oid).is_some() && self.holds(*oid));
        commit.ok_or_else(|| Refusal::unprocessable(format!("No commit found for SHA: {sha}")))
    }
}
