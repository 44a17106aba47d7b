//! `commit`.

use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    file::File,
    git_commit::{GitUser, Link, Parent, Verification, message, node_id},
    repository,
};
use crate::{
    object::{FileChange, Oid, Signature},
    world::{repository::Repository, state::State},
};

#[derive(Serialize)]
pub(crate) struct Commit<'a> {
    url: String,
    sha: Oid,
    node_id: String,
    html_url: String,
    comments_url: String,
    commit: Inner<'a>,
    author: Option<&'a RawValue>,
    committer: Option<&'a RawValue>,
    parents: Vec<Parent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stats: Option<Stats>,
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<Vec<File>>,
}

/// What git itself knows of it.
#[derive(Serialize)]
struct Inner<'a> {
    url: String,
    author: GitUser<'a>,
    committer: GitUser<'a>,
    message: &'a str,
    tree: Link,
    comment_count: usize,
    verification: Verification,
}

#[derive(Serialize)]
struct Stats {
    additions: usize,
    deletions: usize,
    total: usize,
}

impl<'a> Commit<'a> {
    pub(crate) fn of(state: &'a State, at: &Repository, oid: Oid) -> Option<Self> {
        let commit = state.objects.commit(oid)?;
        let api = repository::url(state, at);
        let html = format!("{}/{}", state.addresses.html, state.full_name(at));
        let inner = Inner {
            url: format!("{api}/git/commits/{oid}"),
            author: GitUser::of(&commit.author),
            committer: GitUser::of(&commit.committer),
            message: message(commit),
            tree: Link::tree(&api, commit.tree),
            comment_count: 0,
            verification: Verification::of(commit),
        };
        Some(Self {
            sha: oid,
            node_id: node_id(oid),
            html_url: format!("{html}/commit/{oid}"),
            comments_url: format!("{api}/commits/{oid}/comments"),
            commit: inner,
            author: account(state, &commit.author),
            committer: account(state, &commit.committer),
            parents: commit.parents.iter().map(|parent| Parent::of(&api, "commits", &html, *parent)).collect(),
            url: format!("{api}/commits/{oid}"),
            stats: None,
            files: None,
        })
    }

    /// With what it changed: how many lines in all, and these files.
    pub(crate) fn with(mut self, state: &State, at: &Repository, all: Vec<FileChange>, shown: Shown) -> Self {
        let additions = all.iter().map(|change| change.additions).sum();
        let deletions = all.iter().map(|change| change.deletions).sum();
        self.stats = Some(Stats { additions, deletions, total: additions + deletions });
        let files = all.into_iter().skip(shown.skipped).take(shown.most);
        self.files = Some(files.map(|change| File::of(state, at, self.sha, change)).collect());
        self
    }
}

/// Which of many files are shown.
#[derive(Clone, Copy)]
pub(crate) struct Shown {
    pub(crate) skipped: usize,
    pub(crate) most: usize,
}

fn account<'a>(state: &'a State, signature: &Signature) -> Option<&'a RawValue> {
    state.accounts.of_email(&signature.email).map(|account| &*account.fragment)
}
