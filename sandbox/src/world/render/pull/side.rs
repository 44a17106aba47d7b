//! The two branches of a pull request, and its links.

use std::sync::Arc;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    object::Oid,
    world::{
        id::Number,
        pull::{Base, Head},
        render::user,
        repository::Repository,
        state::State,
    },
};

/// How a repository is shown.
pub(super) type Card = fn(&State, &Repository) -> Arc<RawValue>;

#[derive(Serialize)]
pub(super) struct Side<'a> {
    label: String,
    #[serde(rename = "ref")]
    branch: &'a str,
    sha: Oid,
    user: Option<&'a RawValue>,
    repo: Option<Arc<RawValue>>,
}

impl<'a> Side<'a> {
    pub(super) fn head(state: &'a State, head: &'a Head, card: Card) -> Self {
        let Head { repository, owner, branch, sha } = head;
        Self {
            label: format!("{}:{branch}", state.login(*owner)),
            branch,
            sha: *sha,
            user: user::of(state, *owner),
            repo: state.repositories.get(*repository).map(|there| card(state, there)),
        }
    }

    pub(super) fn base(state: &'a State, at: &'a Repository, base: &'a Base, card: Card) -> Self {
        let Base { branch, sha } = base;
        Self {
            label: format!("{}:{branch}", state.login(at.owner)),
            branch,
            sha: *sha,
            user: user::of(state, at.owner),
            repo: Some(card(state, at)),
        }
    }
}

#[derive(Serialize)]
pub(crate) struct Link {
    href: String,
}

impl Link {
    pub(crate) fn to(address: &str) -> Self {
        Self { href: address.to_owned() }
    }
}

#[derive(Serialize)]
pub(super) struct Links {
    #[serde(rename = "self")]
    itself: Link,
    html: Link,
    issue: Link,
    comments: Link,
    review_comments: Link,
    review_comment: Link,
    commits: Link,
    statuses: Link,
}

impl Links {
    pub(super) fn of(there: &str, html: &str, number: Number, head: Oid) -> Self {
        let link = |end: &str| Link { href: format!("{there}{end}") };
        Self {
            itself: link(&format!("/pulls/{number}")),
            html: Link::to(html),
            issue: link(&format!("/issues/{number}")),
            comments: link(&format!("/issues/{number}/comments")),
            review_comments: link(&format!("/pulls/{number}/comments")),
            review_comment: link("/pulls/comments{/number}"),
            commits: link(&format!("/pulls/{number}/commits")),
            statuses: link(&format!("/statuses/{head}")),
        }
    }
}
