//! Which objects a network of repositories has on disk already.

use std::collections::{BTreeMap, HashSet};

use crate::{
    git::Raw,
    object::{Objects, Oid},
    world::RepositoryId,
};

/// What is on disk, by the first repository of each network.
#[derive(Debug, Default)]
pub(crate) struct Exported {
    networks: BTreeMap<RepositoryId, RepositoryId>,
    objects: BTreeMap<RepositoryId, HashSet<Oid>>,
}

impl Exported {
    /// A repository of its own, or one in the network of another.
    pub(crate) fn join(&mut self, repository: RepositoryId, of: Option<RepositoryId>) {
        let network = of.map_or(repository, |of| self.network(of));
        self.networks.insert(repository, network);
        self.objects.entry(network).or_default();
    }

    fn network(&self, repository: RepositoryId) -> RepositoryId {
        self.networks.get(&repository).copied().unwrap_or(repository)
    }

    /// These are there: a push brought them.
    #[allow(dead_code, reason = "pushes are landing")]
    pub(crate) fn know(&mut self, repository: RepositoryId, objects: impl IntoIterator<Item = Oid>) {
        let network = self.network(repository);
        self.objects.entry(network).or_default().extend(objects);
    }

    /// What this object needs that is not there yet; from now on it is.
    pub(crate) fn missing(&mut self, repository: RepositoryId, objects: &Objects, tip: Oid) -> Vec<Raw> {
        let network = self.network(repository);
        let known = self.objects.entry(network).or_default();
        let (mut missing, mut todo) = (Vec::new(), vec![tip]);
        while let Some(oid) = todo.pop() {
            let Some((kind, bytes)) = objects.raw(oid) else { continue };
            if !known.insert(oid) {
                continue;
            }
            todo.extend(objects.get(oid).map(named).unwrap_or_default());
            missing.push(Raw { oid, kind, bytes });
        }
        missing
    }
}

/// What an object names, of which git asks that it is there.
fn named(object: &crate::object::Object) -> Vec<Oid> {
    use crate::object::Object;
    match object {
        Object::Blob(_) => Vec::new(),
        Object::Tree(tree) => tree.entries().iter().map(|entry| entry.oid).collect(),
        Object::Commit(commit) => commit.parents.iter().copied().chain([commit.tree]).collect(),
        Object::Tag(tag) => vec![tag.target],
    }
}
