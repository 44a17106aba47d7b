//! A repository that somebody looks at.

use super::address::encoded;
use crate::{
    object::{Entry, Oid},
    world::{RepositoryId, repository::Repository, state::State},
};

/// A repository that everybody may see.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) state: &'a State,
    pub(super) repository: &'a Repository,
}

/// A name that means a commit, and a path in it; empty for the root.
pub(super) struct Spot {
    pub(super) name: String,
    pub(super) commit: Oid,
    pub(super) path: String,
}

impl<'a> At<'a> {
    pub(super) fn of(state: &'a State, id: RepositoryId) -> Option<Self> {
        let repository = state.repositories.get(id).filter(|repository| !repository.private)?;
        Some(Self { state, repository })
    }

    pub(super) fn full_name(self) -> String {
        self.state.full_name(self.repository)
    }

    /// The address of something below the repository's.
    pub(super) fn path(self, rest: &[&str]) -> String {
        let rest = rest.iter().map(|part| format!("/{}", encoded(part)));
        format!("/{}{}", encoded(&self.full_name()), rest.collect::<String>())
    }

    /// The commit that a branch, a tag, an id or the beginning of an id names, if it is this repository's: others' are in
    /// the same store, private ones too.
    pub(super) fn commit(self, name: &str) -> Option<Oid> {
        self.state.committed(self.repository, name).filter(|oid| self.holds(*oid))
    }

    fn holds(self, commit: Oid) -> bool {
        let objects = &self.state.objects;
        let pulls = self.repository.pulls.pulls.values().flat_map(|pull| {
            [Some(pull.head.sha), Some(pull.base.sha), pull.trial, pull.merge.map(|merge| merge.commit)]
        });
        let tips = self.repository.references.values().filter_map(|tip| objects.peel(*tip));
        tips.chain(pulls.flatten()).any(|tip| objects.is_ancestor(commit, tip))
    }

    /// Where the parts of a path lead, the first of which name a commit: a branch's name may have slashes.
    pub(super) fn spot(self, parts: &[&str]) -> Option<Spot> {
        (1..=parts.len()).find_map(|end| {
            let (name, path) = parts.split_at_checked(end)?;
            let (name, path) = (name.join("/"), path.join("/"));
            Some(Spot { commit: self.commit(&name)?, name, path })
        })
    }

    /// What stands there; the root has no entry.
    pub(super) fn entry(self, spot: &Spot) -> Option<Entry> {
        self.state.objects.entry(self.tree(spot.commit), &spot.path)
    }

    pub(super) fn tree(self, commit: Oid) -> Oid {
        self.state.objects.commit(commit).map_or(Oid::EMPTY_TREE, |commit| commit.tree)
    }

    /// The branches and where they stand.
    pub(super) fn branches(self) -> impl Iterator<Item = (&'a str, Oid)> {
        let named = |(name, at): (&'a String, &Oid)| name.strip_prefix("refs/heads/").map(|name| (name, *at));
        self.repository.references.iter().filter_map(named)
    }
}
