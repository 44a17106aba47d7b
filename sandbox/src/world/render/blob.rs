//! `blob`.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Serialize;

use super::repository;
use crate::{
    object::Oid,
    world::{repository::Repository, state::State},
};

#[derive(Serialize)]
pub(crate) struct Blob {
    sha: Oid,
    node_id: String,
    size: usize,
    url: String,
    content: String,
    encoding: &'static str,
}

impl Blob {
    pub(crate) fn of(state: &State, at: &Repository, oid: Oid, content: &[u8]) -> Self {
        Self {
            sha: oid,
            node_id: format!("B_{oid}"),
            size: content.len(),
            url: format!("{}/git/blobs/{oid}", repository::url(state, at)),
            content: base64(content),
            encoding: "base64",
        }
    }
}

/// Base64 as GitHub breaks it: a newline after each sixty letters, and at the end.
pub(crate) fn base64(content: &[u8]) -> String {
    // Forty-five bytes are sixty letters.
    let lines = content.chunks(45).map(|chunk| BASE64_STANDARD.encode(chunk) + "\n");
    lines.collect()
}
