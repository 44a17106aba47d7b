//! `git-tag`.

use serde::Serialize;

use super::{
    git_commit::{GitUser, Verification},
    git_ref::Named,
    repository,
};
use crate::{
    object::{Oid, Signature, Tag},
    world::{repository::Repository, state::State},
};

/// What is written in an annotated tag.
pub(crate) struct Read {
    name: String,
    tagger: Signature,
    message: String,
}

impl Read {
    pub(crate) fn of(tag: &Tag) -> Self {
        let text = String::from_utf8_lossy(&tag.raw);
        let (head, message) = text.split_once("\n\n").unwrap_or((&text, ""));
        let line = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        Self {
            name: line("tag ").to_owned(),
            tagger: Signature::read(line("tagger ").as_bytes()),
            message: message.trim_end_matches('\n').to_owned(),
        }
    }
}

#[derive(Serialize)]
pub(crate) struct GitTag<'a> {
    sha: Oid,
    node_id: String,
    url: String,
    tag: &'a str,
    message: &'a str,
    tagger: GitUser<'a>,
    object: Named,
    verification: Verification,
}

impl<'a> GitTag<'a> {
    pub(crate) fn of(state: &State, at: &Repository, oid: Oid, target: Oid, read: &'a Read) -> Self {
        Self {
            sha: oid,
            node_id: format!("TA_{oid}"),
            url: format!("{}/git/tags/{oid}", repository::url(state, at)),
            tag: &read.name,
            message: &read.message,
            tagger: GitUser::of(&read.tagger),
            object: Named::of(state, at, target),
            verification: Verification::unsigned(),
        }
    }
}
