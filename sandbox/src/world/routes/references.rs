//! References: branches, tags and whatever else git calls by a name.

use http::{Method, StatusCode};
use serde::Deserialize;

use crate::{
    object::Oid,
    world::{
        abbreviation::not_empty,
        answer::{self, Answer},
        call::Call,
        moving::Denied,
        permission::Permission,
        push::name_refusal,
        refusal::{Refusal, Stop},
        render::git_ref::GitRef,
        router::{Route, read, route, write},
    },
};

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/repos/{owner}/{repo}/git/ref/{ref}", read(Permission::Contents), get),
    route(Method::GET, "/repos/{owner}/{repo}/git/matching-refs/{ref}", read(Permission::Contents), matching),
    route(Method::POST, "/repos/{owner}/{repo}/git/refs", write(Permission::Contents), create),
    route(Method::PATCH, "/repos/{owner}/{repo}/git/refs/{ref}", write(Permission::Contents), update),
    route(Method::DELETE, "/repos/{owner}/{repo}/git/refs/{ref}", write(Permission::Contents), delete),
];

fn named(call: &Call<'_>) -> Result<String, Refusal> {
    Ok(format!("refs/{}", call.text("ref")?))
}

fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let repository = call.repository()?;
    not_empty(repository)?;
    let found = repository.references.get_key_value(&named(call)?);
    let (name, oid) = found.ok_or_else(Refusal::not_found)?;
    Ok(answer::ok(&GitRef::of(call.state, repository, name, *oid)))
}

fn matching(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let repository = call.repository()?;
    let start = named(call)?;
    let matching = repository.references.range(start.clone()..).take_while(|(name, _)| name.starts_with(&start));
    let rendered = matching.map(|(name, oid)| GitRef::of(call.state, repository, name, *oid));
    Ok(answer::ok(&rendered.collect::<Vec<_>>()))
}

#[derive(Deserialize)]
struct New {
    #[serde(rename = "ref")]
    reference: String,
    sha: String,
}

fn create(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let New { reference, sha } = call.body()?;
    if name_refusal(&reference).is_some() {
        return Err(Refusal::unprocessable(format!("{reference} is not a valid ref name.")).into());
    }
    let oid = object(call, &sha)?;
    if call.repository()?.references.contains_key(&reference) {
        return Err(Refusal::unprocessable("Reference already exists").into());
    }
    moved(call, &reference, oid, StatusCode::CREATED)
}

fn object(call: &Call<'_>, sha: &str) -> Result<Oid, Refusal> {
    let oid = sha.parse().map_err(|_| {
        let count = sha.chars().count();
        Refusal::unprocessable(format!("At least 40 characters are required; only {count} were supplied."))
    })?;
    if call.holds(oid) { Ok(oid) } else { Err(Refusal::unprocessable("Object does not exist")) }
}

fn moved(call: &mut Call<'_>, reference: &str, after: Oid, status: StatusCode) -> Result<Answer, Stop> {
    call.move_reference(reference, Some(after)).map_err(Denied::unprocessable)?;
    Ok(answer::json(status, &GitRef::of(call.state, call.repository()?, reference, after)))
}

#[derive(Deserialize)]
struct Wish {
    sha: String,
    #[serde(default)]
    force: bool,
}

fn update(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let Wish { sha, force } = call.body()?;
    let (reference, after) = (named(call)?, object(call, &sha)?);
    let before = present(call, &reference)?;
    if !force && !call.state.objects.is_ancestor(before, after) {
        return Err(Refusal::unprocessable("Update is not a fast forward").into());
    }
    moved(call, &reference, after, StatusCode::OK)
}

fn present(call: &Call<'_>, reference: &str) -> Result<Oid, Refusal> {
    let found = call.repository()?.references.get(reference).copied();
    found.ok_or_else(|| Refusal::unprocessable("Reference does not exist"))
}

fn delete(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let reference = named(call)?;
    present(call, &reference)?;
    call.move_reference(&reference, None).map_err(Denied::unprocessable)?;
    Ok(answer::no_content())
}
