//! Lists of repositories.

use std::cmp::Reverse;

use serde::Deserialize;

use super::role;
use crate::world::{
    account::Kind,
    answer::Answer,
    call::Call,
    id::AccountId,
    page::Page,
    refusal::{Refusal, Stop},
    render::repository::Listed,
    repository::Repository,
    token::Principal,
};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Query {
    visibility: Option<String>,
    affiliation: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    sort: Option<Sort>,
    direction: Option<Direction>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Sort {
    Created,
    Updated,
    Pushed,
    FullName,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Direction {
    Asc,
    Desc,
}

/// What a person owns, works on, or has as a member of an organisation.
pub(super) fn own(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let Principal::Person(person) = call.who else {
        return Err(Refusal::forbidden("Resource not accessible by integration").into());
    };
    let query: Query = call.query()?;
    let affiliation = query.affiliation.as_deref().unwrap_or("owner,collaborator,organization_member");
    let has = |wanted: &str| affiliation.split(',').any(|one| one.trim() == wanted);
    let fitting = call.state.repositories.iter().filter(|there| {
        let works = there.collaborators.contains_key(&person);
        let belongs = call.state.members.contains(&(there.owner, person)) && call.state.sees(&call.who, there);
        has("owner") && there.owner == person || has("collaborator") && works || has("organization_member") && belongs
    });
    let fitting = fitting.filter(|there| shows(there, person, &query)).collect();
    answered(call, fitting, &query, Sort::FullName)
}

fn shows(there: &Repository, person: AccountId, query: &Query) -> bool {
    let visible = match query.visibility.as_deref().or(query.kind.as_deref()) {
        Some("public") => !there.private,
        Some("private") => there.private,
        _ => true,
    };
    visible
        && match query.kind.as_deref() {
            Some("owner") => there.owner == person,
            Some("member") => there.owner != person,
            _ => true,
        }
}

pub(super) fn of_person(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let query: Query = call.query()?;
    let account = call.state.accounts.named(call.text("username")?).ok_or_else(Refusal::not_found)?.id;
    let seen = |there: &&Repository| call.state.sees(&call.who, there);
    let works = |there: &&Repository| there.owner != account && there.collaborators.contains_key(&account);
    let mut fitting: Vec<&Repository> = Vec::new();
    if query.kind.as_deref() != Some("member") {
        fitting.extend(call.state.repositories.of(account).filter(seen));
    }
    if matches!(query.kind.as_deref(), Some("member" | "all")) {
        fitting.extend(call.state.repositories.iter().filter(works).filter(seen));
    }
    answered(call, fitting, &query, Sort::FullName)
}

pub(super) fn of_organization(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let query: Query = call.query()?;
    let account = call.state.accounts.named(call.text("org")?).filter(|account| account.kind == Kind::Organization);
    let account = account.ok_or_else(Refusal::not_found)?.id;
    let wanted = |there: &&Repository| match query.kind.as_deref() {
        Some("public") => !there.private,
        Some("private") => there.private,
        Some("forks") => there.fork_of.is_some(),
        Some("sources") => there.fork_of.is_none(),
        _ => true,
    };
    let seen = |there: &&Repository| call.state.sees(&call.who, there);
    let fitting = call.state.repositories.of(account).filter(seen).filter(wanted).collect();
    answered(call, fitting, &query, Sort::Created)
}

fn answered(call: &Call<'_>, mut fitting: Vec<&Repository>, query: &Query, usual: Sort) -> Result<Answer, Stop> {
    let sort = query.sort.unwrap_or(usual);
    match sort {
        Sort::Created => fitting.sort_by_key(|there| there.created_at),
        Sort::Updated => fitting.sort_by_key(|there| there.updated_at),
        Sort::Pushed => fitting.sort_by_key(|there| there.pushed_at),
        Sort::FullName => fitting.sort_by_cached_key(|there| call.state.full_name(there).to_ascii_lowercase()),
    }
    let usual = if sort == Sort::FullName { Direction::Asc } else { Direction::Desc };
    if query.direction.unwrap_or(usual) == Direction::Desc {
        fitting.reverse();
    }
    let page = Page::of(call, fitting.into_iter())?;
    Ok(page.answer(|there| Listed::of(call.state, there, role(call, there))))
}

/// The forks of a repository, newest first unless it is asked otherwise.
pub(in crate::world::routes) fn forks(call: &mut Call<'_>) -> Result<Answer, Stop> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Order {
        sort: Option<String>,
    }
    let (id, order) = (call.repository_id()?, call.query::<Order>()?);
    let forks = call.state.repositories.forks(id);
    let mut forks: Vec<&Repository> = forks.filter(|there| call.state.sees(&call.who, there)).collect();
    match order.sort.as_deref() {
        Some("oldest") => forks.sort_by_key(|there| there.id),
        _ => forks.sort_by_key(|there| Reverse(there.id)),
    }
    let page = Page::of(call, forks.into_iter())?;
    Ok(page.answer(|there| Listed::of(call.state, there, role(call, there))))
}
