//! `issue-comment`.

use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    issue::{Association, Reactions},
    repository, user,
};
use crate::world::{id::CommentId, issue, moment::Moment, repository::Repository, state::State};

#[derive(Serialize)]
pub(crate) struct Comment<'a> {
    id: CommentId,
    node_id: String,
    url: String,
    html_url: String,
    issue_url: String,
    user: Option<&'a RawValue>,
    body: &'a str,
    created_at: Moment,
    updated_at: Moment,
    author_association: Association,
    reactions: Reactions,
    performed_via_github_app: Option<&'a RawValue>,
}

impl<'a> Comment<'a> {
    pub(crate) fn of(state: &'a State, at: &Repository, comment: &'a issue::Comment) -> Self {
        let issue::Comment { id, issue, author, app: _, body, created_at, updated_at } = comment;
        let there = repository::url(state, at);
        let url = format!("{there}/issues/comments/{id}");
        let kind = if at.issues.get(*issue).is_some_and(|issue| issue.is_pull_request) { "pull" } else { "issues" };
        let page = format!("{}/{}/{kind}/{issue}", state.addresses.html, state.full_name(at));
        Self {
            id: *id,
            node_id: format!("IC_{:x}", id.0),
            html_url: format!("{page}#issuecomment-{id}"),
            issue_url: format!("{there}/issues/{issue}"),
            user: user::of(state, *author),
            body,
            created_at: *created_at,
            updated_at: *updated_at,
            author_association: Association::of(at, *author),
            reactions: Reactions::none(&url),
            performed_via_github_app: super::app::of(state, comment.app),
            url,
        }
    }
}
