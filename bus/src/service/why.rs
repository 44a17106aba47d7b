//! `rig.svc.why.*`: what the conductor knows, for people.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::subject;
use crate::{number::IssueNumber, subject::Subject};

/// The service's name.
pub const SERVICE: &str = "why";

/// What [`item`] ends in.
pub const ITEM: &str = "item";

/// What [`counts`] ends in.
pub const COUNTS: &str = "counts";

/// Where it is asked why an item stands where it stands.
#[must_use]
pub fn item() -> Subject {
    subject(SERVICE, ITEM)
}

/// Where it is asked how many items lie where.
#[must_use]
pub fn counts() -> Subject {
    subject(SERVICE, COUNTS)
}

/// Why an item stands where it stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ask {
    /// The repository, as `acme/hello.site`.
    pub repository: String,
    /// The issue.
    pub number: IssueNumber,
}

/// Why an item stands where it stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Why {
    /// What it waits for, what happens next and when, what a person can do.
    pub lines: [String; 3],
    /// The last number of LOG that was decided.
    pub through: u64,
}

/// How many items lie where.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Counts {
    /// Items by the name of their standing; ended ones too.
    pub items: BTreeMap<String, usize>,
    /// Commands whose outcome is not there yet.
    pub commands: usize,
    /// The last number of LOG that was decided.
    pub through: u64,
}
