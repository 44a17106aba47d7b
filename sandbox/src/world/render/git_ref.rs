//! `git-ref`.

use serde::Serialize;

use super::repository;
use crate::{
    object::{Kind, Oid},
    world::{repository::Repository, state::State},
};

#[derive(Serialize)]
pub(crate) struct GitRef<'a> {
    #[serde(rename = "ref")]
    reference: &'a str,
    node_id: String,
    url: String,
    object: Named,
}

/// An object, by what it is.
#[derive(Serialize)]
pub(crate) struct Named {
    sha: Oid,
    #[serde(rename = "type")]
    kind: Kind,
    url: String,
}

impl Named {
    pub(crate) fn of(state: &State, at: &Repository, oid: Oid) -> Self {
        let kind = state.objects.get(oid).map_or(Kind::Commit, crate::object::Object::kind);
        Self { sha: oid, kind, url: format!("{}/git/{kind}s/{oid}", repository::url(state, at)) }
    }
}

impl<'a> GitRef<'a> {
    pub(crate) fn of(state: &State, at: &Repository, reference: &'a str, oid: Oid) -> Self {
        Self {
            reference,
            node_id: format!("REF_{}_{reference}", at.id),
            url: format!("{}/git/{reference}", repository::url(state, at)),
            object: Named::of(state, at, oid),
        }
    }
}
