//! What is remembered of a repository between two looks, in this process alone: a new one looks at everything once.

use std::collections::HashMap;

use bus::commit::Oid;
use time::OffsetDateTime;

/// Every so-manieth look is as thorough as the first: a list that changes while it is read may hide an entry. Answers are
/// kept for longer than that (`ask`).
const THOROUGH_EVERY: u32 = 12;

/// GitHub's lists may lag behind its objects.
const LAG: time::Duration = time::Duration::minutes(2);

/// For so long the checks of a landed commit are looked at.
const CHECKED_FOR: time::Duration = time::Duration::hours(6);

/// What is remembered of a repository.
#[derive(Debug)]
pub struct Memory {
    /// The commit at which each branch was told.
    pub(super) tips: HashMap<String, Oid>,
    back: OffsetDateTime,
    looks: u32,
    issues: Newest,
    pulls: Newest,
    landed: HashMap<Oid, OffsetDateTime>,
}

/// The moment of the latest change that was told, of issues or of pull requests.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Newest(Option<OffsetDateTime>);

impl Newest {
    pub(super) fn note(&mut self, changed: Option<OffsetDateTime>) {
        self.0 = self.0.max(changed);
    }
}

impl Memory {
    /// Nothing yet; the first look goes back to this moment.
    #[must_use]
    pub fn since(back: OffsetDateTime) -> Self {
        let (issues, pulls) = Default::default();
        Self { tips: HashMap::new(), back, looks: 0, issues, pulls, landed: HashMap::new() }
    }

    pub(super) const fn is_thorough(&self) -> bool {
        self.looks.is_multiple_of(THOROUGH_EVERY)
    }

    /// From when on changes of issues are of interest.
    pub(super) fn issues_since(&self) -> OffsetDateTime {
        self.from(self.issues)
    }

    /// From when on changes of closed pull requests are of interest.
    pub(super) fn pulls_since(&self) -> OffsetDateTime {
        self.from(self.pulls)
    }

    fn from(&self, newest: Newest) -> OffsetDateTime {
        newest.0.filter(|_| !self.is_thorough()).map_or(self.back, |newest| (newest - LAG).max(self.back))
    }

    /// A commit landed at this moment: its checks are of interest.
    pub(super) fn note_landed(&mut self, commit: Oid, at: OffsetDateTime) {
        self.landed.insert(commit, at);
    }

    /// The landed commits whose checks are looked at still.
    pub(super) fn landed(&mut self, now: OffsetDateTime) -> Vec<Oid> {
        self.landed.retain(|_, at| now - *at < CHECKED_FOR);
        self.landed.keys().copied().collect()
    }

    /// A look came to its end.
    pub(super) fn end(&mut self, issues: Newest, pulls: Newest) {
        self.issues.note(issues.0);
        self.pulls.note(pulls.0);
        self.looks = self.looks.wrapping_add(1);
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_look_goes_on_from_the_latest_change_and_every_twelfth_is_thorough() {
        let back = datetime!(2026-11-01 0:00 UTC);
        let mut memory = Memory::since(back);
        let newest = Newest(Some(datetime!(2026-11-22 12:00 UTC)));
        assert_eq!(memory.issues_since(), back);
        memory.end(newest, Newest::default());
        assert_eq!((memory.issues_since(), memory.pulls_since()), (datetime!(2026-11-22 11:58 UTC), back));
        for _ in 0..11 {
            memory.end(Newest::default(), Newest::default());
        }
        assert_eq!(memory.issues_since(), back);
    }

    #[test]
    fn a_landed_commit_is_of_interest_for_a_while() {
        let at = datetime!(2026-11-22 12:00 UTC);
        let mut memory = Memory::since(at);
        memory.note_landed(Oid::of([7; 20]), at);
        assert_eq!(memory.landed(at), [Oid::of([7; 20])]);
        assert!(memory.landed(at + CHECKED_FOR).is_empty());
    }
}
