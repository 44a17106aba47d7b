//! How the code is: pull requests, reviews, checks and branches.

use bus::catalogue::work::Standing;
use bus::number::{IssueNumber, ItemKey, PullKey, RepositoryId};

use super::OUR_BRANCHES;
use crate::machine::{
    fact::{Branch, Check, Pull, Review, Tip},
    state::{KnownPull, State},
};

pub(super) fn apply_pull(state: &mut State, repository: RepositoryId, pull: &Pull) {
    let key = PullKey { repository, pull: pull.number };
    let issue = issue_of(state, repository, pull);
    if let (Some(issue), Some(branch)) = (issue, pull.branch.as_deref().filter(|name| issue_of_branch(name).is_some()))
    {
        note_branch(state, ItemKey { repository, issue }, branch);
    }
    if state.pulls.contains_key(&key) {
        state.change_pull(key, |known| known.follow(pull, issue));
    } else {
        state.add_pull(key, KnownPull::of(pull, issue));
    }
    for review in state.take_early(key) {
        apply_review(state, repository, &review);
    }
}

/// The issue that a pull request is for: by our branch, or the one open item that its text closes.
fn issue_of(state: &State, repository: RepositoryId, pull: &Pull) -> Option<IssueNumber> {
    let is_item = |issue: &IssueNumber| state.items.contains_key(&ItemKey { repository, issue: *issue });
    let by_branch = pull.branch.as_deref().and_then(issue_of_branch);
    by_branch.or_else(|| pull.closes.iter().copied().find(is_item)).or_else(|| pull.closes.first().copied())
}

/// The issue that a branch of ours is for.
#[must_use]
pub(in crate::machine) fn issue_of_branch(branch: &str) -> Option<IssueNumber> {
    let (number, _) = branch.strip_prefix(OUR_BRANCHES)?.split_once('-')?;
    number.parse().ok().map(IssueNumber)
}

pub(super) fn apply_review(state: &mut State, repository: RepositoryId, review: &Review) {
    let key = PullKey { repository, pull: review.pull };
    if !state.pulls.contains_key(&key) {
        return state.keep_early(key, review.clone());
    }
    if let Some(pull) = state.pulls.get_mut(&key) {
        pull.judge(review);
    }
    state.touch_pull(key);
}

pub(super) fn apply_check(state: &mut State, repository: RepositoryId, check: &Check) {
    if let Some(known) = state.repositories.get_mut(&repository) {
        known.commits.note_check(check);
    }
    if let Some(pull) = state.pull_with_head(repository, check.head) {
        state.touch_pull(pull);
    }
}

pub(super) fn apply_branch(state: &mut State, repository: RepositoryId, branch: &Branch) {
    let Some(Tip { commit, before, tree, run, reverts }) = branch.head.clone() else {
        return;
    };
    let Some(known) = state.repositories.get_mut(&repository) else {
        return;
    };
    known.commits.note_tree(commit, tree, run);
    if branch.name == known.base {
        known.note_landed(before, commit);
        known.note_reverts(commit, &reverts);
        touch_open(state, repository);
    } else if let Some(issue) = issue_of_branch(&branch.name) {
        note_branch(state, ItemKey { repository, issue }, &branch.name);
    }
}

fn note_branch(state: &mut State, key: ItemKey, name: &str) {
    if let Some(item) = state.items.get_mut(&key) {
        item.branch.get_or_insert_with(|| name.to_owned());
        state.agenda.insert(key);
    }
}

/// The base branch moved: whatever waits to land on it is looked at again.
fn touch_open(state: &mut State, repository: RepositoryId) {
    let waits = |standing: &Standing| {
        matches!(
            standing,
            Standing::Gated(_)
                | Standing::Landing(_)
                | Standing::Waiting(_)
                | Standing::Deploying(_)
                | Standing::Verifying(_)
        )
    };
    state.touch(repository, waits);
}
