//! Asking people for a review.

use std::collections::BTreeSet;

use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::pulls::named;
use crate::world::{
    answer::{self, Answer},
    call::Call,
    id::AccountId,
    permission::Permission,
    pull::event,
    refusal::{Refusal, Stop},
    render::{pull::Simple, user},
    router::{Route, read, route, write},
};

const TEMPLATE: &str = "/repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers";

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, TEMPLATE, read(Permission::PullRequests), list),
    route(Method::POST, TEMPLATE, write(Permission::PullRequests), request),
    route(Method::DELETE, TEMPLATE, write(Permission::PullRequests), remove),
];

#[derive(Serialize)]
struct Requested<'a> {
    users: Vec<&'a RawValue>,
    teams: [(); 0],
}

fn list(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let asked = named(call)?.pull.requested.iter();
    Ok(answer::ok(&Requested { users: asked.filter_map(|id| user::of(call.state, *id)).collect(), teams: [] }))
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Asked {
    reviewers: Vec<String>,
    team_reviewers: Vec<String>,
}

fn request(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let asked: Asked = call.body()?;
    let people = askable(call, &asked)?;
    let (repository, number, by) = (call.repository_id()?, named(call)?.pull.number, call.actor()?);
    for person in people {
        let Some((pull, _)) = call.state.pull_mut(repository, number) else { break };
        if pull.requested.insert(person) {
            tell(call, "review_requested", by, person)?;
        }
    }
    Ok(answer::json(StatusCode::CREATED, &Simple::of(call.state, named(call)?)))
}

fn askable(call: &Call<'_>, asked: &Asked) -> Result<BTreeSet<AccountId>, Refusal> {
    let whole = named(call)?;
    let stranger = || {
        Refusal::unprocessable(format!(
            "Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a \
             collaborator of the {} repository.",
            call.state.full_name(whole.repository)
        ))
    };
    if !asked.team_reviewers.is_empty() {
        return Err(stranger());
    }
    let mut people = BTreeSet::new();
    for login in &asked.reviewers {
        let person = call.state.accounts.named(login).map(|account| account.id).ok_or_else(stranger)?;
        if person == whole.issue.author {
            return Err(Refusal::unprocessable("Review cannot be requested from pull request author."));
        }
        if person != whole.repository.owner && !whole.repository.collaborators.contains_key(&person) {
            return Err(stranger());
        }
        people.insert(person);
    }
    Ok(people)
}

fn remove(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let asked: Asked = call.body()?;
    let (repository, number, by) = (call.repository_id()?, named(call)?.pull.number, call.actor()?);
    let people: Vec<_> =
        asked.reviewers.iter().filter_map(|login| call.state.accounts.named(login)).map(|account| account.id).collect();
    for person in people {
        let Some((pull, _)) = call.state.pull_mut(repository, number) else { break };
        if pull.requested.remove(&person) {
            tell(call, "review_request_removed", by, person)?;
        }
    }
    Ok(answer::ok(&Simple::of(call.state, named(call)?)))
}

fn tell(call: &mut Call<'_>, action: &'static str, by: AccountId, person: AccountId) -> Result<(), Refusal> {
    let (repository, number) = (call.repository_id()?, named(call)?.pull.number);
    call.state.tell_pull(event(action, repository, by), number, |state, payload| {
        if let Some(person) = user::of(state, person) {
            payload.field("requested_reviewer", person);
        }
    });
    Ok(())
}
