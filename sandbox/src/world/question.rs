//! What the world does not compute itself: git is asked.

use std::collections::BTreeMap;

use super::id::RepositoryId;
use crate::object::Oid;

/// A question of merge, about content alone: its answer never changes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Question {
    /// Which tree comes of merging these commits?
    Merge {
        /// Where both are.
        repository: RepositoryId,
        /// The branch that is merged into.
        ours: Oid,
        /// The branch that is merged.
        theirs: Oid,
    },
    /// Which tree comes of doing again what this commit did, on top of another?
    Pick {
        /// Where both are.
        repository: RepositoryId,
        /// What is done again.
        commit: Oid,
        /// On top of what.
        onto: Oid,
    },
}

impl Question {
    /// Where it is asked, and the commits that git must have to answer it.
    #[must_use]
    pub const fn about(self) -> (RepositoryId, [Oid; 2]) {
        match self {
            Self::Merge { repository, ours, theirs } => (repository, [ours, theirs]),
            Self::Pick { repository, commit, onto } => (repository, [commit, onto]),
        }
    }
}

/// The answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Merged {
    /// The tree; the world has its objects.
    Tree(Oid),
    /// These paths cannot be joined.
    Conflict(Vec<String>),
}

/// What is known already.
pub(crate) type Known = BTreeMap<Question, Merged>;
