//! Annotated tags as git has them.

use http::{Method, StatusCode};
use serde::Deserialize;

use crate::{
    object::{Kind, Object, Oid},
    world::{
        answer::{self, Answer},
        authored::Authored,
        call::Call,
        permission::Permission,
        refusal::{Refusal, Stop},
        render::git_tag::{GitTag, Read},
        router::{Route, read, route, write},
    },
};

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/repos/{owner}/{repo}/git/tags/{tag_sha}", read(Permission::Contents), get),
    route(Method::POST, "/repos/{owner}/{repo}/git/tags", write(Permission::Contents), create),
];

fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let oid = call.held("tag_sha")?;
    shown(call, oid, StatusCode::OK)
}

fn shown(call: &Call<'_>, oid: Oid, status: StatusCode) -> Result<Answer, Stop> {
    let Some(Object::Tag(tag)) = call.state.objects.get(oid) else { return Err(Refusal::not_found().into()) };
    let read = Read::of(tag);
    Ok(answer::json(status, &GitTag::of(call.state, call.repository()?, oid, tag.target, &read)))
}

#[derive(Deserialize)]
struct New {
    tag: String,
    message: String,
    object: Oid,
    #[serde(rename = "type")]
    kind: Kind,
    tagger: Option<Authored>,
}

fn create(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let New { tag, message, object, kind, tagger } = call.body()?;
    if call.state.objects.get(object).map(Object::kind) != Some(kind) || !call.holds(object) {
        return Err(Refusal::unprocessable("Object does not exist or is of another type").into());
    }
    if gix_validate::tag::name(tag.as_str().into()).is_err() {
        return Err(Refusal::unprocessable(format!("{tag} is not a valid tag name.")).into());
    }
    let own = call.state.signature(call.actor()?);
    let tagger = tagger.map_or_else(|| Ok(own.clone()), |tagger| tagger.signature(&own))?;
    let raw = format!("object {object}\ntype {kind}\ntag {tag}\ntagger {tagger}\n\n{message}");
    let oid = call.state.objects.insert_raw(Kind::Tag, raw.into());
    let oid = oid.map_err(|error| Refusal::unprocessable(error.to_string()))?;
    call.state.hold(call.repository_id()?, oid);
    shown(call, oid, StatusCode::CREATED)
}
