//! Issues that are part of others, and issues that wait for others.

use std::collections::{BTreeMap, BTreeSet};

use super::{history::Place, issue::Issue, repository::Repository, state::State};

/// How issues hang together, across repositories.
#[derive(Clone, Debug, Default)]
pub(crate) struct Relations {
    /// The parts of an issue, in their order.
    pub(crate) parts: BTreeMap<Place, Vec<Place>>,
    /// What an issue is a part of.
    pub(crate) whole: BTreeMap<Place, Place>,
    /// What an issue waits for.
    pub(crate) blocked_by: BTreeMap<Place, BTreeSet<Place>>,
    /// What waits for an issue.
    pub(crate) blocking: BTreeMap<Place, BTreeSet<Place>>,
}

impl Relations {
    /// Whether an issue is another one or lies within it.
    pub(crate) fn lies_within(&self, inner: Place, outer: Place) -> bool {
        let mut at = Some(inner);
        while let Some(place) = at {
            if place == outer {
                return true;
            }
            at = self.whole.get(&place).copied();
        }
        false
    }

    pub(crate) fn part(&mut self, inner: Place) {
        if let Some(outer) = self.whole.remove(&inner)
            && let Some(parts) = self.parts.get_mut(&outer)
        {
            parts.retain(|part| *part != inner);
        }
    }

    pub(crate) fn join(&mut self, inner: Place, outer: Place) {
        self.part(inner);
        self.whole.insert(inner, outer);
        self.parts.entry(outer).or_default().push(inner);
    }

    pub(crate) fn block(&mut self, blocked: Place, blocking: Place) {
        self.blocked_by.entry(blocked).or_default().insert(blocking);
        self.blocking.entry(blocking).or_default().insert(blocked);
    }

    /// Whether it was blocked by it.
    pub(crate) fn unblock(&mut self, blocked: Place, blocking: Place) -> bool {
        if let Some(waiting) = self.blocking.get_mut(&blocking) {
            waiting.remove(&blocked);
        }
        self.blocked_by.get_mut(&blocked).is_some_and(|by| by.remove(&blocking))
    }
}

impl State {
    /// An issue and where it stands.
    pub(crate) fn issue(&self, (repository, number): Place) -> Option<(&Repository, &Issue)> {
        let repository = self.repositories.get(repository)?;
        Some((repository, repository.issues.get(number)?))
    }
}
