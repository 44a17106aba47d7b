//! What a person asks of the Rig.

pub mod parse;
pub mod prose;
pub mod word;

use std::fmt;

pub use self::parse::{Parsed, parse, parse_addressed};

use crate::number::IssueNumber;

/// One order or question of a person's, taken from words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ask {
    /// Make an issue of this, and take it up.
    File(String),
    /// How is everything?
    Status,
    /// What waits for its turn?
    Queue,
    /// What waits for me?
    Inbox,
    /// What words are there?
    Help,
    /// Something about one item.
    Item(Which, Order),
}

/// Which item is meant.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Which {
    /// The repository, as `acme/hello.site`, in lower case; nothing where it goes without saying.
    pub repository: Option<String>,
    /// The issue; nothing where it goes without saying.
    pub issue: Option<IssueNumber>,
}

/// Something about one item.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Order {
    /// Why does it stand where it stands?
    Why,
    /// What I was asked for is granted.
    Approve,
    /// What I was asked for is refused.
    Reject(String),
    /// Nothing begins and nothing lands.
    Hold,
    /// The hold is over.
    Release,
    /// Whoever works on it stops.
    Stop,
    /// The stop is over.
    Resume,
    /// Once more, from where it stands.
    Retry,
    /// It is not to be done.
    Cancel,
    /// Land it without its review, for this reason.
    Land(String),
}

impl Order {
    /// The word for it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Why => "why",
            Self::Approve => "approve",
            Self::Reject(_) => "reject",
            Self::Hold => "hold",
            Self::Release => "release",
            Self::Stop => "stop",
            Self::Resume => "resume",
            Self::Retry => "retry",
            Self::Cancel => "cancel",
            Self::Land(_) => "land",
        }
    }

    /// Whether it changes anything.
    #[must_use]
    pub const fn changes(&self) -> bool {
        !matches!(self, Self::Why)
    }
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.repository.as_deref().unwrap_or_default())?;
        self.issue.map_or(Ok(()), |issue| write!(f, "{issue}"))
    }
}
