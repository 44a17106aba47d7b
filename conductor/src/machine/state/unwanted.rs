//! Issues that are no items: when they were last seen closed, or without the label.

use std::collections::{BTreeMap, VecDeque};

use bus::number::ItemKey;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// How many are kept: far more than are told in the time in which reports come out of their order.
const KEPT: usize = 1024;

/// A bounded memory of issues.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Unwanted {
    order: VecDeque<ItemKey>,
    #[serde(with = "super::pairs")]
    known: BTreeMap<ItemKey, OffsetDateTime>,
}

impl Unwanted {
    /// Notes that an issue was not wanted at this moment.
    pub fn note(&mut self, key: ItemKey, at: OffsetDateTime) {
        if let Some(known) = self.known.get_mut(&key) {
            *known = at.max(*known);
            return;
        }
        self.known.insert(key, at);
        self.order.push_back(key);
        if self.order.len() > KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }

    /// When an issue was last seen not to be wanted.
    #[must_use]
    pub fn at(&self, key: ItemKey) -> Option<OffsetDateTime> {
        self.known.get(&key).copied()
    }
}

#[cfg(test)]
mod tests {
    use bus::number::{IssueNumber, RepositoryId};
    use time::macros::datetime;

    use super::*;

    #[test]
    fn the_latest_moment_is_kept_and_the_memory_is_bounded() {
        let key = |issue| ItemKey { repository: RepositoryId(1), issue: IssueNumber(issue) };
        let (early, late) = (datetime!(2026-11-22 09:00 UTC), datetime!(2026-11-22 10:00 UTC));
        let mut unwanted = Unwanted::default();
        unwanted.note(key(0), late);
        unwanted.note(key(0), early);
        assert_eq!(unwanted.at(key(0)), Some(late));
        (1..=1024).for_each(|issue| unwanted.note(key(issue), early));
        assert_eq!((unwanted.at(key(0)), unwanted.order.len(), unwanted.known.len()), (None, KEPT, KEPT));
    }
}
