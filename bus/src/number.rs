//! Numbers that GitHub gives. An issue's is not a pull request's, though GitHub counts them together: the types keep them
//! apart.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $mark:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        #[schemars(inline)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($mark, "{}"), self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

number! {
    /// An issue's number in its repository, shown as `#42`.
    IssueNumber, "#"
}

number! {
    /// A pull request's number in its repository, shown as `!57`.
    PullNumber, "!"
}

number! {
    /// A repository's numeric id, which survives renames and transfers.
    RepositoryId, ""
}

/// A work item's identity: an issue of a repository.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ItemKey {
    /// The repository's numeric id.
    pub repository: RepositoryId,
    /// The issue.
    pub issue: IssueNumber,
}

/// A pull request's identity.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PullKey {
    /// The repository's numeric id.
    pub repository: RepositoryId,
    /// The pull request.
    pub pull: PullNumber,
}
