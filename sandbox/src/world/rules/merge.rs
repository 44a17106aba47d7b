//! Why a pull request may not be merged.

use std::fmt;

use super::{Demands, Mover, Source, Unmet};
use crate::{
    object::Oid,
    world::{merge::Method, repository::Repository, state::State, token::Principal},
};

/// What is to be merged into which branch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Proposal<'a> {
    pub(crate) base: &'a str,
    pub(crate) head: Oid,
    /// By those who may write.
    pub(crate) approvals: usize,
    /// By somebody who may write.
    pub(crate) changes_requested: bool,
    /// None where it is not yet said how.
    pub(crate) method: Option<Method>,
}

/// What stands between a pull request and its base.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Obstacle {
    /// Nobody moves this branch.
    Locked(Source),
    /// Others may move this branch.
    Barred,
    /// It would be a merge commit.
    MergeCommit,
    /// It is not to be merged this way.
    Method(Method),
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
            Self::Locked(source) => f.write_str(source.locked()),
            Self::Barred => f.write_str(super::push::BARRED),
            Self::MergeCommit => f.write_str(super::push::MERGE_COMMITS),
            Self::Method(Method::Merge) => f.write_str("Merge commits are not allowed on this branch."),
            Self::Method(Method::Squash) => f.write_str("Squash merges are not allowed on this branch."),
            Self::Method(Method::Rebase) => f.write_str("Rebase merges are not allowed on this branch."),
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
    /// What stands between a pull request and its base, and whose rule it is; each but once.
    pub(crate) fn obstacles(&self, at: &Repository, to: Proposal<'_>, mover: Mover<'_>) -> Vec<(Source, Obstacle)> {
        let mut found: Vec<(Source, Obstacle)> = Vec::new();
        for demands in self.rules(at, &format!("refs/heads/{}", to.base), mover).0 {
            let mut new = self.between(at, to, &demands);
            new.retain(|obstacle| found.iter().all(|(_, known)| known != obstacle));
            found.extend(new.into_iter().map(|obstacle| (demands.source, obstacle)));
        }
        found
    }

    fn between(&self, at: &Repository, to: Proposal<'_>, demands: &Demands<'_>) -> Vec<Obstacle> {
        let Demands { source, bans, checks, checks_new: _, reviews, methods } = demands;
        let mut found = Vec::new();
        found.extend(bans.update.then_some(Obstacle::Locked(*source)));
        found.extend(bans.mover.then_some(Obstacle::Barred));
        found.extend((bans.merge_commits && to.method == Some(Method::Merge)).then_some(Obstacle::MergeCommit));
        let unlisted = to.method.filter(|method| !methods.is_empty() && !methods.contains(method));
        found.extend(unlisted.map(Obstacle::Method));
        if let Some(reviews) = reviews {
            found.extend(to.changes_requested.then_some(Obstacle::ChangesRequested));
            let needed = reviews.required_approving_review_count;
            found.extend((to.approvals < needed).then_some(Obstacle::Approvals(needed)));
        }
        if let Some(checks) = checks {
            found.extend(self.unmet(at.id, checks, to.head).into_iter().map(Obstacle::Check));
            let behind = || at.branch(to.base).is_some_and(|tip| !self.objects.is_ancestor(tip, to.head));
            found.extend((checks.strict && behind()).then_some(Obstacle::Behind));
        }
        found
    }

    /// Why this principal may not merge it: GitHub's words; none if nothing stands between.
    pub(crate) fn merge_refusal(&self, at: &Repository, to: Proposal<'_>, who: &Principal) -> Option<String> {
        let obstacles = self.obstacles(at, to, Mover::Merger(who));
        let ruled = obstacles.iter().any(|(source, _)| *source == Source::Ruleset);
        let sentences: Vec<String> = obstacles.iter().map(|(_, obstacle)| obstacle.to_string()).collect();
        match sentences.as_slice() {
            [] => None,
            sentences if ruled => Some(super::push::violations(sentences)),
            sentences => Some(sentences.join(" ")),
        }
    }
}
