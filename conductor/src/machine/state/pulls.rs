//! Pull requests that are known: and the lists of their heads, and of whom they are for.

use std::collections::VecDeque;

use bus::{
    catalogue::outcome::PullState,
    commit::Oid,
    number::{IssueNumber, ItemKey, PullKey, PullNumber, RepositoryId},
};

use super::{KnownPull, State};
use crate::machine::fact::Review;

/// In the place of a text's digest: something may stand on the thread, and nobody knows what.
pub const UNKNOWN_WORDS: u64 = 0;

impl State {
    /// The pull requests that are for an item, the oldest first.
    pub fn carriers(&self, key: ItemKey) -> impl DoubleEndedIterator<Item = (PullNumber, &KnownPull)> {
        let numbers = self.carriers.get(&key).into_iter().flatten().copied();
        numbers.filter_map(move |pull| Some((pull, self.pulls.get(&PullKey { repository: key.repository, pull })?)))
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

    /// The item that a thread is of: its issue, or a pull request for it.
    #[must_use]
    pub fn item_of_thread(&self, repository: RepositoryId, thread: u64) -> Option<ItemKey> {
        let item = |issue| ItemKey { repository, issue };
        let pull = PullKey { repository, pull: PullNumber(thread) };
        let carried = || self.pulls.get(&pull).and_then(|pull| pull.issue).map(item);
        Some(item(IssueNumber(thread))).filter(|key| self.items.contains_key(key)).or_else(carried)
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
}
