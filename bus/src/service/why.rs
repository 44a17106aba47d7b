//! `rig.svc.why.*`: what the conductor knows, for people.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use time::OffsetDateTime;

use super::subject;
use crate::{
    commit::Oid,
    number::{IssueNumber, PullNumber},
    subject::Subject,
};

/// The service's name.
pub const SERVICE: &str = "why";

/// What [`item`] ends in.
pub const ITEM: &str = "item";

/// What [`past`] ends in.
pub const PAST: &str = "past";

/// What [`inbox`] ends in.
pub const INBOX: &str = "inbox";

/// What [`queue`] ends in.
pub const QUEUE: &str = "queue";

/// What [`counts`] ends in.
pub const COUNTS: &str = "counts";

/// Where it is asked why an item stands where it stands.
#[must_use]
pub fn item() -> Subject {
    subject(SERVICE, ITEM)
}

/// Where it is asked why an item stood where it stood, when LOG ended with a number. All of LOG up to there is folded for
/// it, so that the answer takes its time.
#[must_use]
pub fn past() -> Subject {
    subject(SERVICE, PAST)
}

/// Where it is asked what waits for a person.
#[must_use]
pub fn inbox() -> Subject {
    subject(SERVICE, INBOX)
}

/// Where it is asked what waits for its turn.
#[must_use]
pub fn queue() -> Subject {
    subject(SERVICE, QUEUE)
}

/// Where it is asked how many items lie where.
#[must_use]
pub fn counts() -> Subject {
    subject(SERVICE, COUNTS)
}

/// Why an item stands where it stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ask {
    /// The repository, as `acme/hello.site`; nothing where the number says enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// The issue, or the pull request that is for it.
    pub number: IssueNumber,
    /// Up to which number of LOG, where it is the past that is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<u64>,
}

/// Why an item stands where it stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Why {
    /// The repository, as GitHub spells it.
    pub repository: String,
    /// The issue.
    pub number: IssueNumber,
    /// The issue's title; nothing of an item that has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The name of its standing.
    pub standing: String,
    /// What it waits for, what happens next and when, what a person can do.
    pub lines: [String; 3],
    /// The pull request that carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull: Option<PullNumber>,
    /// The head of that pull request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<Oid>,
    /// What its gates say; none before it has an open pull request, and after.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<Gate>,
    /// As of which number of LOG.
    pub as_of: u64,
}

/// A gate, as it stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Gate {
    /// Its name.
    pub name: String,
    /// Why it is shut; nothing where it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shut: Option<String>,
}

/// What waits for a person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Inbox {
    /// Each of it, the next deadline first.
    pub waiting: Vec<Needed>,
    /// As of which number of LOG.
    pub as_of: u64,
}

/// An item that waits for a person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Needed {
    /// The item, as `acme/hello.site#42`.
    pub item: String,
    /// Its title.
    pub title: String,
    /// Who is asked.
    pub whom: String,
    /// What for.
    pub what: String,
    /// Since when.
    #[serde(with = "time::serde::rfc3339")]
    pub since: OffsetDateTime,
    /// Until when.
    #[serde(with = "time::serde::rfc3339")]
    pub until: OffsetDateTime,
    /// What happens then without an answer.
    pub default: String,
    /// The words that answer it.
    pub you_can: String,
}

/// What waits for its turn.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Queue {
    /// Each of it, the next first.
    pub waiting: Vec<Queued>,
    /// As of which number of LOG.
    pub as_of: u64,
}

/// An item that waits for its turn.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Queued {
    /// The item, as `acme/hello.site#42`.
    pub item: String,
    /// Its title.
    pub title: String,
    /// Since when.
    #[serde(with = "time::serde::rfc3339")]
    pub since: OffsetDateTime,
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
