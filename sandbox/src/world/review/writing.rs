//! Writing reviews and comments, and handing them in.

use super::{Comment, Place, Review, Verdict, event};
use crate::{
    object::Oid,
    world::{
        event::Event,
        id::{AccountId, Number, RepositoryId, ReviewCommentId, ReviewId},
        state::State,
    },
};

/// A review that is about to be written: all that could be wrong with it has been looked at.
pub(crate) struct Draft {
    pub(crate) author: AccountId,
    pub(crate) body: String,
    pub(crate) commit: Oid,
    /// Each with the comment that it replies to, if it does.
    pub(crate) comments: Vec<(Place, String, Option<ReviewCommentId>)>,
}

impl State {
    /// Writes a review that nobody but its author sees yet.
    pub(crate) fn draft_review(&mut self, repository: RepositoryId, pull: Number, draft: Draft) -> Option<ReviewId> {
        let Draft { author, body, commit, comments } = draft;
        let (id, now) = (ReviewId(self.draw.id()), self.now);
        let comments: Vec<_> = comments
            .into_iter()
            .map(|(place, body, in_reply_to)| Comment {
                id: ReviewCommentId(self.draw.id()),
                pull,
                review: id,
                author,
                body,
                place,
                commit,
                in_reply_to,
                outdated: false,
                created_at: now,
                updated_at: now,
            })
            .collect();
        let pulls = &mut self.repositories.get_mut(repository)?.pulls;
        let review = Review { id, pull, author, body, verdict: Verdict::Pending, commit, submitted_at: None };
        let half = pulls.pulls.get_mut(&pull)?;
        half.reviews.insert(id);
        half.comments.extend(comments.iter().map(|comment| comment.id));
        pulls.reviews.insert(id, review);
        pulls.comments.extend(comments.into_iter().map(|comment| (comment.id, comment)));
        Some(id)
    }

    /// Hands a review in: it counts from now on, and its author is no longer asked for one.
    pub(crate) fn submit_review(&mut self, repository: RepositoryId, id: ReviewId, verdict: Verdict) -> Option<()> {
        let now = self.now;
        let pulls = &mut self.repositories.get_mut(repository)?.pulls;
        let review = pulls.reviews.get_mut(&id)?;
        (review.verdict, review.submitted_at) = (verdict, Some(now));
        let (author, number) = (review.author, review.pull);
        self.pull_mut(repository, number)?.0.requested.remove(&author);
        let pulls = &self.repositories.get(repository)?.pulls;
        let comments: Vec<_> = pulls.comments_of(pulls.reviews.get(&id)?).map(|comment| comment.id).collect();
        self.tell_review(event("submitted", repository, author), id, |_, _| {});
        for comment in comments {
            self.tell_review_comment(comment_event("created", repository, author), comment, |_, _| {});
        }
        Some(())
    }

    /// Throws away a review that was not handed in.
    pub(crate) fn discard_review(&mut self, repository: RepositoryId, id: ReviewId) -> Option<Review> {
        let pulls = &mut self.repositories.get_mut(repository)?.pulls;
        let comments: Vec<_> = pulls.comments_of(pulls.reviews.get(&id)?).map(|comment| comment.id).collect();
        comments.into_iter().for_each(|comment| pulls.remove_comment(comment));
        let gone = pulls.reviews.remove(&id)?;
        pulls.pulls.get_mut(&gone.pull)?.reviews.remove(&id);
        Some(gone)
    }
}

/// An event of a comment on a line.
pub(crate) const fn comment_event(action: &'static str, repository: RepositoryId, sender: AccountId) -> Event {
    Event { name: "pull_request_review_comment", action: Some(action), repository, sender }
}
