//! One act of a script.

use std::{fmt, time::Duration};

use super::Deed;

/// Who does what, when, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// How long after the beginning, at the earliest: acts come one after the other.
    pub at: Duration,
    /// Their login.
    pub who: String,
    /// `owner/name`.
    pub repository: String,
    /// What they do.
    pub deed: Deed,
}

/// An issue or a pull request of the act's repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum On {
    /// By its number.
    Number(u64),
    /// By the name that an earlier act has given it.
    Name(String),
}

impl fmt::Display for On {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "#{number}"),
            Self::Name(name) => write!(f, "{name:?}"),
        }
    }
}
