//! Where items stand: and the lists of waits, of runs, and of who waits for whom.

use bus::{
    catalogue::{
        agent::Fence,
        work::{Course, Expected, Leased, Need, Offered, Parked, Place, Prerequisite, Standing, Waiting, Why},
    },
    commit::Oid,
    number::{IssueNumber, ItemKey, RepositoryId},
};
use time::OffsetDateTime;

use super::{Item, State};
use crate::machine::fact::Claim;

impl State {
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
        let before = &item.course.standing;
        let stood_before_others =
            matches!(before, Standing::Landing(_) | Standing::Waiting(_) | Standing::Verifying(_));
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
