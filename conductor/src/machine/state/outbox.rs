//! The commands whose outcome is not there yet.

use std::collections::BTreeMap;

use bus::RecordId;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::machine::order::{Order, Target};

/// The open commands: at most one a target.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Outbox {
    #[serde(with = "super::pairs")]
    by_target: BTreeMap<Target, Pending>,
    by_id: BTreeMap<RecordId, Target>,
    #[serde(with = "super::pairs")]
    resting: BTreeMap<Target, Rest>,
}

/// An open command.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Pending {
    /// The command.
    pub id: RecordId,
    /// What was ordered.
    pub order: Order,
    /// Since when.
    pub since: OffsetDateTime,
}

/// A target that is left alone for a while.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Rest {
    /// Until when.
    pub until: OffsetDateTime,
    /// What was ordered.
    pub order: Order,
    /// Why.
    pub after: After,
}

/// Why a target is left alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum After {
    /// GitHub did not do what was ordered: the same order may do it the next time.
    Failure,
    /// What was found is asked for anew.
    Unready,
    /// Something was said to people: they are not told at once what changes a moment later.
    Words,
}

impl Outbox {
    /// Whether the outcome of an earlier command for this target is not there yet, or it is left alone for a while.
    #[must_use]
    pub fn is_busy(&self, target: &Target) -> bool {
        self.by_target.contains_key(target) || self.resting.contains_key(target)
    }

    /// Whether people may be told something there now. What they have to know at once waits for no other words.
    #[must_use]
    pub fn may_say(&self, target: &Target, at_once: bool) -> bool {
        let rest = self.resting.get(target).map(|rest| rest.after);
        !self.by_target.contains_key(target) && (rest.is_none() || rest == Some(After::Words) && at_once)
    }

    /// Lets the target of a command rest: the next command waits until then.
    pub fn rest(&mut self, order: &Order, until: OffsetDateTime, after: After) {
        if let Some(target) = order.target() {
            self.resting.insert(target, Rest { until, order: order.clone(), after });
        }
    }

    /// Ends the rests that are over by now, and tells which.
    pub fn rested(&mut self, now: OffsetDateTime) -> Vec<Rest> {
        let over: Vec<Target> =
            self.resting.iter().filter(|(_, rest)| rest.until <= now).map(|(target, _)| target.clone()).collect();
        over.iter().filter_map(|target| self.resting.remove(target)).collect()
    }

    /// The open command of a target.
    #[must_use]
    pub fn at(&self, target: &Target) -> Option<&Pending> {
        self.by_target.get(target)
    }

    /// Notes a command.
    pub fn open(&mut self, id: RecordId, order: Order, since: OffsetDateTime) {
        let Some(target) = order.target() else {
            return;
        };
        if let Some(earlier) = self.by_target.insert(target.clone(), Pending { id, order, since }) {
            self.by_id.remove(&earlier.id);
        }
        self.resting.remove(&target);
        self.by_id.insert(id, target);
    }

    /// Takes a command out whose outcome came; nothing where it is no longer, or was never, open.
    pub fn close(&mut self, id: RecordId) -> Option<Pending> {
        let target = self.by_id.remove(&id)?;
        self.by_target.remove(&target)
    }

    /// How many are open.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_target.len()
    }

    /// Whether none is open.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_target.is_empty()
    }
}
