//! Forks.

use http::{Method, StatusCode};
use serde::Deserialize;

use super::repositories::{forks, role};
use crate::world::{
    answer::{self, Answer},
    call::Call,
    event::Event,
    id::{AccountId, RepositoryId},
    permission::Permission,
    refusal::{Refusal, Stop},
    render::repository::{Full, told},
    router::{Route, read, route},
};

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/repos/{owner}/{repo}/forks", read(Permission::Metadata), forks),
    route(Method::POST, "/repos/{owner}/{repo}/forks", read(Permission::Contents), create),
];

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wish {
    organization: Option<String>,
    name: Option<String>,
    default_branch_only: bool,
}

/// Whoever has a fork already is given that one.
fn create(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let wish: Wish = call.body()?;
    let owner = match &wish.organization {
        Some(organization) => call.organization(organization)?,
        None => call.actor()?,
    };
    call.may_own(owner)?;
    let repository = call.repository()?;
    if owner == repository.owner {
        return Err(Refusal::unprocessable("You cannot fork a repository into the account that owns it.").into());
    }
    let fork = match call.state.fork_by(repository, owner) {
        Some(known) => known.id,
        None => forked(call, owner, &wish)?,
    };
    let fork = call.state.repository(fork)?;
    Ok(answer::json(StatusCode::ACCEPTED, &Full::of(call.state, fork, role(call, fork))))
}

fn forked(call: &mut Call<'_>, owner: AccountId, wish: &Wish) -> Result<RepositoryId, Refusal> {
    let of = call.repository_id()?;
    let name = match &wish.name {
        Some(name) => call.free_name(owner, name, None)?,
        None => numbered(call, owner)?,
    };
    let sender = call.actor()?;
    let fork = call.state.fork(of, owner, &name, wish.default_branch_only).ok_or_else(Refusal::not_found)?;
    let forked = Event { name: "fork", action: None, repository: of, sender };
    call.state.emit(forked, |state, payload| {
        if let Some(fork) = state.repositories.get(fork) {
            payload.field("forkee", &*told(state, fork));
        }
    });
    let created = Event { name: "repository", action: Some("created"), repository: fork, sender };
    call.state.emit(created, |_, _| {});
    Ok(fork)
}

/// The repository's own name, with a number where the owner has one of that name.
fn numbered(call: &Call<'_>, owner: AccountId) -> Result<String, Refusal> {
    let name = &call.repository()?.name;
    let mut candidates = std::iter::once(name.clone()).chain((1_u64..=100).map(|number| format!("{name}-{number}")));
    let free = candidates.find(|candidate| call.free_name(owner, candidate, None).is_ok());
    free.ok_or_else(Refusal::not_found)
}
