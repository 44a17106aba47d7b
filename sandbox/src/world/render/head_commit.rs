//! `simple-commit`: the commit that a suite or a run is about.

use serde::Serialize;

use super::signature::Signed as _;
use crate::{
    object::{Oid, Signature},
    world::{moment::Moment, state::State},
};

#[derive(Serialize)]
pub(crate) struct HeadCommit<'a> {
    id: Oid,
    tree_id: Oid,
    message: &'a str,
    timestamp: Moment,
    author: Author<'a>,
    committer: Author<'a>,
}

#[derive(Serialize)]
struct Author<'a> {
    name: &'a str,
    email: &'a str,
}

impl<'a> HeadCommit<'a> {
    pub(crate) fn of(state: &'a State, oid: Oid) -> Option<Self> {
        let commit = state.objects.commit(oid)?;
        Some(Self {
            id: oid,
            tree_id: commit.tree,
            message: commit.message.trim_end_matches('\n'),
            timestamp: commit.committer.moment(),
            author: Author::of(&commit.author),
            committer: Author::of(&commit.committer),
        })
    }
}

impl<'a> Author<'a> {
    fn of(signature: &'a Signature) -> Self {
        Self { name: &signature.name, email: &signature.email }
    }
}
