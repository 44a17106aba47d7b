//! Pull requests: what they have beyond the issue of the same number, which holds their title, conversation and standing.

mod follow;
mod open;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use self::open::{Open, Opening, Words};
use super::{
    event::{Event, Payload},
    id::{AccountId, Number, RepositoryId, ReviewCommentId, ReviewId},
    issue::Issue,
    moment::Moment,
    question::Question,
    render,
    repository::Repository,
    review::{Comment, Review},
    state::State,
};
use crate::object::{FileChange, Oid};

/// A pull request's own half.
#[derive(Clone, Debug)]
pub(crate) struct Pull {
    pub(crate) id: u64,
    pub(crate) number: Number,
    pub(crate) head: Head,
    pub(crate) base: Base,
    pub(crate) draft: bool,
    pub(crate) maintainer_can_modify: bool,
    pub(crate) size: Size,
    /// The commit of the merge that was tried, while it still says something.
    pub(crate) trial: Option<Oid>,
    pub(crate) rebase: Rebase,
    pub(crate) merge: Option<Merge>,
    /// Who is asked for a review and has not given it.
    pub(crate) requested: BTreeSet<AccountId>,
    pub(crate) reviews: BTreeSet<ReviewId>,
    pub(crate) comments: BTreeSet<ReviewCommentId>,
}

/// What is to be merged. The branch's repository may be gone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Head {
    pub(crate) repository: RepositoryId,
    pub(crate) owner: AccountId,
    pub(crate) branch: String,
    pub(crate) sha: Oid,
}

/// What it is to be merged into: a branch of the pull request's own repository.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Base {
    pub(crate) branch: String,
    /// Where the branch stood when the pull request last changed; it may have moved on.
    pub(crate) sha: Oid,
}

/// That it was merged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Merge {
    pub(crate) at: Moment,
    pub(crate) by: AccountId,
    pub(crate) commit: Oid,
}

/// Whether its commits can be done again on the base.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Rebase {
    Unknown,
    /// Git has been asked this.
    Asked(Question),
    Known(bool),
}

/// How much it changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Size {
    pub(crate) commits: usize,
    pub(crate) files: usize,
    pub(crate) additions: usize,
    pub(crate) deletions: usize,
}

/// The pull requests of a repository, with their reviews.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pulls {
    pub(crate) pulls: BTreeMap<Number, Pull>,
    pub(crate) reviews: BTreeMap<ReviewId, Review>,
    pub(crate) comments: BTreeMap<ReviewCommentId, Comment>,
}

/// A pull request and its other half.
#[derive(Clone, Copy)]
pub(crate) struct Whole<'a> {
    pub(crate) repository: &'a Repository,
    pub(crate) pull: &'a Pull,
    pub(crate) issue: &'a Issue,
}

impl Pulls {
    pub(crate) fn get(&self, number: Number) -> Option<&Pull> {
        self.pulls.get(&number)
    }

    /// The reviews of one pull request, oldest first.
    pub(crate) fn reviews(&self, number: Number) -> impl DoubleEndedIterator<Item = &Review> {
        let ids = self.get(number).into_iter().flat_map(|pull| &pull.reviews);
        ids.filter_map(|id| self.reviews.get(id))
    }

    /// The comments on one pull request's diff that everybody sees, oldest first.
    pub(crate) fn comments(&self, number: Number) -> impl DoubleEndedIterator<Item = &Comment> {
        self.all_comments(number).filter(|comment| self.is_public(comment))
    }

    /// The comments of a review, whoever sees them.
    pub(crate) fn comments_of(&self, review: &Review) -> impl DoubleEndedIterator<Item = &Comment> {
        let id = review.id;
        self.all_comments(review.pull).filter(move |comment| comment.review == id)
    }

    fn all_comments(&self, number: Number) -> impl DoubleEndedIterator<Item = &Comment> {
        let ids = self.get(number).into_iter().flat_map(|pull| &pull.comments);
        ids.filter_map(|id| self.comments.get(id))
    }

    pub(crate) fn remove_comment(&mut self, id: ReviewCommentId) {
        let Some(gone) = self.comments.remove(&id) else { return };
        if let Some(pull) = self.pulls.get_mut(&gone.pull) {
            pull.comments.remove(&id);
        }
    }

    /// A comment of a review that is still being written is its author's alone.
    pub(crate) fn is_public(&self, comment: &Comment) -> bool {
        self.reviews.get(&comment.review).is_none_or(|review| review.submitted_at.is_some())
    }
}

impl Repository {
    /// A pull request with its other half.
    pub(crate) fn pull(&self, number: Number) -> Option<Whole<'_>> {
        Some(Whole { repository: self, pull: self.pulls.get(number)?, issue: self.issues.get(number)? })
    }
}

impl Whole<'_> {
    /// Where the base branch stands; where it stood, if it is gone.
    pub(crate) fn base_tip(&self) -> Oid {
        self.repository.branch(&self.pull.base.branch).unwrap_or(self.pull.base.sha)
    }
}

impl State {
    /// A pull request with its other half.
    pub(crate) fn pull(&self, repository: RepositoryId, number: Number) -> Option<Whole<'_>> {
        self.repositories.get(repository)?.pull(number)
    }

    /// The halves of a pull request that is about to change.
    pub(crate) fn pull_mut(&mut self, repository: RepositoryId, number: Number) -> Option<(&mut Pull, &mut Issue)> {
        let now = self.now;
        let repository = self.repositories.get_mut(repository)?;
        let issue = repository.issues.issues.get_mut(&number)?;
        issue.updated_at = now;
        Some((repository.pulls.pulls.get_mut(&number)?, issue))
    }

    /// A pull request's own half, where what changes is nothing that anybody did to it.
    pub(crate) fn quiet_pull_mut(&mut self, repository: RepositoryId, number: Number) -> Option<&mut Pull> {
        self.repositories.get_mut(repository)?.pulls.pulls.get_mut(&number)
    }

    /// The commits that a pull request brings, oldest first.
    pub(crate) fn commits_of(&self, pull: &Pull) -> Vec<Oid> {
        self.objects.between(pull.base.sha, pull.head.sha)
    }

    /// The files that a pull request changes, since its branch left the base.
    pub(crate) fn files_of(&self, pull: &Pull) -> Vec<FileChange> {
        let tree = |commit: Oid| self.objects.commit(commit).map_or(Oid::EMPTY_TREE, |commit| commit.tree);
        let left = self.objects.merge_base(pull.base.sha, pull.head.sha);
        self.objects.diff(left.map_or(Oid::EMPTY_TREE, tree), tree(pull.head.sha))
    }

    /// Tells what happened to a pull request; `fields` adds what is the action's own.
    pub(crate) fn tell_pull(&mut self, event: Event, number: Number, fields: impl Fn(&Self, &mut Payload)) {
        self.emit(event, |state, payload| {
            payload.field("number", &number);
            if let Some(whole) = state.pull(event.repository, number) {
                payload.field("pull_request", &render::pull::Full::told(state, whole));
            }
            fields(state, payload);
        });
    }
}

/// An event of a pull request.
pub(crate) const fn event(action: &'static str, repository: RepositoryId, sender: AccountId) -> Event {
    Event { name: "pull_request", action: Some(action), repository, sender }
}
