//! Reviews of pull requests, and comments on their lines.

mod place;
mod writing;

use std::collections::BTreeMap;

use serde::Serialize;

pub(crate) use self::{
    place::Spot,
    writing::{Draft, comment_event},
};
use super::{
    account::Kind,
    event::{Event, Payload},
    id::{AccountId, Number, RepositoryId, ReviewCommentId, ReviewId},
    moment::Moment,
    permission::Role,
    pull::Whole,
    render,
    repository::Repository,
    rules::Mover,
    state::State,
};
use crate::object::Oid;

/// A review of a pull request.
#[derive(Clone, Debug)]
pub(crate) struct Review {
    pub(crate) id: ReviewId,
    pub(crate) pull: Number,
    pub(crate) author: AccountId,
    pub(crate) body: String,
    pub(crate) verdict: Verdict,
    /// The head that was reviewed.
    pub(crate) commit: Oid,
    /// None while it is being written.
    pub(crate) submitted_at: Option<Moment>,
}

/// What a review says. Webhooks write it in small letters.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Verdict {
    Pending,
    Commented,
    Approved,
    ChangesRequested,
    Dismissed,
}

/// A comment on a pull request's diff.
#[derive(Clone, Debug)]
pub(crate) struct Comment {
    pub(crate) id: ReviewCommentId,
    pub(crate) pull: Number,
    pub(crate) review: ReviewId,
    pub(crate) author: AccountId,
    pub(crate) body: String,
    pub(crate) place: Place,
    /// The head when it was written.
    pub(crate) commit: Oid,
    /// The first comment of the conversation that this one goes on with.
    pub(crate) in_reply_to: Option<ReviewCommentId>,
    /// Whether the file has changed since: GitHub then names no line any more.
    pub(crate) outdated: bool,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
}

/// What a comment is on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    pub(crate) path: String,
    /// Of the patch, down to the line that is meant.
    pub(crate) hunk: String,
    /// None for a comment on the whole file.
    pub(crate) lines: Option<Lines>,
}

/// The lines that a comment is on: the last, and the first where they are several.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Lines {
    /// In the file's patch, below its first hunk's head.
    pub(crate) position: u64,
    pub(crate) line: u64,
    pub(crate) side: Side,
    pub(crate) start: Option<(u64, Side)>,
}

/// Of a diff: what was, and what is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, serde::Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Side {
    Left,
    #[default]
    Right,
}

/// What reviewers who may write make of a pull request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Reviewed {
    pub(crate) approvals: usize,
    pub(crate) changes_requested: bool,
}

impl Repository {
    /// What each reviewer last said of a pull request, comments aside: a dismissed review no longer counts.
    pub(crate) fn verdicts(&self, pull: Number) -> BTreeMap<AccountId, &Review> {
        let said = |review: &&Review| {
            matches!(review.verdict, Verdict::Approved | Verdict::ChangesRequested | Verdict::Dismissed)
        };
        let last: BTreeMap<_, _> =
            self.pulls.reviews(pull).filter(said).map(|review| (review.author, review)).collect();
        last.into_iter().filter(|(_, review)| review.verdict != Verdict::Dismissed).collect()
    }
}

impl State {
    /// What the reviews that count come to. An App that may review counts as one who may write.
    pub(crate) fn reviewed(&self, whole: Whole<'_>) -> Reviewed {
        let is_bot = |id| self.accounts.get(id).is_some_and(|account| account.kind == Kind::Bot);
        let counts = |id: AccountId| whole.repository.role(id) >= Some(Role::Write) || is_bot(id);
        let mut reviewed = Reviewed::default();
        for (_, review) in whole.repository.verdicts(whole.pull.number).into_iter().filter(|(id, _)| counts(*id)) {
            match review.verdict {
                Verdict::Approved => reviewed.approvals += 1,
                Verdict::ChangesRequested => reviewed.changes_requested = true,
                Verdict::Pending | Verdict::Commented | Verdict::Dismissed => {}
            }
        }
        reviewed
    }

    /// Takes back a review's word, and tells so.
    pub(crate) fn dismiss(&mut self, repository: RepositoryId, id: ReviewId, by: AccountId) {
        let pulls = self.repositories.get_mut(repository).map(|at| &mut at.pulls);
        let Some(review) = pulls.and_then(|pulls| pulls.reviews.get_mut(&id)) else { return };
        review.verdict = Verdict::Dismissed;
        self.tell_review(event("dismissed", repository, by), id, |_, _| {});
    }

    /// The head has moved: where the base's rules say so, approvals were of another head and no longer count.
    pub(crate) fn dismiss_stale(&mut self, repository: RepositoryId, number: Number, by: AccountId) {
        let Some(whole) = self.pull(repository, number) else { return };
        let base = format!("refs/heads/{}", whole.pull.base.branch);
        if !self.rules(whole.repository, &base, Mover::Anybody).dismiss_stale_reviews() {
            return;
        }
        let stale = whole.repository.pulls.reviews(number).filter(|review| review.verdict == Verdict::Approved);
        for id in stale.map(|review| review.id).collect::<Vec<_>>() {
            self.dismiss(repository, id, by);
        }
    }

    /// The head has moved: comments on files that have changed name no line any more.
    pub(crate) fn outdate(&mut self, repository: RepositoryId, number: Number) {
        let Some(whole) = self.pull(repository, number) else { return };
        let head = whole.pull.head.sha;
        let changed: Vec<_> = whole
            .repository
            .pulls
            .comments(number)
            .filter(|comment| !comment.outdated && !self.stands(comment, head))
            .map(|comment| comment.id)
            .collect();
        let Some(repository) = self.repositories.get_mut(repository) else { return };
        for comment in changed {
            repository.pulls.comments.entry(comment).and_modify(|comment| comment.outdated = true);
        }
    }

    /// Whether the file is as it was when the comment was written.
    fn stands(&self, comment: &Comment, head: Oid) -> bool {
        let file = |commit: Oid| {
            self.objects.commit(commit).and_then(|commit| self.objects.entry(commit.tree, &comment.place.path))
        };
        file(comment.commit) == file(head)
    }

    /// Tells what happened to a review.
    pub(crate) fn tell_review(&mut self, event: Event, id: ReviewId, fields: impl Fn(&Self, &mut Payload)) {
        self.emit(event, |state, payload| {
            let Some(repository) = state.repositories.get(event.repository) else { return };
            let Some(review) = repository.pulls.reviews.get(&id) else { return };
            if let Some(whole) = repository.pull(review.pull) {
                payload.field("pull_request", &render::pull::Simple::told(state, whole));
            }
            payload.field("review", &render::review::Review::told(state, repository, review));
            fields(state, payload);
        });
    }

    /// Tells what happened to a comment on a line.
    pub(crate) fn tell_review_comment(
        &mut self,
        event: Event,
        id: ReviewCommentId,
        fields: impl Fn(&Self, &mut Payload),
    ) {
        self.emit(event, |state, payload| {
            let Some(repository) = state.repositories.get(event.repository) else { return };
            let Some(comment) = repository.pulls.comments.get(&id) else { return };
            if let Some(whole) = repository.pull(comment.pull) {
                payload.field("pull_request", &render::pull::Simple::told(state, whole));
            }
            payload.field("comment", &render::review_comment::Comment::told(state, repository, comment));
            fields(state, payload);
        });
    }
}

/// An event of a review.
pub(crate) const fn event(action: &'static str, repository: RepositoryId, sender: AccountId) -> Event {
    Event { name: "pull_request_review", action: Some(action), repository, sender }
}
