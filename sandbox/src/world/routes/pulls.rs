//! Pull requests.

mod create;
mod diff;
mod list;
mod update;

use http::Method;

pub(super) use self::update::{Turn, make, turn};
use crate::world::{
    answer::{self, Answer},
    call::Call,
    id::Number,
    media::Media,
    permission::Permission,
    pull::Whole,
    refusal::{Refusal, Stop},
    render::pull::Full,
    router::{Needs, Route, read, route},
};

const OPEN: Needs = Needs::Open(Permission::PullRequests);

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/repos/{owner}/{repo}/pulls", read(Permission::PullRequests), list::list),
    route(Method::POST, "/repos/{owner}/{repo}/pulls", OPEN, create::create),
    route(Method::GET, "/repos/{owner}/{repo}/pulls/{pull_number}", read(Permission::PullRequests), get),
    route(Method::PATCH, "/repos/{owner}/{repo}/pulls/{pull_number}", OPEN, update::update),
    route(
        Method::GET,
        "/repos/{owner}/{repo}/pulls/{pull_number}/commits",
        read(Permission::PullRequests),
        diff::commits,
    ),
    route(Method::GET, "/repos/{owner}/{repo}/pulls/{pull_number}/files", read(Permission::PullRequests), diff::files),
    route(Method::GET, "/repos/{owner}/{repo}/pulls/{pull_number}/merge", read(Permission::PullRequests), is_merged),
    route(
        Method::GET,
        "/repos/{owner}/{repo}/commits/{commit_sha}/pulls",
        read(Permission::PullRequests),
        list::of_commit,
    ),
];

/// The pull request that the path names.
pub(super) fn named<'a>(call: &'a Call<'_>) -> Result<Whole<'a>, Refusal> {
    let number: Number = call.parameter("pull_number")?;
    call.repository()?.pull(number).ok_or_else(Refusal::not_found)
}

/// As it stands by itself.
pub(super) fn shown(call: &mut Call<'_>) -> Result<Answer, Stop> {
    Ok(answer::ok(&Full::of(call.state, named(call)?)))
}

fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    match call.media() {
        Media::Diff => diff::diff(call),
        Media::Patch => diff::patch(call),
        Media::Json | Media::Raw | Media::Object | Media::Sha => shown(call),
    }
}

fn is_merged(call: &mut Call<'_>) -> Result<Answer, Stop> {
    match named(call)?.pull.merge {
        Some(_) => Ok(answer::no_content()),
        None => Err(Refusal::not_found().into()),
    }
}
