//! People with a role in a repository. Who is given one has it at once: nobody waits for an invitation to be accepted.

use http::Method;
use serde::{Deserialize, Serialize};

use crate::world::{
    account::{Account, Kind},
    answer::{self, Answer},
    before::Before,
    call::Call,
    event::{Event, Payload},
    id::AccountId,
    page::Page,
    permission::{Access, Permission, Role},
    refusal::{Code, Refusal, Stop},
    render::{collaborator, user},
    router::{Route, read, route},
    state::State,
    token::Principal,
};

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/repos/{owner}/{repo}/collaborators", read(Permission::Metadata), list),
    route(Method::GET, "/repos/{owner}/{repo}/collaborators/{username}", read(Permission::Metadata), is_one),
    route(Method::PUT, "/repos/{owner}/{repo}/collaborators/{username}", read(Permission::Metadata), add),
    route(Method::DELETE, "/repos/{owner}/{repo}/collaborators/{username}", read(Permission::Metadata), remove),
    route(
        Method::GET,
        "/repos/{owner}/{repo}/collaborators/{username}/permission",
        read(Permission::Metadata),
        permission,
    ),
];

fn named<'a>(call: &'a Call<'_>) -> Result<&'a Account, Refusal> {
    let account = call.state.accounts.named(call.text("username")?);
    account.filter(|account| account.kind != Kind::Organization).ok_or_else(Refusal::not_found)
}

/// Only those who push see who else does.
fn pushes(call: &Call<'_>) -> Result<(), Refusal> {
    match &call.who {
        Principal::Installation(_) => Ok(()),
        _ if call.may(Permission::Contents, Access::Write) => Ok(()),
        _ => Err(Refusal::forbidden("Must have push access to view repository collaborators.")),
    }
}

fn list(call: &mut Call<'_>) -> Result<Answer, Stop> {
    pushes(call)?;
    let repository = call.repository()?;
    let owner = call.state.accounts.get(repository.owner).filter(|owner| owner.kind == Kind::User);
    let owner = owner.map(|owner| (owner, Role::Admin));
    let others = repository.collaborators.iter();
    let others = others.filter_map(|(person, role)| Some((call.state.accounts.get(*person)?, *role)));
    let page = Page::of(call, owner.into_iter().chain(others))?;
    Ok(page.answer(|(account, role)| collaborator::of(call.state, account, role)))
}

fn is_one(call: &mut Call<'_>) -> Result<Answer, Stop> {
    pushes(call)?;
    let (repository, person) = (call.repository()?, named(call)?.id);
    let is_one = repository.owner == person || repository.collaborators.contains_key(&person);
    if is_one { Ok(answer::no_content()) } else { Err(Refusal::not_found().into()) }
}

fn permission(call: &mut Call<'_>) -> Result<Answer, Stop> {
    pushes(call)?;
    let (repository, account) = (call.repository()?, named(call)?);
    Ok(answer::ok(&collaborator::Permission::of(call.state, account, repository.role(account.id))))
}

#[derive(Deserialize)]
struct Wish {
    #[serde(default)]
    permission: Wanted,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Wanted {
    Pull,
    Triage,
    #[default]
    Push,
    Maintain,
    Admin,
}

impl From<Wanted> for Role {
    fn from(wanted: Wanted) -> Self {
        match wanted {
            Wanted::Pull => Self::Read,
            Wanted::Triage => Self::Triage,
            Wanted::Push => Self::Write,
            Wanted::Maintain => Self::Maintain,
            Wanted::Admin => Self::Admin,
        }
    }
}

fn add(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let Wish { permission } = call.body()?;
    administers(call)?;
    let (person, role) = (named(call)?.id, Role::from(permission));
    if person == call.repository()?.owner {
        return Err(Refusal::custom("Repository", "user", "Repository owner cannot be a collaborator").into());
    }
    let now = call.state.now;
    let repository = call.repository_mut()?;
    repository.touch(now);
    match repository.collaborators.insert(person, role) {
        Some(before) if before != role => edited(call, person, before)?,
        Some(_) => {}
        None => added(call, person, role)?,
    }
    Ok(answer::no_content())
}

fn administers(call: &Call<'_>) -> Result<(), Refusal> {
    call.administers()?;
    match call.repository()?.archived {
        true => Err(Refusal::forbidden("Repository was archived so is read-only.")),
        false => Ok(()),
    }
}

fn event(call: &Call<'_>, action: &'static str) -> Result<Event, Refusal> {
    call.event("member", action)
}

fn member(state: &State, person: AccountId, payload: &mut Payload) {
    payload.field("member", &user::of(state, person));
}

#[derive(Serialize)]
struct Added {
    permission: To,
}

#[derive(Serialize)]
struct To {
    to: Role,
}

/// The webhook knows the older roles only.
fn added(call: &mut Call<'_>, person: AccountId, role: Role) -> Result<(), Refusal> {
    let event = event(call, "added")?;
    call.state.emit(event, |state, payload| {
        member(state, person, payload);
        if matches!(role, Role::Write | Role::Admin) {
            payload.field("changes", &Added { permission: To { to: role } });
        }
    });
    Ok(())
}

#[derive(Serialize)]
struct Edited {
    old_permission: Before<Role>,
}

fn edited(call: &mut Call<'_>, person: AccountId, before: Role) -> Result<(), Refusal> {
    let event = event(call, "edited")?;
    call.state.emit(event, |state, payload| {
        member(state, person, payload);
        payload.field("changes", &Edited { old_permission: Before { from: before } });
    });
    Ok(())
}

/// Whoever administers may send anybody away; everybody may go.
fn remove(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let person = named(call)?.id;
    if call.actor()? != person {
        administers(call)?;
    }
    let now = call.state.now;
    let repository = call.repository_mut()?;
    repository.touch(now);
    if repository.collaborators.remove(&person).is_none() {
        return Err(Refusal::invalid("Repository", "user", Code::Missing).into());
    }
    let event = event(call, "removed")?;
    call.state.emit(event, |state, payload| member(state, person, payload));
    Ok(answer::no_content())
}
