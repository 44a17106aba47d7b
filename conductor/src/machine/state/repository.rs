//! A repository that is looked after.

use std::collections::VecDeque;

use bus::commit::Oid;
use serde::{Deserialize, Serialize};

use super::Commits;
use crate::machine::fact::Place;

/// How many heads of the base branch are remembered: a target that tells one of them tells how far it is.
const REMEMBERED: usize = 256;

/// What is known of a repository.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KnownRepository {
    /// Its name, as GitHub spells it.
    pub name: String,
    /// The branch that changes land on.
    pub base: String,
    /// What is known of its commits.
    pub commits: Commits,
    /// The heads that the base branch had, the latest last.
    landed: VecDeque<Landed>,
    /// What was taken back, the latest last.
    reverts: VecDeque<Revert>,
    /// The commit that its target last told.
    pub shown: Option<Oid>,
}

/// A head that the base branch had.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Landed {
    commit: Oid,
    /// The head before it, where that was told.
    after: Option<Oid>,
}

/// A head of the base branch takes a commit back.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Revert {
    of: Oid,
    by: Oid,
}

impl KnownRepository {
    /// Of which nothing is known but its place.
    #[must_use]
    pub fn new(place: &Place) -> Self {
        Self {
            name: place.name.clone(),
            base: place.default_branch.clone(),
            commits: Commits::default(),
            landed: VecDeque::new(),
            reverts: VecDeque::new(),
            shown: None,
        }
    }

    /// The base branch's head, as far as it was told.
    #[must_use]
    pub fn base_head(&self) -> Option<Oid> {
        self.landed.back().map(|landed| landed.commit)
    }

    /// Notes that the base branch went on from one commit to another. A report that comes late is put where it belongs:
    /// before what came after it.
    pub fn note_landed(&mut self, after: Option<Oid>, commit: Oid) {
        match self.place_of(commit) {
            // A push from the head back to an earlier commit: what came after that one is no longer there.
            Some(place) if after.is_some() && after == self.base_head() => self.landed.truncate(place + 1),
            Some(place) => {
                if let Some(known) = self.landed.get_mut(place) {
                    known.after = known.after.or(after);
                }
            }
            None => self.insert(Landed { commit, after }),
        }
    }

    fn insert(&mut self, landed: Landed) {
        let later = self.landed.iter().position(|known| known.after == Some(landed.commit));
        let earlier = landed.after.and_then(|after| self.place_of(after)).map(|place| place + 1);
        self.landed.insert(later.or(earlier).unwrap_or(self.landed.len()), landed);
        if self.landed.len() > REMEMBERED {
            self.landed.pop_front();
        }
    }

    /// Notes the base branch's head as it was read back. It is the latest unless something is known to have come after
    /// it: a report without a known predecessor, which may be a late one, stands behind it no longer.
    pub fn note_base(&mut self, commit: Oid) {
        match self.place_of(commit) {
            None => self.landed.push_back(Landed { commit, after: None }),
            Some(place) if !self.leads_to_the_last(commit) => {
                let read = self.landed.remove(place);
                self.landed.extend(read);
            }
            Some(_) => {}
        }
    }

    /// Whether the last head came after this one, by what was told of each between them.
    fn leads_to_the_last(&self, commit: Oid) -> bool {
        let mut next = self.landed.back().copied();
        for _ in 0..=self.landed.len() {
            let Some(landed) = next else {
                return false;
            };
            if landed.commit == commit {
                return true;
            }
            next =
                landed.after.and_then(|after| self.place_of(after)).and_then(|place| self.landed.get(place).copied());
        }
        false
    }

    fn place_of(&self, commit: Oid) -> Option<usize> {
        self.landed.iter().position(|landed| landed.commit == commit)
    }

    /// Notes that a head of the base branch takes commits back.
    pub fn note_reverts(&mut self, by: Oid, of: &[Oid]) {
        for of in of {
            let revert = Revert { of: *of, by };
            if !self.reverts.contains(&revert) {
                self.reverts.push_back(revert);
            }
        }
        let most = self.reverts.len().saturating_sub(REMEMBERED);
        self.reverts.drain(..most);
    }

    /// The head that took a commit back, as the base branch is now.
    #[must_use]
    pub fn taken_back(&self, commit: Oid) -> Option<Oid> {
        self.taken_back_at(self.base_head()?, commit)
    }

    /// The same, as it was at this head: unless the one that took it back was taken back in turn by then.
    fn taken_back_at(&self, head: Oid, commit: Oid) -> Option<Oid> {
        let by_then: Vec<&Revert> = self.reverts.iter().filter(|revert| self.comes_up_to(head, revert.by)).collect();
        let latest = by_then.iter().rposition(|revert| revert.of == commit)?;
        let by = by_then.get(latest)?.by;
        let in_turn = by_then.iter().skip(latest + 1).any(|revert| revert.of == by);
        (!in_turn).then_some(by)
    }

    /// Whether a target that tells `shown` has `commit`: it is that one, or one that came later and did not take it back.
    #[must_use]
    pub fn has(&self, shown: Oid, commit: Oid) -> bool {
        self.comes_up_to(shown, commit) && self.taken_back_at(shown, commit).is_none()
    }

    /// Whether a head is this commit, or came later.
    fn comes_up_to(&self, head: Oid, commit: Oid) -> bool {
        head == commit
            || matches!((self.place_of(head), self.place_of(commit)), (Some(head), Some(commit)) if head > commit)
    }
}

#[cfg(test)]
mod tests {
    use bus::number::RepositoryId;

    use super::*;

    fn commit(n: u8) -> Oid {
        Oid::of([n; 20])
    }

    fn repository() -> KnownRepository {
        let (name, default_branch) = ("acme/site".to_owned(), "main".to_owned());
        KnownRepository::new(&Place { id: RepositoryId(1), name, default_branch })
    }

    #[test]
    fn a_late_report_stands_before_what_came_after_it() {
        let mut known = repository();
        known.note_landed(None, commit(1));
        known.note_landed(Some(commit(2)), commit(3));
        known.note_landed(Some(commit(1)), commit(2));
        assert_eq!(known.base_head(), Some(commit(3)));
        assert!(known.has(commit(3), commit(2)) && !known.has(commit(2), commit(3)));
    }

    #[test]
    fn what_is_read_back_is_the_latest_unless_something_is_known_to_have_come_after_it() {
        let mut known = repository();
        known.note_base(commit(5));
        known.note_landed(Some(commit(3)), commit(4));
        assert_eq!(known.base_head(), Some(commit(4)), "it may be later");
        known.note_base(commit(5));
        assert_eq!(known.base_head(), Some(commit(5)), "it was not");
        known.note_landed(Some(commit(5)), commit(6));
        known.note_base(commit(5));
        assert_eq!(known.base_head(), Some(commit(6)), "that look was ordered before");
    }
}
