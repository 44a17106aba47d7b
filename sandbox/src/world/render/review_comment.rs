//! `pull-request-review-comment`.

use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    issue::{Association, Reactions},
    pull::Link,
    repository, user,
};
use crate::{
    object::Oid,
    world::{
        id::{ReviewCommentId, ReviewId},
        moment::Moment,
        repository::Repository,
        review::{self, Side},
        state::State,
    },
};

#[derive(Serialize)]
pub(crate) struct Comment<'a> {
    id: ReviewCommentId,
    node_id: String,
    url: String,
    html_url: String,
    pull_request_url: String,
    pull_request_review_id: ReviewId,
    diff_hunk: &'a str,
    path: &'a str,
    #[serde(flatten)]
    place: Place,
    commit_id: Oid,
    original_commit_id: Oid,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_reply_to_id: Option<ReviewCommentId>,
    user: Option<&'a RawValue>,
    body: &'a str,
    created_at: Moment,
    updated_at: Moment,
    author_association: Association,
    _links: Links,
    reactions: Reactions,
}

#[derive(Serialize)]
struct Links {
    #[serde(rename = "self")]
    itself: Link,
    html: Link,
    pull_request: Link,
}

/// Where GitHub names no line any more, each of its schemas has its own way of saying so.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Answered,
    OfReview,
    Told,
}

#[derive(Serialize)]
struct Place {
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<Option<u64>>,
    original_position: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<Option<u64>>,
    original_line: u64,
    start_line: Option<u64>,
    original_start_line: Option<u64>,
    side: Side,
    start_side: Option<Side>,
    subject_type: &'static str,
}

impl Place {
    fn of(comment: &review::Comment, shown: Shown) -> Self {
        let lines = comment.place.lines;
        let now = lines.filter(|_| !comment.outdated);
        let start = |lines: review::Lines| lines.start.map(|(line, _)| line);
        let position = now.map(|lines| lines.position);
        let line = now.map(|lines| lines.line);
        Self {
            position: if shown == Shown::Answered { position.map(Some) } else { Some(position) },
            original_position: lines.map_or(1, |lines| lines.position),
            line: if shown == Shown::Told { Some(line) } else { line.map(Some) },
            original_line: lines.map_or(1, |lines| lines.line),
            start_line: now.and_then(start),
            original_start_line: lines.and_then(start),
            side: lines.map_or(Side::Right, |lines| lines.side),
            start_side: lines.and_then(|lines| lines.start).map(|(_, side)| side),
            subject_type: if lines.is_some() { "line" } else { "file" },
        }
    }
}

impl<'a> Comment<'a> {
    /// As it stands in answers.
    pub(crate) fn of(state: &'a State, at: &Repository, comment: &'a review::Comment) -> Self {
        Self::with(state, at, comment, Shown::Answered)
    }

    /// As it stands in a review's own list.
    pub(crate) fn of_review(state: &'a State, at: &Repository, comment: &'a review::Comment) -> Self {
        Self::with(state, at, comment, Shown::OfReview)
    }

    /// As it stands in webhooks.
    pub(crate) fn told(state: &'a State, at: &Repository, comment: &'a review::Comment) -> Self {
        Self::with(state, at, comment, Shown::Told)
    }

    fn with(state: &'a State, at: &Repository, comment: &'a review::Comment, shown: Shown) -> Self {
        let there = repository::url(state, at);
        let (id, pull) = (comment.id, comment.pull);
        let url = format!("{there}/pulls/comments/{id}");
        let html_url = format!("{}/{}/pull/{pull}#discussion_r{id}", state.addresses.html, state.full_name(at));
        let pull_request_url = format!("{there}/pulls/{pull}");
        let head = at.pulls.get(pull).map(|pull| pull.head.sha).filter(|_| !comment.outdated);
        Self {
            id,
            node_id: format!("PRRC_{:x}", id.0),
            pull_request_review_id: comment.review,
            diff_hunk: &comment.place.hunk,
            path: &comment.place.path,
            place: Place::of(comment, shown),
            commit_id: head.unwrap_or(comment.commit),
            original_commit_id: comment.commit,
            in_reply_to_id: comment.in_reply_to,
            user: user::of(state, comment.author),
            body: &comment.body,
            created_at: comment.created_at,
            updated_at: comment.updated_at,
            author_association: Association::of(at, comment.author),
            _links: Links {
                itself: Link::to(&url),
                html: Link::to(&html_url),
                pull_request: Link::to(&pull_request_url),
            },
            reactions: Reactions::none(&url),
            url,
            html_url,
            pull_request_url,
        }
    }
}
