//! Items come in, and go: and the lists of who has which title, and who waits for whom.

use bus::{
    catalogue::work::Course,
    number::{ItemKey, PullKey},
};

use super::{Ended, Ending, Item, KnownIssue, State, digest};
use crate::machine::fact::Said;

impl State {
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
        self.ended.insert(key, Ended { end, generation, pull, unwanted_at, known_at: item.issue.updated_at });
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
}
