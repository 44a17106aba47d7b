//! What the machine knows: facts as they were last told, and the courses of the items, which are its own decisions.

mod agents;
mod bypasses;
mod commits;
mod courses;
mod ended;
mod issue;
mod items;
mod outbox;
mod pairs;
mod pull;
mod pulls;
mod queue;
mod repository;
mod ring;
mod unwanted;
mod words;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bus::{
    RecordId,
    catalogue::work::Course,
    commit::Oid,
    number::{IssueNumber, ItemKey, PullKey, PullNumber, RepositoryId},
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

pub use self::{
    agents::Agents,
    bypasses::Bypasses,
    commits::{Commit, Commits, RanCheck},
    courses::fence_of,
    ended::{Ended, Ending},
    issue::{KnownIssue, digest},
    outbox::{After, Outbox, Pending},
    pull::{Judgement, KnownPull},
    pulls::UNKNOWN_WORDS,
    queue::{Queue, skill},
    repository::KnownRepository,
    ring::Ring,
    unwanted::Unwanted,
    words::Words,
};
use super::{fact::Review, order::Order};

/// Everything the machine knows.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct State {
    /// The latest moment that a record told.
    pub now: OffsetDateTime,
    /// The repositories that are looked after.
    pub repositories: BTreeMap<RepositoryId, KnownRepository>,
    /// The open items, and ended ones whose last words are not said yet.
    #[serde(with = "pairs")]
    pub items: BTreeMap<ItemKey, Item>,
    /// What is left of the others.
    #[serde(with = "pairs")]
    pub ended: BTreeMap<ItemKey, Ended>,
    /// Issues that are no items, as they were last seen: an earlier report of one makes no item of it.
    pub unwanted: Unwanted,
    /// The pull requests that are open, or carry an open item.
    #[serde(with = "pairs")]
    pub pulls: BTreeMap<PullKey, KnownPull>,
    /// The agents that were heard of.
    pub agents: Agents,
    /// The commands whose outcome is not there yet.
    pub outbox: Outbox,
    /// The asks that were answered: an ask that comes twice is answered once.
    pub heard: Ring,
    /// What people said about open items.
    pub words: Words,
    /// What landed past its review, and people were not reminded of yet.
    pub bypasses: Bypasses,
    /// Which items a record touched; empty between two steps.
    pub agenda: BTreeSet<ItemKey>,
    /// Orders that follow from what was just applied, whatever the items say; empty between two steps.
    pub follow: Vec<Order>,
    /// Pull requests of ours that belong to no issue, and were not told so yet; empty between two steps.
    pub strays: BTreeSet<PullKey>,
    /// Which items wait for their turn, the next first.
    pub queue: Queue,
    /// Which open items have a title.
    #[serde(with = "pairs")]
    titles: BTreeMap<(RepositoryId, u64), BTreeSet<ItemKey>>,
    /// Which pull requests are for an issue.
    #[serde(with = "pairs")]
    carriers: BTreeMap<ItemKey, BTreeSet<PullNumber>>,
    /// Issues that items wait for, and that were closed without being items.
    closed: BTreeSet<ItemKey>,
    /// Which item a run is of.
    runs: BTreeMap<RecordId, ItemKey>,
    /// Which pull request has a head.
    #[serde(with = "pairs")]
    heads: BTreeMap<(RepositoryId, Oid), PullKey>,
    /// Reviews that came before their pull request.
    early: VecDeque<(PullKey, Review)>,
    /// The waits of all items, the next first.
    deadlines: BTreeSet<(OffsetDateTime, ItemKey)>,
    /// Which items wait for which.
    #[serde(with = "pairs")]
    dependants: BTreeMap<ItemKey, BTreeSet<ItemKey>>,
}

/// One work item: what GitHub shows of its issue, and its course.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Item {
    /// What GitHub shows.
    pub issue: KnownIssue,
    /// Where it stands.
    pub course: Course,
    /// The text that was last put on its thread, as a digest.
    pub told: Option<u64>,
    /// GitHub refused for good what the item cannot do without: what, and in which words.
    pub refused: Option<String>,
    /// Who read a head of it and judged nothing (F-041).
    pub abstained: Vec<Abstention>,
    /// Since when whoever took it had no room for it.
    pub turned_away: Option<OffsetDateTime>,
    /// The branch of ours that it has on GitHub. Its name stays, whatever becomes of the title (F-109).
    pub branch: Option<String>,
    /// The pull request that carried it when it ended before: what landed then does not count again (F-075).
    pub spent: Option<PullNumber>,
}

/// A reviewer read a head, and neither approved nor rejected it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Abstention {
    /// Who.
    pub agent: String,
    /// Which head.
    pub head: Oid,
    /// When.
    pub at: OffsetDateTime,
}

impl State {
    /// Knows nothing.
    #[must_use]
    pub fn new() -> Self {
        Self {
            now: OffsetDateTime::UNIX_EPOCH,
            repositories: BTreeMap::new(),
            items: BTreeMap::new(),
            ended: BTreeMap::new(),
            unwanted: Unwanted::default(),
            pulls: BTreeMap::new(),
            agents: Agents::default(),
            outbox: Outbox::default(),
            heard: Ring::default(),
            words: Words::default(),
            bypasses: Bypasses::default(),
            agenda: BTreeSet::new(),
            follow: Vec::new(),
            strays: BTreeSet::new(),
            queue: Queue::default(),
            titles: BTreeMap::new(),
            carriers: BTreeMap::new(),
            closed: BTreeSet::new(),
            runs: BTreeMap::new(),
            heads: BTreeMap::new(),
            early: VecDeque::new(),
            deadlines: BTreeSet::new(),
            dependants: BTreeMap::new(),
        }
    }

    /// The pull request that carries an item.
    #[must_use]
    pub fn pull_of(&self, key: ItemKey) -> Option<&KnownPull> {
        let pull = self.items.get(&key)?.course.pull?;
        self.pulls.get(&PullKey { repository: key.repository, pull })
    }

    /// The repository of this name, which goes for upper and lower case alike.
    #[must_use]
    pub fn repository_named(&self, name: &str) -> Option<(RepositoryId, &KnownRepository)> {
        let found = self.repositories.iter().find(|(_, repository)| repository.name.eq_ignore_ascii_case(name));
        found.map(|(id, repository)| (*id, repository))
    }

    /// What an item is called.
    #[must_use]
    pub fn name_of(&self, key: ItemKey) -> String {
        let repository = self.repositories.get(&key.repository).map_or("", |repository| &repository.name);
        format!("{repository}{}", key.issue)
    }

    /// The end of an item, where it has come to one.
    #[must_use]
    pub fn end_of(&self, key: ItemKey) -> Option<Ending> {
        match self.items.get(&key) {
            Some(item) => Ending::of(&item.course.standing),
            None => self.ended.get(&key).map(|ended| ended.end.clone()),
        }
    }

    /// The item of a repository that this issue is.
    #[must_use]
    pub const fn key(repository: RepositoryId, issue: IssueNumber) -> ItemKey {
        ItemKey { repository, issue }
    }
}

impl Default for State {
    fn default() -> Self {
        Self::new()
    }
}
