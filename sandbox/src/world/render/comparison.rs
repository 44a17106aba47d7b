//! `commit-comparison`.

use serde::Serialize;

use super::{commit::Commit, file::File, repository};
use crate::{
    object::{AheadBehind, Oid},
    world::{repository::Repository, state::State},
};

/// How two commits stand to each other.
#[derive(Clone, Debug)]
pub(crate) struct Compared {
    pub(crate) base: Oid,
    pub(crate) head: Oid,
    pub(crate) merge_base: Oid,
    /// `main...topic`, as it was asked.
    pub(crate) asked: String,
}

#[derive(Serialize)]
pub(crate) struct Comparison<'a> {
    url: String,
    html_url: String,
    permalink_url: String,
    diff_url: String,
    patch_url: String,
    base_commit: Commit<'a>,
    merge_base_commit: Commit<'a>,
    status: &'static str,
    ahead_by: usize,
    behind_by: usize,
    total_commits: usize,
    commits: Vec<Commit<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<Vec<File>>,
}

impl<'a> Comparison<'a> {
    pub(crate) fn of(
        state: &'a State,
        at: &Repository,
        compared: &Compared,
        commits: &[Oid],
        files: Option<Vec<File>>,
    ) -> Option<Self> {
        let Compared { base, head, merge_base, asked } = compared;
        let AheadBehind { ahead, behind } = state.objects.ahead_behind(*base, *head);
        let html = format!("{}/{}/compare", state.addresses.html, state.full_name(at));
        let owner = state.login(at.owner);
        Some(Self {
            url: format!("{}/compare/{asked}", repository::url(state, at)),
            permalink_url: format!("{html}/{owner}:{}...{owner}:{}", base.short(), head.short()),
            diff_url: format!("{html}/{asked}.diff"),
            patch_url: format!("{html}/{asked}.patch"),
            html_url: format!("{html}/{asked}"),
            base_commit: Commit::of(state, at, *base)?,
            merge_base_commit: Commit::of(state, at, *merge_base)?,
            status: match (ahead, behind) {
                (0, 0) => "identical",
                (_, 0) => "ahead",
                (0, _) => "behind",
                _ => "diverged",
            },
            ahead_by: ahead,
            behind_by: behind,
            total_commits: ahead,
            commits: commits.iter().filter_map(|oid| Commit::of(state, at, *oid)).collect(),
            files,
        })
    }
}
