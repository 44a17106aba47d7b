//! A repository's site and its builds.

use http::Method;

use crate::world::{
    answer::{self, Answer},
    call::Call,
    deployment::Deployment,
    id::DeploymentId,
    page::Page,
    permission::Permission,
    refusal::{Refusal, Stop},
    render,
    router::{Route, read, route, write},
    site::{Pages, builds, newest},
};

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/repos/{owner}/{repo}/pages", read(Permission::Pages), get),
    route(Method::GET, "/repos/{owner}/{repo}/pages/builds", read(Permission::Pages), list),
    route(Method::POST, "/repos/{owner}/{repo}/pages/builds", write(Permission::Pages), build),
    route(Method::GET, "/repos/{owner}/{repo}/pages/builds/latest", read(Permission::Pages), latest),
    route(Method::GET, "/repos/{owner}/{repo}/pages/builds/{build_id}", read(Permission::Pages), one),
];

fn site<'a>(call: &'a Call<'_>) -> Result<&'a Pages, Refusal> {
    call.repository()?.pages.as_ref().ok_or_else(Refusal::not_found)
}

fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    Ok(answer::ok(&render::pages::Page::of(call.state, call.repository()?, site(call)?)))
}

fn list(call: &mut Call<'_>) -> Result<Answer, Stop> {
    site(call)?;
    let at = call.repository()?;
    let page = Page::of(call, builds(at))?;
    Ok(page.answer(|build| render::pages::Build::of(call.state, at, build)))
}

fn latest(call: &mut Call<'_>) -> Result<Answer, Stop> {
    site(call)?;
    told(call, newest(call.repository()?))
}

fn one(call: &mut Call<'_>) -> Result<Answer, Stop> {
    site(call)?;
    let id: DeploymentId = call.parameter("build_id")?;
    told(call, builds(call.repository()?).find(|build| build.id == id))
}

fn told(call: &Call<'_>, build: Option<&Deployment>) -> Result<Answer, Stop> {
    let build = build.ok_or_else(Refusal::not_found)?;
    Ok(answer::ok(&render::pages::Build::of(call.state, call.repository()?, build)))
}

/// What stands on the branch is deployed once more.
fn build(call: &mut Call<'_>) -> Result<Answer, Stop> {
    site(call)?;
    let (at, actor) = (call.repository()?, call.actor()?);
    let tip = at.branch(&at.default_branch).ok_or_else(Refusal::not_found)?;
    let id = at.id;
    call.state.deploy_site(id, tip, actor);
    Ok(answer::created(&render::pages::Asked::of(call.state, call.repository()?)))
}
