//! Why a pull request may not be merged into a protected branch.

use std::fmt;

use super::{Protection, Unmet, spares};
use crate::{
    object::Oid,
    world::{id::RepositoryId, state::State, token::Principal},
};

/// What stands between a pull request and its base.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Obstacle {
    /// Nobody moves this branch.
    Locked,
    /// So many approvals are needed, and are not there.
    Approvals(usize),
    /// Somebody who may write wants changes.
    ChangesRequested,
    /// A required check has not passed.
    Check(Unmet),
    /// The base has commits that the head has not, and the checks must have passed with them.
    Behind,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Locked => f.write_str("Cannot change this locked branch"),
            Self::Approvals(1) => {
                f.write_str("At least 1 approving review is required by reviewers with write access.")
            }
            Self::Approvals(many) => {
                write!(f, "At least {many} approving reviews are required by reviewers with write access.")
            }
            Self::ChangesRequested => f.write_str("Changes have been requested by a reviewer with write access."),
            Self::Check(unmet) => f.write_str(&unmet.sentence()),
            Self::Behind => f.write_str("Head branch is not up to date with the base branch."),
        }
    }
}

impl State {
    /// What stands between a head and its base, whoever would merge it: of a pull request with so many approvals by
    /// those who may write. Nothing where the base is not protected.
    pub(crate) fn obstacles(
        &self,
        repository: RepositoryId,
        base: &str,
        head: Oid,
        approvals: usize,
        changes_requested: bool,
    ) -> Vec<Obstacle> {
        let Some(protection) = self.protection(repository, base) else { return Vec::new() };
        let mut found = Vec::new();
        found.extend(protection.switches.lock_branch.then_some(Obstacle::Locked));
        if let Some(reviews) = protection.reviews {
            found.extend(changes_requested.then_some(Obstacle::ChangesRequested));
            let needed = reviews.required_approving_review_count;
            found.extend((approvals < needed).then_some(Obstacle::Approvals(needed)));
        }
        found.extend(self.unmet(repository, protection, head).into_iter().map(Obstacle::Check));
        found.extend(self.is_behind(repository, protection, base, head).then_some(Obstacle::Behind));
        found
    }

    /// Why this principal may not merge a head into a base: GitHub's words; none if nothing stands between them.
    /// Required linear history refuses merge commits, a way of merging that the caller knows.
    pub(crate) fn merge_refusal(
        &self,
        repository: RepositoryId,
        base: &str,
        head: Oid,
        approvals: usize,
        changes_requested: bool,
        who: &Principal,
    ) -> Option<String> {
        let protection = self.protection(repository, base)?;
        if spares(protection, self.repositories.get(repository)?, who) {
            return None;
        }
        let obstacles = self.obstacles(repository, base, head, approvals, changes_requested);
        let sentences: Vec<String> = obstacles.iter().map(ToString::to_string).collect();
        (!sentences.is_empty()).then(|| sentences.join(" "))
    }

    fn is_behind(&self, repository: RepositoryId, protection: &Protection, base: &str, head: Oid) -> bool {
        let strict = protection.checks.as_ref().is_some_and(|checks| checks.strict);
        let tip = self.repositories.get(repository).and_then(|there| there.branch(base));
        strict && tip.is_some_and(|tip| !self.objects.is_ancestor(tip, head))
    }
}
