//! `tag`.

use serde::Serialize;

use super::{git_commit::Link, repository};
use crate::{
    object::Oid,
    world::{repository::Repository, state::State},
};

#[derive(Serialize)]
pub(crate) struct Tag<'a> {
    name: &'a str,
    zipball_url: String,
    tarball_url: String,
    commit: Link,
    node_id: String,
}

impl<'a> Tag<'a> {
    pub(crate) fn of(state: &State, at: &Repository, name: &'a str, commit: Oid) -> Self {
        let api = repository::url(state, at);
        Self {
            name,
            zipball_url: format!("{api}/zipball/refs/tags/{name}"),
            tarball_url: format!("{api}/tarball/refs/tags/{name}"),
            commit: Link::commit(&api, commit),
            node_id: format!("REF_{}_refs/tags/{name}", at.id),
        }
    }
}
