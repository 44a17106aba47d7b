//! What is wrong with a configuration, all of it.

use std::fmt;

/// One thing that is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Fault {
    /// The key, and where it was set.
    at: String,
    /// What is wrong, and what to write instead.
    what: String,
}

/// What is wrong so far.
#[derive(Default, Debug)]
pub(super) struct Faults(Vec<Fault>);

/// A configuration that is not used: everything that is wrong with it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) struct Error(Vec<Fault>);

impl Faults {
    pub(super) fn add(&mut self, at: impl Into<String>, what: impl Into<String>) {
        self.0.push(Fault { at: at.into(), what: what.into() });
    }

    pub(super) fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    pub(super) fn none_or<T>(self, config: T) -> Result<T, Error> {
        if self.0.is_empty() { Ok(config) } else { Err(Error(self.0)) }
    }
}

impl Error {
    pub(super) fn one(at: impl Into<String>, what: impl Into<String>) -> Self {
        Self(vec![Fault { at: at.into(), what: what.into() }])
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => f.write_str("the configuration has a fault:")?,
            n => write!(f, "the configuration has {n} faults:")?,
        }
        self.0.iter().try_for_each(|Fault { at, what }| write!(f, "\n  {at}: {what}"))
    }
}
