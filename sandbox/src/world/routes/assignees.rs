//! Who works on an issue, and who may.

use std::collections::BTreeSet;

use http::Method;
use serde::Deserialize;

use super::issues::{
    named,
    triage::{is_assignable, set_assignees},
};
use crate::world::{
    account::Kind,
    answer::{self, Answer},
    call::Call,
    id::AccountId,
    page::Page,
    permission::Permission,
    refusal::{Refusal, Stop},
    render,
    router::{Route, read, route, write},
};

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/repos/{owner}/{repo}/assignees", read(Permission::Issues), list),
    route(Method::GET, "/repos/{owner}/{repo}/assignees/{assignee}", read(Permission::Issues), may),
    route(Method::POST, "/repos/{owner}/{repo}/issues/{issue_number}/assignees", write(Permission::Issues), add),
    route(Method::DELETE, "/repos/{owner}/{repo}/issues/{issue_number}/assignees", write(Permission::Issues), remove),
    route(
        Method::GET,
        "/repos/{owner}/{repo}/issues/{issue_number}/assignees/{assignee}",
        read(Permission::Issues),
        may_this,
    ),
];

fn list(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let repository = call.repository()?;
    let people = std::iter::once(repository.owner).chain(repository.collaborators.keys().copied());
    let accounts = people.filter_map(|id| call.state.accounts.get(id));
    let people = accounts.filter(|account| account.kind != Kind::Organization);
    Ok(Page::of(call, people)?.answer(|account| &*account.fragment))
}

fn may(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let person = call.state.accounts.named(call.text("assignee")?).ok_or_else(Refusal::not_found)?.id;
    match is_assignable(call, person)? {
        true => Ok(answer::no_content()),
        false => Err(Refusal::not_found().into()),
    }
}

fn may_this(call: &mut Call<'_>) -> Result<Answer, Stop> {
    named(call)?;
    may(call)
}

#[derive(Deserialize)]
struct People {
    #[serde(default)]
    assignees: Vec<Login>,
}

/// A login, alone or in an object.
#[derive(Deserialize)]
#[serde(untagged)]
enum Login {
    Alone(String),
    Inside { login: String },
}

/// Who cannot be assigned is passed over in silence, as on GitHub.
fn people(call: &Call<'_>) -> Result<BTreeSet<AccountId>, Refusal> {
    let People { assignees } = call.body()?;
    let mut people = BTreeSet::new();
    for Login::Alone(login) | Login::Inside { login } in assignees {
        if let Some(person) = call.state.accounts.named(&login).map(|account| account.id)
            && is_assignable(call, person)?
        {
            people.insert(person);
        }
    }
    Ok(people)
}

fn add(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let mut people = people(call)?;
    people.extend(&named(call)?.assignees);
    let number = named(call)?.number;
    set_assignees(call, number, people)?;
    let repository = call.repository()?;
    Ok(answer::created(&render::issue::Issue::whole(call.state, repository, named(call)?)))
}

fn remove(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let gone = people(call)?;
    let (number, before) = (named(call)?.number, &named(call)?.assignees);
    let left = before.difference(&gone).copied().collect();
    set_assignees(call, number, left)?;
    Ok(answer::ok(&render::issue::Issue::whole(call.state, call.repository()?, named(call)?)))
}
