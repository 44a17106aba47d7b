//! `git-commit`, and what it shares with `commit` and `file-commit`.

use serde::Serialize;

use super::{repository, signature::Signed};
use crate::{
    object::{self, Oid, Signature},
    world::{moment::Moment, repository::Repository, state::State},
};

#[derive(Serialize)]
pub(crate) struct GitCommit<'a> {
    sha: Oid,
    node_id: String,
    url: String,
    html_url: String,
    author: GitUser<'a>,
    committer: GitUser<'a>,
    message: &'a str,
    tree: Link,
    parents: Vec<Parent>,
    verification: Verification,
}

impl<'a> GitCommit<'a> {
    pub(crate) fn of(state: &'a State, at: &Repository, oid: Oid) -> Option<Self> {
        let commit = state.objects.commit(oid)?;
        let api = repository::url(state, at);
        let html = format!("{}/{}", state.addresses.html, state.full_name(at));
        Some(Self {
            sha: oid,
            node_id: node_id(oid),
            url: format!("{api}/git/commits/{oid}"),
            html_url: format!("{html}/commit/{oid}"),
            author: GitUser::of(&commit.author),
            committer: GitUser::of(&commit.committer),
            message: message(commit),
            tree: Link::tree(&api, commit.tree),
            parents: commit.parents.iter().map(|parent| Parent::of(&api, "git/commits", &html, *parent)).collect(),
            verification: Verification::of(commit),
        })
    }
}

pub(crate) fn node_id(oid: Oid) -> String {
    format!("C_{oid}")
}

/// Git ends a message with a newline, GitHub does not.
pub(crate) fn message(commit: &object::Commit) -> &str {
    commit.message.trim_end_matches('\n')
}

/// `git-user`.
#[derive(Serialize)]
pub(crate) struct GitUser<'a> {
    name: &'a str,
    email: &'a str,
    date: Moment,
}

impl<'a> GitUser<'a> {
    pub(crate) fn of(signature: &'a Signature) -> Self {
        Self { name: &signature.name, email: &signature.email, date: signature.moment() }
    }
}

/// An object's id and address.
#[derive(Serialize)]
pub(crate) struct Link {
    sha: Oid,
    url: String,
}

impl Link {
    pub(crate) fn tree(api: &str, oid: Oid) -> Self {
        Self { sha: oid, url: format!("{api}/git/trees/{oid}") }
    }

    pub(crate) fn commit(api: &str, oid: Oid) -> Self {
        Self { sha: oid, url: format!("{api}/commits/{oid}") }
    }

    pub(crate) fn blob(api: &str, oid: Oid) -> Self {
        Self { sha: oid, url: format!("{api}/git/blobs/{oid}") }
    }
}

/// A commit that another was made on.
#[derive(Serialize)]
pub(crate) struct Parent {
    sha: Oid,
    url: String,
    html_url: String,
}

impl Parent {
    pub(crate) fn of(api: &str, collection: &str, html: &str, oid: Oid) -> Self {
        Self { sha: oid, url: format!("{api}/{collection}/{oid}"), html_url: format!("{html}/commit/{oid}") }
    }
}

/// Whose signature a commit carries. Nobody's keys are known here, so none is found good.
#[derive(Serialize)]
pub(crate) struct Verification {
    verified: bool,
    reason: &'static str,
    signature: Option<String>,
    payload: Option<String>,
    verified_at: Option<Moment>,
}

impl Verification {
    pub(crate) fn of(commit: &object::Commit) -> Self {
        let (signature, rest) = signed(&commit.extra);
        let Some(signature) = signature else { return Self::unsigned() };
        let unsigned = object::Commit { extra: rest.into(), ..commit.clone() };
        let payload = object::Object::from(unsigned).encode();
        Self {
            verified: false,
            reason: "unknown_key",
            signature: Some(signature),
            payload: Some(String::from_utf8_lossy(&payload).into_owned()),
            verified_at: None,
        }
    }

    pub(crate) const fn unsigned() -> Self {
        Self { verified: false, reason: "unsigned", signature: None, payload: None, verified_at: None }
    }
}

/// The signature among a commit's further headers, unfolded, and the other headers.
fn signed(extra: &[u8]) -> (Option<String>, String) {
    let (mut signature, mut rest, mut within) = (None::<String>, String::new(), false);
    for line in String::from_utf8_lossy(extra).split_inclusive('\n') {
        if let Some(first) = line.strip_prefix("gpgsig ") {
            (signature, within) = (Some(first.to_owned()), true);
        } else if let (true, Some(next), Some(signature)) = (within, line.strip_prefix(' '), signature.as_mut()) {
            signature.push_str(next);
        } else {
            within = false;
            rest.push_str(line);
        }
    }
    (signature.map(|text| text.trim_end_matches('\n').to_owned()), rest)
}
