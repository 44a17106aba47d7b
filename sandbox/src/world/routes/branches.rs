//! Branches and tags, as GitHub lists them.

mod rename;

use http::{Method, StatusCode};
use serde::Deserialize;

use crate::world::{
    answer::{self, Answer},
    call::Call,
    page::Page,
    permission::Permission,
    refusal::{Refusal, Stop},
    render::{
        branch::{Branch, Short},
        tag::Tag,
    },
    router::{Route, read, route, write},
};

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/repos/{owner}/{repo}/branches", read(Permission::Contents), list),
    route(Method::GET, "/repos/{owner}/{repo}/branches/{branch}", read(Permission::Contents), get),
    route(Method::POST, "/repos/{owner}/{repo}/branches/{branch}/rename", write(Permission::Contents), rename::rename),
    route(Method::GET, "/repos/{owner}/{repo}/tags", read(Permission::Metadata), tags),
];

const BRANCHES: &str = "refs/heads/";
const TAGS: &str = "refs/tags/";

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filter {
    protected: Option<bool>,
}

fn list(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (filter, repository) = (call.query::<Filter>()?, call.repository()?);
    let branches = repository.references.iter().filter_map(|(name, oid)| Some((name.strip_prefix(BRANCHES)?, *oid)));
    let is_protected = |name: &str| call.state.is_protected(repository, name);
    let fitting = branches.filter(|(name, _)| filter.protected.is_none_or(|wanted| wanted == is_protected(name)));
    let page = Page::of(call, fitting)?;
    Ok(page.answer(|(name, oid)| Short::of(call.state, repository, name, oid)))
}

fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (name, repository) = (call.text("branch")?, call.repository()?);
    let found = repository.branch(name).and_then(|oid| Branch::of(call.state, repository, name, oid));
    let branch = found.ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "Branch not found"))?;
    Ok(answer::ok(&branch))
}

fn tags(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let repository = call.repository()?;
    let tags = repository.references.iter().rev().filter_map(|(name, oid)| {
        let commit = call.state.objects.peel(*oid)?;
        Some((name.strip_prefix(TAGS)?, commit))
    });
    let page = Page::of(call, tags)?;
    Ok(page.answer(|(name, commit)| Tag::of(call.state, repository, name, commit)))
}
