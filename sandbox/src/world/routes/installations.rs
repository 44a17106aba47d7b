//! Installations: whoever looks for one, and what an installation asks of itself.

use std::{collections::BTreeSet, sync::Arc};

use http::Method;
use serde::Serialize;
use serde_json::value::RawValue;

use super::apps;
use crate::world::{
    answer::{self, Answer},
    app::{Installation, Selection},
    call::Call,
    id::{AccountId, InstallationId, RepositoryId},
    page::Page,
    permission::Role,
    refusal::{Refusal, Stop},
    render::{self, installation::Chosen},
    repository::Repository,
    router::{Needs, Route, route},
    token::{self, Grant, Principal},
};

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/repos/{owner}/{repo}/installation", Needs::App, of_repository),
    route(Method::GET, "/orgs/{org}/installation", Needs::App, of_organization),
    route(Method::GET, "/users/{username}/installation", Needs::App, of_user),
    route(Method::GET, "/installation/repositories", Needs::Account, repositories),
    route(Method::DELETE, "/installation/token", Needs::Account, end_token),
    route(Method::GET, "/user/installations", Needs::Account, of_person),
    route(Method::GET, "/user/installations/{installation_id}/repositories", Needs::Account, repositories_of_person),
    route(
        Method::PUT,
        "/user/installations/{installation_id}/repositories/{repository_id}",
        Needs::Account,
        add_repository,
    ),
    route(
        Method::DELETE,
        "/user/installations/{installation_id}/repositories/{repository_id}",
        Needs::Account,
        remove_repository,
    ),
];

fn of_repository(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (app, repository) = (apps::asking(call)?.id, call.repository()?);
    let mut there = call.state.apps.on(repository.owner);
    shown(call, there.find(|there| there.app == app && there.holds(repository)))
}

fn of_organization(call: &mut Call<'_>) -> Result<Answer, Stop> {
    on(call, call.text("org")?)
}

fn of_user(call: &mut Call<'_>) -> Result<Answer, Stop> {
    on(call, call.text("username")?)
}

fn on(call: &Call<'_>, login: &str) -> Result<Answer, Stop> {
    let account = call.state.accounts.named(login).ok_or_else(Refusal::not_found)?.id;
    let app = apps::asking(call)?.id;
    shown(call, call.state.apps.on(account).find(|there| there.app == app))
}

fn shown(call: &Call<'_>, there: Option<&Installation>) -> Result<Answer, Stop> {
    let there = there.ok_or_else(Refusal::not_found)?;
    Ok(answer::ok(&render::installation::Installation::of(call.state, there)))
}

/// The grant of the installation's token that asks.
fn grant(call: &Call<'_>) -> Result<Arc<Grant>, Refusal> {
    match &call.who {
        Principal::Installation(grant) => Ok(Arc::clone(grant)),
        _ => Err(Refusal::forbidden(
            "You must authenticate with an installation access token in order to list repositories for an installation.",
        )),
    }
}

#[derive(Serialize)]
struct Reached {
    total_count: usize,
    repository_selection: Chosen,
    repositories: Vec<Arc<RawValue>>,
}

fn repositories(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let grant = grant(call)?;
    let there = call.state.apps.installations.get(&grant.installation).ok_or_else(Refusal::not_found)?;
    let both = if grant.repositories == Selection::All { &there.repositories } else { &grant.repositories };
    reached(call, there, both.into(), |at| grant.repositories.holds(at.id))
}

fn reached(
    call: &Call<'_>,
    there: &Installation,
    repository_selection: Chosen,
    fits: impl Fn(&Repository) -> bool,
) -> Result<Answer, Stop> {
    let own = call.state.repositories.of(there.account).filter(|at| there.holds(at) && fits(at));
    let page = Page::of(call, own)?;
    let total_count = page.total;
    Ok(page.enclosed(|found| {
        let repositories = found.into_iter().map(|at| render::repository::card(call.state, at)).collect();
        Reached { total_count, repository_selection, repositories }
    }))
}

fn end_token(call: &mut Call<'_>) -> Result<Answer, Stop> {
    grant(call)?;
    if let Some(token) = token::given(call.request.headers())? {
        call.state.tokens.remove(&*token);
    }
    Ok(answer::no_content())
}

/// The person who asks; a program has no settings.
fn person(call: &Call<'_>) -> Result<AccountId, Refusal> {
    match call.who {
        Principal::Person(person) => Ok(person),
        _ => Err(Refusal::forbidden("You must authenticate with an access token authorized to a GitHub App")),
    }
}

/// A person sees what is installed on their own account, and where they have a role in a repository.
fn sees(call: &Call<'_>, person: AccountId, there: &Installation) -> bool {
    there.account == person
        || call.state.repositories.of(there.account).any(|at| at.collaborators.contains_key(&person))
}

fn of_person(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let person = person(call)?;
    let seen = call.state.apps.installations.values().filter(|there| sees(call, person, there));
    let page = Page::of(call, seen)?;
    Ok(page.counted("installations", |there| render::installation::Installation::of(call.state, there)))
}

fn named<'a>(call: &'a Call<'_>) -> Result<&'a Installation, Refusal> {
    let (person, id): (_, InstallationId) = (person(call)?, call.parameter("installation_id")?);
    let there = call.state.apps.installations.get(&id).ok_or_else(Refusal::not_found)?;
    if sees(call, person, there) { Ok(there) } else { Err(Refusal::not_found()) }
}

fn repositories_of_person(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (person, there) = (person(call)?, named(call)?);
    let own = |at: &Repository| at.owner == person || at.collaborators.contains_key(&person);
    reached(call, there, (&there.repositories).into(), own)
}

/// The repository that is to be chosen, by somebody who administers it.
fn choice(call: &Call<'_>) -> Result<(RepositoryId, BTreeSet<RepositoryId>), Refusal> {
    let (person, there): (_, _) = (person(call)?, named(call)?);
    let at = call.state.repository(call.parameter("repository_id")?)?;
    if at.owner != there.account || at.role(person) < Some(Role::Admin) {
        return Err(Refusal::not_found());
    }
    match &there.repositories {
        Selection::All => Err(Refusal::unprocessable("Installation is installed on all repositories.")),
        Selection::Selected(chosen) => Ok((at.id, chosen.clone())),
    }
}

fn add_repository(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (repository, mut chosen) = choice(call)?;
    chosen.insert(repository);
    choose(call, chosen)
}

fn remove_repository(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (repository, mut chosen) = choice(call)?;
    if !chosen.remove(&repository) {
        return Err(Refusal::not_found().into());
    }
    choose(call, chosen)
}

fn choose(call: &mut Call<'_>, chosen: BTreeSet<RepositoryId>) -> Result<Answer, Stop> {
    let (person, id) = (person(call)?, named(call)?.id);
    call.state.select(id, person, Selection::Selected(chosen));
    Ok(answer::no_content())
}
