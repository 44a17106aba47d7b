//! Blobs as git has them.

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::Method;
use serde::{Deserialize, Serialize};

use crate::{
    object::Object,
    world::{
        abbreviation::not_empty,
        answer::{self, Answer},
        call::Call,
        media::Media,
        permission::Permission,
        refusal::{Refusal, Stop},
        render::{blob::Blob, git_commit::Link, repository},
        router::{Route, read, route, write},
    },
};

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/repos/{owner}/{repo}/git/blobs/{file_sha}", read(Permission::Contents), get),
    route(Method::POST, "/repos/{owner}/{repo}/git/blobs", write(Permission::Contents), create),
];

fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let oid = call.held("file_sha")?;
    let content = call.state.objects.blob(oid).ok_or_else(Refusal::not_found)?;
    Ok(match call.media() {
        Media::Raw => Media::Raw.answer(content.clone()),
        _ => answer::ok(&Blob::of(call.state, call.repository()?, oid, content)),
    })
}

#[derive(Deserialize)]
struct New {
    content: String,
    #[serde(default)]
    encoding: Encoding,
}

#[derive(Clone, Copy, Default, Serialize, Deserialize)]
enum Encoding {
    #[default]
    #[serde(rename = "utf-8", alias = "utf8")]
    Text,
    #[serde(rename = "base64")]
    Base64,
}

fn create(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let New { content, encoding } = call.body()?;
    not_empty(call.repository()?)?;
    let bytes = match encoding {
        Encoding::Text => content.into(),
        Encoding::Base64 => decoded(&content).ok_or_else(|| Refusal::unprocessable("content is not valid Base64"))?,
    };
    let oid = call.state.objects.insert(Object::Blob(bytes));
    call.state.hold(call.repository_id()?, oid);
    Ok(answer::created(&Link::blob(&repository::url(call.state, call.repository()?), oid)))
}

/// Base64 with or without line breaks.
pub(super) fn decoded(text: &str) -> Option<Bytes> {
    let letters: String = text.split_ascii_whitespace().collect();
    BASE64_STANDARD.decode(letters).ok().map(Bytes::from)
}
