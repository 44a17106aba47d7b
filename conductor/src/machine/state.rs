//! What the machine knows: facts as they were last told, and the courses of the items, which are its own decisions.

mod agents;
mod commits;
mod ended;
mod issue;
mod outbox;
mod pairs;
mod pull;
mod queue;
mod repository;
mod ring;
mod unwanted;
mod words;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bus::{
    RecordId,
    catalogue::{
        agent::Fence,
        outcome::PullState,
        work::{Course, Expected, Leased, Need, Offered, Parked, Place, Prerequisite, Standing, Waiting, Why},
    },
    commit::Oid,
    number::{IssueNumber, ItemKey, PullKey, PullNumber, RepositoryId},
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

pub use self::{
    agents::Agents,
    commits::{Commit, Commits, RanCheck},
    ended::{Ended, Ending},
    issue::{KnownIssue, digest},
    outbox::{After, Outbox, Pending},
    pull::{Judgement, KnownPull},
    queue::{Queue, skill},
    repository::KnownRepository,
    ring::Ring,
    unwanted::Unwanted,
    words::Words,
};
use super::{
    fact::{Claim, Review, Said},
    order::Order,
};

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
    /// The branch of ours that it has on GitHub. Its name stays, whatever becomes of the title (F-109).
    pub branch: Option<String>,
    /// The pull request that carried it when it ended before: what landed then does not count again (F-075).
    pub spent: Option<PullNumber>,
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

    /// Adds an item that was not known.
    pub fn add_item(&mut self, key: ItemKey, item: Item) {
        self.note_title(key, &item.issue);
        self.items.insert(key, item);
        self.agenda.insert(key);
    }

    /// Takes over how an item's issue is now.
    pub fn set_issue(&mut self, key: ItemKey, issue: KnownIssue) {
        let Some(mut item) = self.items.remove(&key) else {
            return;
        };
        self.forget_title(key, &item.issue);
        self.note_title(key, &issue);
        self.queue.leave(key, &item.course, &item.issue);
        self.queue.enter(key, &item.course, &issue);
        item.issue = issue;
        self.items.insert(key, item);
        self.agenda.insert(key);
    }

    fn note_title(&mut self, key: ItemKey, issue: &KnownIssue) {
        let title = digest(&[&issue.plain_title()]);
        self.titles.entry((key.repository, title)).or_default().insert(key);
    }

    fn forget_title(&mut self, key: ItemKey, issue: &KnownIssue) {
        let title = (key.repository, digest(&[&issue.plain_title()]));
        if let Some(keys) = self.titles.get_mut(&title) {
            keys.remove(&key);
            if keys.is_empty() {
                self.titles.remove(&title);
            }
        }
    }

    /// The oldest other open item of the repository that has the same title.
    #[must_use]
    pub fn with_same_title(&self, key: ItemKey, issue: &KnownIssue) -> Option<ItemKey> {
        let same = self.titles.get(&(key.repository, digest(&[&issue.plain_title()])))?;
        let goes_on = |other: &ItemKey| self.items.get(other).is_some_and(|item| !item.course.standing.is_end());
        same.iter().copied().find(|other| other.issue < key.issue && goes_on(other))
    }

    /// Forgets an ended item, up to what others may still ask about it.
    pub fn retire(&mut self, key: ItemKey, label: &str) {
        let Some(end) = self.items.get(&key).and_then(|item| Ending::of(&item.course.standing)) else {
            return;
        };
        let Some(item) = self.items.remove(&key) else {
            return;
        };
        self.forget_title(key, &item.issue);
        self.words.forget(key);
        for pull in self.carriers.get(&key).cloned().unwrap_or_default() {
            let pull = PullKey { repository: key.repository, pull };
            if self.pulls.get(&pull).is_some_and(|pull| !pull.is_open()) {
                self.drop_pull(pull);
            }
        }
        let Course { generation, pull, .. } = item.course;
        let wanted = item.issue.open && item.issue.has(label);
        let unwanted_at = (!wanted).then_some(item.issue.updated_at);
        self.ended.insert(key, Ended { end, generation, pull, unwanted_at });
    }

    /// Keeps what a person said about an item that is open.
    pub fn note_said(&mut self, said: &Said) {
        let Some((repository, _)) = self.repository_named(&said.repository) else {
            return;
        };
        let key = ItemKey { repository, issue: said.issue };
        if self.items.contains_key(&key) {
            self.words.note(key, said);
        }
    }

    /// Whether an item waits for this issue.
    #[must_use]
    pub fn is_awaited(&self, key: ItemKey) -> bool {
        self.dependants.contains_key(&key)
    }

    /// Notes that an issue was closed that is no item.
    pub fn note_closed(&mut self, key: ItemKey) {
        self.closed.insert(key);
        self.agenda.extend(self.dependants.remove(&key).unwrap_or_default());
    }

    /// Whether an issue that is no item was closed.
    #[must_use]
    pub fn was_closed(&self, key: ItemKey) -> bool {
        self.closed.contains(&key)
    }

    /// The pull requests that are for an item, the oldest first.
    pub fn carriers(&self, key: ItemKey) -> impl DoubleEndedIterator<Item = (PullNumber, &KnownPull)> {
        let numbers = self.carriers.get(&key).into_iter().flatten().copied();
        numbers.filter_map(move |pull| Some((pull, self.pulls.get(&PullKey { repository: key.repository, pull })?)))
    }

    /// Puts an item where it now stands, and keeps the lists that follow from it.
    pub fn set_course(&mut self, key: ItemKey, course: Course) {
        let Some(item) = self.items.get_mut(&key) else {
            return;
        };
        if let Some(until) = item.course.standing.until() {
            self.deadlines.remove(&(until, key));
        }
        if let Some(until) = course.standing.until() {
            self.deadlines.insert((until, key));
        }
        if let Some(fence) = fence_of(&item.course) {
            self.runs.remove(&fence.run);
        }
        if let Some(fence) = fence_of(&course) {
            self.runs.insert(fence.run, key);
        }
        self.queue.leave(key, &item.course, &item.issue);
        self.queue.enter(key, &course, &item.issue);
        if course.standing.is_end() {
            self.agenda.extend(self.dependants.remove(&key).unwrap_or_default());
        }
        item.refused = None;
        let stood_before_others = matches!(item.course.standing, Standing::Landing(_) | Standing::Waiting(_));
        let prerequisites = prerequisites(&course.standing).to_vec();
        let ends = course.standing.is_end();
        item.course = course;
        self.agenda.insert(key);
        if ends {
            self.touch(key.repository, |standing| is_doubled_by(standing, key.issue));
        }
        if stood_before_others {
            self.touch(key.repository, |standing| matches!(standing, Standing::Gated(_)));
        }
        for first in &prerequisites {
            if let Some((repository, _)) = self.repository_named(&first.repository) {
                let first = ItemKey { repository, issue: first.issue };
                self.dependants.entry(first).or_default().insert(key);
            }
        }
    }

    /// The item that this work is of, while it is what the item waits for.
    #[must_use]
    pub fn item_of(&self, fence: Fence) -> Option<(ItemKey, &Item)> {
        let key = *self.runs.get(&fence.run)?;
        let item = self.items.get(&key)?;
        (fence_of(&item.course) == Some(fence)).then_some((key, item))
    }

    /// The lease that a claim is made under, where the agent has it.
    #[must_use]
    pub fn lease_of(&self, claim: &Claim) -> Option<(ItemKey, &Leased)> {
        let (key, item) = self.item_of(claim.fence?)?;
        match &item.course.standing {
            Standing::Leased(leased) if leased.agent == claim.agent => Some((key, leased)),
            _ => None,
        }
    }

    /// Notes that a try of the target was ordered, for every item that waits for one of this commit.
    pub fn note_smoke_ordered(&mut self, repository: RepositoryId, commit: Oid) {
        let all = ItemKey { repository, issue: IssueNumber(0) }..=ItemKey { repository, issue: IssueNumber(u64::MAX) };
        for (_, item) in self.items.range_mut(all) {
            if let Standing::Verifying(verifying) = &mut item.course.standing
                && verifying.commit == commit
            {
                verifying.ordered = true;
            }
        }
    }

    /// Notes which text was put on a thread; nothing where none came to stand there.
    pub fn note_told(&mut self, repository: RepositoryId, thread: u64, text: Option<u64>) {
        if let Some(item) = self.items.get_mut(&ItemKey { repository, issue: IssueNumber(thread) }) {
            item.told = text;
        } else if let Some(pull) = self.pulls.get_mut(&PullKey { repository, pull: PullNumber(thread) }) {
            pull.told = text;
        }
    }

    /// Notes what our check says of a head; nothing where that did not come to stand there.
    pub fn note_judged(&mut self, repository: RepositoryId, head: Oid, text: Option<u64>) {
        let pull = self.pull_with_head(repository, head);
        if let Some(known) = pull.and_then(|pull| self.pulls.get_mut(&pull)) {
            known.judged = text.map(|text| (head, text));
        }
    }

    /// Whatever has this thread is looked at.
    pub fn touch_thread(&mut self, repository: RepositoryId, thread: u64) {
        let item = ItemKey { repository, issue: IssueNumber(thread) };
        if self.items.contains_key(&item) {
            self.agenda.insert(item);
        } else {
            self.touch_pull(PullKey { repository, pull: PullNumber(thread) });
        }
    }

    /// Those items of a repository are looked at again that stand so.
    pub fn touch(&mut self, repository: RepositoryId, which: impl Fn(&Standing) -> bool) {
        let all = ItemKey { repository, issue: IssueNumber(0) }..=ItemKey { repository, issue: IssueNumber(u64::MAX) };
        let touched = self.items.range(all).filter(|(_, item)| which(&item.course.standing)).map(|(key, _)| *key);
        self.agenda.extend(touched);
    }

    /// The items whose wait is over by now.
    #[must_use]
    pub fn overdue(&self) -> Vec<ItemKey> {
        let passed = self.deadlines.iter().take_while(|(until, _)| *until <= self.now);
        passed.map(|(_, key)| *key).collect()
    }

    /// The next wait to be over.
    #[must_use]
    pub fn next_deadline(&self) -> Option<(OffsetDateTime, ItemKey)> {
        self.deadlines.first().copied()
    }

    /// The items that lie in a place.
    pub fn lying(&self, place: Place) -> impl Iterator<Item = (ItemKey, &Item)> {
        self.items.iter().filter(move |(_, item)| item.course.standing.place() == place).map(|(key, item)| (*key, item))
    }

    /// Adds a pull request that was not known.
    pub fn add_pull(&mut self, key: PullKey, pull: KnownPull) {
        self.move_head(key, None, pull.head);
        self.move_carrier(key, None, pull.issue);
        self.pulls.insert(key, pull);
        self.touch_pull(key);
    }

    /// Changes a pull request that is known, and keeps the lists that follow from its head.
    pub fn change_pull(&mut self, key: PullKey, change: impl FnOnce(&mut KnownPull)) {
        let Some(pull) = self.pulls.get_mut(&key) else {
            return;
        };
        let (head, issue) = (pull.head, pull.issue);
        change(pull);
        let (new_head, new_issue) = (pull.head, pull.issue);
        if head != new_head {
            self.move_head(key, Some(head), new_head);
        }
        if issue != new_issue {
            self.move_carrier(key, issue, new_issue);
        }
        self.touch_pull(key);
    }

    fn move_carrier(&mut self, key: PullKey, from: Option<IssueNumber>, to: Option<IssueNumber>) {
        let item = |issue| ItemKey { repository: key.repository, issue };
        if let Some(pulls) = from.and_then(|from| self.carriers.get_mut(&item(from))) {
            pulls.remove(&key.pull);
        }
        if let Some(to) = to {
            self.carriers.entry(item(to)).or_default().insert(key.pull);
        }
    }

    fn move_head(&mut self, key: PullKey, from: Option<Oid>, to: Oid) {
        let Some(repository) = self.repositories.get_mut(&key.repository) else {
            return;
        };
        repository.commits.hold(to);
        self.heads.insert((key.repository, to), key);
        if let Some(from) = from {
            repository.commits.release(from);
            self.heads.remove(&(key.repository, from));
        }
    }

    /// Forgets a pull request.
    pub fn drop_pull(&mut self, key: PullKey) {
        let Some(pull) = self.pulls.remove(&key) else {
            return;
        };
        self.heads.remove(&(key.repository, pull.head));
        self.move_carrier(key, pull.issue, None);
        if let Some(repository) = self.repositories.get_mut(&key.repository) {
            repository.commits.release(pull.head);
        }
    }

    /// The pull request that has this head.
    #[must_use]
    pub fn pull_with_head(&self, repository: RepositoryId, head: Oid) -> Option<PullKey> {
        self.heads.get(&(repository, head)).copied()
    }

    /// The item that a pull request is for is looked at; one of nobody's is told so.
    pub fn touch_pull(&mut self, key: PullKey) {
        let closes = self.pulls.get(&key).map(|pull| pull.closes.clone()).unwrap_or_default();
        self.agenda.extend(closes.into_iter().map(|issue| ItemKey { repository: key.repository, issue }));
        match self.pulls.get(&key).and_then(|pull| pull.issue) {
            Some(issue) => self.agenda.insert(ItemKey { repository: key.repository, issue }),
            None => self.strays.insert(key),
        };
    }

    /// Keeps a review whose pull request is not known yet.
    pub fn keep_early(&mut self, key: PullKey, review: Review) {
        const KEPT: usize = 256;
        self.early.push_back((key, review));
        if self.early.len() > KEPT {
            self.early.pop_front();
        }
    }

    /// The reviews that came before this pull request.
    pub fn take_early(&mut self, key: PullKey) -> Vec<Review> {
        let (mine, others) = std::mem::take(&mut self.early).into_iter().partition(|(of, _)| *of == key);
        self.early = others;
        let mine: VecDeque<(PullKey, Review)> = mine;
        mine.into_iter().map(|(_, review)| review).collect()
    }

    /// The issue of the merged pull request that closes this one as well.
    #[must_use]
    pub fn done_with(&self, key: ItemKey) -> Option<IssueNumber> {
        let merged = |pull: &&KnownPull| matches!(pull.state, PullState::Merged { .. });
        let of_here = self.pulls.iter().filter(|(pull, _)| pull.repository == key.repository).map(|(_, pull)| pull);
        of_here.filter(merged).find(|pull| pull.closes.contains(&key.issue))?.issue
    }

    /// The item of a repository that this issue is.
    #[must_use]
    pub const fn key(repository: RepositoryId, issue: IssueNumber) -> ItemKey {
        ItemKey { repository, issue }
    }
}

fn is_doubled_by(standing: &Standing, issue: IssueNumber) -> bool {
    matches!(standing, Standing::Waiting(Waiting { what: Need::Duplicate { of }, .. }) if *of == issue)
}

fn prerequisites(standing: &Standing) -> &[Prerequisite] {
    match standing {
        Standing::Parked(Parked { why: Why::After { items }, .. }) => items,
        _ => &[],
    }
}

/// The right to speak of the item, while somebody has it.
#[must_use]
pub fn fence_of(course: &Course) -> Option<Fence> {
    let run = match &course.standing {
        Standing::Offered(Offered { run, .. })
        | Standing::Leased(Leased { run, .. })
        | Standing::Expected(Expected { run, .. }) => *run,
        _ => return None,
    };
    Some(Fence { run, generation: course.generation })
}

impl Default for State {
    fn default() -> Self {
        Self::new()
    }
}
