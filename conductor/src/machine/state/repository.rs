//! A repository that is looked after.

use std::collections::VecDeque;

use bus::commit::Oid;
use serde::{Deserialize, Serialize};

use super::Commits;
use crate::machine::fact::Place;

/// How many heads of the base branch are remembered: a target that tells one of them tells how far it is.
const REMEMBERED: usize = 256;

/// What is known of a repository.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KnownRepository {
    /// Its name, as GitHub spells it.
    pub name: String,
    /// The branch that changes land on.
    pub base: String,
    /// What is known of its commits.
    pub commits: Commits,
    /// The heads that the base branch had, the latest last.
    pub landed: VecDeque<Oid>,
    /// The commit that its target last told.
    pub shown: Option<Oid>,
}

impl KnownRepository {
    /// Of which nothing is known but its place.
    #[must_use]
    pub fn new(place: &Place) -> Self {
        Self {
            name: place.name.clone(),
            base: place.default_branch.clone(),
            commits: Commits::default(),
            landed: VecDeque::new(),
            shown: None,
        }
    }

    /// The base branch's head, as far as it was told.
    #[must_use]
    pub fn base_head(&self) -> Option<Oid> {
        self.landed.back().copied()
    }

    /// Notes that the base branch went on from one commit to another. A report that comes late is put where it belongs:
    /// before what came after it.
    pub fn note_landed(&mut self, before: Option<Oid>, commit: Oid) {
        if self.landed.contains(&commit) {
            return;
        }
        let place = self.place_after(before);
        self.landed.insert(place, commit);
        if self.landed.len() > REMEMBERED {
            self.landed.pop_front();
        }
    }

    fn place_after(&self, before: Option<Oid>) -> usize {
        let earlier = before.and_then(|before| self.landed.iter().position(|known| *known == before));
        earlier.map_or(self.landed.len(), |place| place + 1)
    }

    /// Whether a target that tells `shown` has `commit`: it is that one, or one that came later.
    #[must_use]
    pub fn has(&self, shown: Oid, commit: Oid) -> bool {
        let at = |wanted: Oid| self.landed.iter().position(|known| *known == wanted);
        shown == commit || matches!((at(shown), at(commit)), (Some(shown), Some(commit)) if shown > commit)
    }
}
