//! Who waits for their turn, and how much is in work: kept beside the items so that nobody has to look through them all.

use std::collections::{BTreeMap, BTreeSet};

use bus::{
    catalogue::work::{Course, Leased, Offered, Queued, Standing, Task},
    number::ItemKey,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::KnownIssue;
use crate::machine::rules::Skill;

/// The label that lets an item pass others.
const URGENT: &str = "urgent";

/// Who waits for their turn, and how much is in work.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Queue {
    waiting: BTreeMap<Skill, BTreeSet<Turn>>,
    #[serde(with = "super::pairs")]
    busy: BTreeMap<(Skill, String), u32>,
}

/// A place in the queue: urgent ones first, then what is nearer to its end, then the older.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
struct Turn {
    urgency: u8,
    since: OffsetDateTime,
    key: ItemKey,
}

/// What it takes to do a task.
#[must_use]
pub const fn skill(task: &Task) -> Skill {
    if task.is_review() { Skill::Reviewer } else { Skill::Implementer }
}

impl Queue {
    /// Notes where an item stands now.
    pub fn enter(&mut self, key: ItemKey, course: &Course, issue: &KnownIssue) {
        match &course.standing {
            Standing::Queued(queued) => {
                self.waiting.entry(skill(&queued.task)).or_default().insert(turn(key, queued, issue));
            }
            Standing::Offered(Offered { task, pool, .. }) | Standing::Leased(Leased { task, pool, .. }) => {
                *self.busy.entry((skill(task), pool.clone())).or_default() += 1;
            }
            _ => {}
        }
    }

    /// Notes that an item no longer stands there.
    pub fn leave(&mut self, key: ItemKey, course: &Course, issue: &KnownIssue) {
        match &course.standing {
            Standing::Queued(queued) => {
                self.waiting.entry(skill(&queued.task)).or_default().remove(&turn(key, queued, issue));
            }
            Standing::Offered(Offered { task, pool, .. }) | Standing::Leased(Leased { task, pool, .. }) => {
                let busy = self.busy.entry((skill(task), pool.clone())).or_default();
                *busy = busy.saturating_sub(1);
            }
            _ => {}
        }
    }

    /// Those who wait for somebody with this skill, the next first.
    pub fn waiting(&self, skill: Skill) -> impl Iterator<Item = ItemKey> {
        self.waiting.get(&skill).into_iter().flatten().map(|turn| turn.key)
    }

    /// How much a pool was offered or works on.
    #[must_use]
    pub fn busy(&self, skill: Skill, pool: &str) -> u32 {
        self.busy.get(&(skill, pool.to_owned())).copied().unwrap_or(0)
    }
}

fn turn(key: ItemKey, queued: &Queued, issue: &KnownIssue) -> Turn {
    let urgency = match (issue.has(URGENT), &queued.task) {
        (true, _) => 0,
        (false, Task::Build) => 2,
        (false, _) => 1,
    };
    Turn { urgency, since: queued.since, key }
}
