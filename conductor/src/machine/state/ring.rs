//! Ids that were seen lately: for what would be done twice if it came twice.

use std::collections::{BTreeSet, VecDeque};

use bus::RecordId;
use serde::{Deserialize, Serialize};

/// How many ids are kept: far more than come within the time in which something comes twice.
const KEPT: usize = 4096;

/// A bounded memory of ids.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Ring {
    order: VecDeque<RecordId>,
    known: BTreeSet<RecordId>,
}

impl Ring {
    /// Whether an id was noted.
    #[must_use]
    pub fn has(&self, id: RecordId) -> bool {
        self.known.contains(&id)
    }

    /// Notes an id. Whether it was new.
    pub fn note(&mut self, id: RecordId) -> bool {
        if !self.known.insert(id) {
            return false;
        }
        self.order.push_back(id);
        if self.order.len() > KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_new_once_and_the_memory_is_bounded() {
        let mut ring = Ring::default();
        let first = RecordId::new();
        assert!(ring.note(first) && !ring.note(first));
        (0..=KEPT).for_each(|_| assert!(ring.note(RecordId::new())));
        assert_eq!((ring.order.len(), ring.known.len()), (KEPT, KEPT));
        assert!(ring.note(first), "it was forgotten");
    }
}
