//! Repositories themselves.

mod change;
mod create;
mod list;
mod transfer;

use http::Method;

use crate::world::{
    answer::{self, Answer},
    call::Call,
    event::Event,
    permission::{Permission, Role},
    refusal::{Refusal, Stop},
    render::repository::Full,
    repository::Repository,
    router::{Needs, Route, read, route},
    token::Principal,
};

use self::create::Switches;
pub(super) use self::{change::set_default_branch, list::forks};

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/repos/{owner}/{repo}", read(Permission::Metadata), get),
    route(Method::PATCH, "/repos/{owner}/{repo}", read(Permission::Metadata), change::update),
    route(Method::DELETE, "/repos/{owner}/{repo}", read(Permission::Metadata), delete),
    route(Method::POST, "/repos/{owner}/{repo}/transfer", read(Permission::Metadata), transfer::transfer),
    route(Method::POST, "/user/repos", Needs::Account, create::own),
    route(Method::POST, "/orgs/{org}/repos", Needs::Account, create::of_organization),
    route(Method::GET, "/user/repos", Needs::Account, list::own),
    route(Method::GET, "/users/{username}/repos", Needs::Nothing, list::of_person),
    route(Method::GET, "/orgs/{org}/repos", Needs::Nothing, list::of_organization),
];

fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    shown(call)
}

/// The repository that the path names, by itself.
fn shown(call: &Call<'_>) -> Result<Answer, Stop> {
    let repository = call.repository()?;
    Ok(answer::ok(&Full::of(call.state, repository, role(call, repository))))
}

/// The role that is shown to the one who asks.
pub(super) fn role(call: &Call<'_>, repository: &Repository) -> Option<Role> {
    match &call.who {
        Principal::Person(person) => repository.role(*person),
        Principal::Installation(_) | Principal::App(_) | Principal::Anonymous => None,
    }
}

/// An event of the repository as a whole.
fn event(call: &Call<'_>, action: &'static str) -> Result<Event, Refusal> {
    call.event("repository", action)
}

/// Webhooks of the repository are not told that it is gone: they are gone with it. Apps are.
fn delete(call: &mut Call<'_>) -> Result<Answer, Stop> {
    call.administers()?;
    let (id, event) = (call.repository_id()?, event(call, "deleted")?);
    call.repository_mut()?.hooks.clear();
    call.state.emit(event, |_, _| {});
    call.state.remove_repository(id, event.sender);
    Ok(answer::no_content())
}
