//! `status`, `simple-commit-status`, `combined-commit-status`, and what the webhook `status` tells.

use std::sync::Arc;

use serde::Serialize;
use serde_json::value::RawValue;

use super::{repository, signature::Signed as _, user};
use crate::{
    object::{Commit, Oid, Signature},
    world::{
        event::Payload,
        id::{AccountId, StatusId},
        moment::Moment,
        repository::Repository,
        standing::Standing,
        state::State,
        status::{self, Word},
    },
};

#[derive(Serialize)]
pub(crate) struct Simple<'a> {
    url: String,
    avatar_url: String,
    id: StatusId,
    node_id: String,
    state: Word,
    description: Option<&'a str>,
    target_url: Option<&'a str>,
    context: &'a str,
    created_at: Moment,
    updated_at: Moment,
}

#[derive(Serialize)]
pub(crate) struct Whole<'a> {
    #[serde(flatten)]
    simple: Simple<'a>,
    creator: Option<&'a RawValue>,
}

#[derive(Serialize)]
pub(crate) struct Combined<'a> {
    pub(crate) state: &'static str,
    pub(crate) statuses: Vec<Simple<'a>>,
    pub(crate) sha: Oid,
    pub(crate) total_count: usize,
    pub(crate) repository: Arc<RawValue>,
    pub(crate) commit_url: String,
    pub(crate) url: String,
}

/// GitHub's word for all statuses of a commit together: none is pending.
pub(crate) fn together<'s>(all: impl Iterator<Item = &'s status::Status>) -> &'static str {
    match all.map(|status| Standing::of_status(status.word)).max() {
        Some(Standing::Passing) => "success",
        Some(Standing::Failing) => "failure",
        Some(Standing::Pending) | None => "pending",
    }
}

fn avatar(state: &State, account: AccountId) -> String {
    format!("{}/avatars/{account}", state.addresses.html)
}

impl<'a> Simple<'a> {
    pub(crate) fn of(state: &'a State, at: &Repository, status: &'a status::Status) -> Self {
        Self {
            url: format!("{}/statuses/{}", repository::url(state, at), status.commit),
            avatar_url: avatar(state, status.creator),
            id: status.id,
            node_id: format!("SC_{:x}", status.id.0),
            state: status.word,
            description: status.description.as_deref(),
            target_url: status.target_url.as_deref(),
            context: &status.context,
            created_at: status.at,
            updated_at: status.at,
        }
    }
}

impl<'a> Whole<'a> {
    pub(crate) fn of(state: &'a State, at: &Repository, status: &'a status::Status) -> Self {
        Self { simple: Simple::of(state, at, status), creator: user::of(state, status.creator) }
    }
}

/// Writes what the webhook says beside the repository and the sender.
pub(crate) fn tell(state: &State, at: &Repository, status: &status::Status, payload: &mut Payload) {
    payload.field("id", &status.id);
    payload.field("sha", &status.commit);
    payload.field("name", &state.full_name(at));
    payload.field("avatar_url", &avatar(state, status.creator));
    payload.field("target_url", &status.target_url);
    payload.field("context", &status.context);
    payload.field("description", &status.description);
    payload.field("state", &status.word);
    payload.field("commit", &Told::of(state, at, status.commit));
    payload.field("branches", &branches(state, at, status.commit));
    payload.field("created_at", &status.at);
    payload.field("updated_at", &status.at);
}

/// GitHub names this many branches at most.
const MOST: usize = 10;

#[derive(Serialize)]
struct Branch<'a> {
    name: &'a str,
    commit: Tip,
    protected: bool,
}

#[derive(Serialize)]
struct Tip {
    sha: Oid,
    url: String,
}

fn branches<'a>(state: &State, at: &'a Repository, commit: Oid) -> Vec<Branch<'a>> {
    let url = repository::url(state, at);
    let named = at.references.iter().filter_map(|(name, tip)| Some((name.strip_prefix("refs/heads/")?, *tip)));
    let holding = named.filter(|(_, tip)| state.objects.is_ancestor(commit, *tip)).take(MOST);
    let branch = |(name, tip): (&'a str, Oid)| Branch {
        name,
        commit: Tip { sha: tip, url: format!("{url}/commits/{tip}") },
        protected: state.is_protected(at, name),
    };
    holding.map(branch).collect()
}

/// The commit that the webhook tells of.
#[derive(Serialize)]
struct Told<'a> {
    sha: Oid,
    node_id: String,
    commit: Inner<'a>,
    url: String,
    html_url: String,
    comments_url: String,
    author: Option<Arc<RawValue>>,
    committer: Option<Arc<RawValue>>,
    parents: Vec<Parent>,
}

#[derive(Serialize)]
struct Inner<'a> {
    author: Signed<'a>,
    committer: Signed<'a>,
    message: &'a str,
    tree: Tree,
    url: String,
    comment_count: u64,
    verification: Verification,
}

#[derive(Serialize)]
struct Signed<'a> {
    name: &'a str,
    email: &'a str,
    date: Moment,
}

#[derive(Serialize)]
struct Tree {
    sha: Oid,
    url: String,
}

#[derive(Serialize)]
struct Verification {
    verified: bool,
    reason: &'static str,
    signature: Option<&'static str>,
    payload: Option<&'static str>,
    verified_at: Option<Moment>,
}

#[derive(Serialize)]
struct Parent {
    sha: Oid,
    url: String,
    html_url: String,
}

impl<'a> Told<'a> {
    fn of(state: &'a State, at: &Repository, sha: Oid) -> Option<Self> {
        let commit = state.objects.commit(sha)?;
        let api = repository::url(state, at);
        let html = format!("{}/{}", state.addresses.html, state.full_name(at));
        let url = format!("{api}/commits/{sha}");
        let parent = |sha: &Oid| Parent {
            sha: *sha,
            url: format!("{api}/commits/{sha}"),
            html_url: format!("{html}/commit/{sha}"),
        };
        Some(Self {
            sha,
            node_id: format!("C_{sha}"),
            commit: Inner::of(&api, sha, commit),
            html_url: format!("{html}/commit/{sha}"),
            comments_url: format!("{url}/comments"),
            author: account(state, &commit.author),
            committer: account(state, &commit.committer),
            parents: commit.parents.iter().map(parent).collect(),
            url,
        })
    }
}

/// Whoever signed so, where the address is known.
fn account(state: &State, signature: &Signature) -> Option<Arc<RawValue>> {
    state.accounts.of_email(&signature.email).map(|account| user::without_view(state, account))
}

impl<'a> Inner<'a> {
    fn of(api: &str, sha: Oid, commit: &'a Commit) -> Self {
        Self {
            author: Signed::of(&commit.author),
            committer: Signed::of(&commit.committer),
            message: commit.message.trim_end_matches('\n'),
            tree: Tree { sha: commit.tree, url: format!("{api}/git/trees/{}", commit.tree) },
            url: format!("{api}/git/commits/{sha}"),
            comment_count: 0,
            verification: Verification {
                verified: false,
                reason: "unsigned",
                signature: None,
                payload: None,
                verified_at: None,
            },
        }
    }
}

impl<'a> Signed<'a> {
    fn of(signature: &'a Signature) -> Self {
        Self { name: &signature.name, email: &signature.email, date: signature.moment() }
    }
}
