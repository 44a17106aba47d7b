//! Milestones.

use super::{
    id::{AccountId, MilestoneId, Number},
    issue::Issues,
    moment::Moment,
};

/// A milestone of a repository.
#[derive(Clone, Debug)]
pub(crate) struct Milestone {
    pub(crate) id: MilestoneId,
    pub(crate) number: Number,
    pub(crate) title: String,
    pub(crate) description: Option<String>,
    pub(crate) creator: AccountId,
    pub(crate) due_on: Option<Moment>,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
    pub(crate) closed_at: Option<Moment>,
}

impl Issues {
    /// How many of a milestone's issues are open, and how many closed.
    pub(crate) fn in_milestone(&self, milestone: Number) -> (usize, usize) {
        let of = |open: bool| {
            let own = self.issues.values().filter(|issue| issue.milestone == Some(milestone));
            own.filter(|issue| issue.is_open() == open).count()
        };
        (of(true), of(false))
    }
}
