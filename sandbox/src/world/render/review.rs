//! `pull-request-review`.

use serde::Serialize;
use serde_json::value::RawValue;

use super::{issue::Association, pull::Link, repository, user};
use crate::{
    object::Oid,
    world::{
        id::ReviewId,
        moment::Moment,
        repository::Repository,
        review::{self, Verdict},
        state::State,
    },
};

#[derive(Serialize)]
pub(crate) struct Review<'a> {
    id: ReviewId,
    node_id: String,
    user: Option<&'a RawValue>,
    body: &'a str,
    state: Said,
    html_url: String,
    pull_request_url: String,
    author_association: Association,
    _links: Links,
    #[serde(skip_serializing_if = "Option::is_none")]
    submitted_at: Option<Moment>,
    commit_id: Oid,
}

#[derive(Serialize)]
struct Links {
    html: Link,
    pull_request: Link,
}

/// Answers and webhooks spell it each in their own way.
#[derive(Serialize)]
#[serde(untagged)]
enum Said {
    Answered(Verdict),
    Told(&'static str),
}

impl<'a> Review<'a> {
    /// As it stands in answers.
    pub(crate) fn of(state: &'a State, at: &Repository, review: &'a review::Review) -> Self {
        let review::Review { id, pull, author, body, verdict, commit, submitted_at } = review;
        let page = format!("{}/{}/pull/{pull}", state.addresses.html, state.full_name(at));
        let html_url = format!("{page}#pullrequestreview-{id}");
        let pull_request_url = format!("{}/pulls/{pull}", repository::url(state, at));
        Self {
            id: *id,
            node_id: format!("PRR_{:x}", id.0),
            user: user::of(state, *author),
            body,
            state: Said::Answered(*verdict),
            author_association: Association::of(at, *author),
            _links: Links { html: Link::to(&html_url), pull_request: Link::to(&pull_request_url) },
            html_url,
            pull_request_url,
            submitted_at: *submitted_at,
            commit_id: *commit,
        }
    }

    /// As it stands in webhooks.
    pub(crate) fn told(state: &'a State, at: &Repository, review: &'a review::Review) -> Self {
        let said = match review.verdict {
            Verdict::Pending => "pending",
            Verdict::Commented => "commented",
            Verdict::Approved => "approved",
            Verdict::ChangesRequested => "changes_requested",
            Verdict::Dismissed => "dismissed",
        };
        Self { state: Said::Told(said), ..Self::of(state, at, review) }
    }
}
