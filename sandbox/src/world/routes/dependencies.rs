//! Issues that wait for others.

use http::{Method, StatusCode};
use serde::Deserialize;

use super::sub_issues::{by_id, field, here, page, repository, shown};
use crate::world::{
    answer::Answer,
    call::Call,
    event::Event,
    history::Place,
    permission::Permission,
    refusal::{Refusal, Stop},
    router::{Route, read, route, write},
};

pub(super) const ROUTES: &[Route] = &[
    route(
        Method::GET,
        "/repos/{owner}/{repo}/issues/{issue_number}/dependencies/blocked_by",
        read(Permission::Issues),
        blocked_by,
    ),
    route(
        Method::POST,
        "/repos/{owner}/{repo}/issues/{issue_number}/dependencies/blocked_by",
        write(Permission::Issues),
        add,
    ),
    route(
        Method::DELETE,
        "/repos/{owner}/{repo}/issues/{issue_number}/dependencies/blocked_by/{issue_id}",
        write(Permission::Issues),
        remove,
    ),
    route(
        Method::GET,
        "/repos/{owner}/{repo}/issues/{issue_number}/dependencies/blocking",
        read(Permission::Issues),
        blocking,
    ),
];

fn blocked_by(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let all = call.state.relations.blocked_by.get(&here(call)?);
    page(call, all.into_iter().flatten().copied())
}

fn blocking(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let all = call.state.relations.blocking.get(&here(call)?);
    page(call, all.into_iter().flatten().copied())
}

#[derive(Deserialize)]
struct Blocking {
    issue_id: u64,
}

fn add(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let Blocking { issue_id } = call.body()?;
    let (blocked, blocking) = (here(call)?, by_id(call, issue_id)?);
    let waits =
        |one: Place, other: Place| call.state.relations.blocked_by.get(&one).is_some_and(|by| by.contains(&other));
    if blocked == blocking || waits(blocking, blocked) {
        return Err(Refusal::unprocessable("An issue cannot wait for itself").into());
    }
    if waits(blocked, blocking) {
        return Err(Refusal::unprocessable("The dependency is there already").into());
    }
    call.state.relations.block(blocked, blocking);
    tell_both(call, ["blocked_by_added", "blocking_added"], blocked, blocking)?;
    shown(call, blocked, StatusCode::CREATED)
}

fn remove(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (blocked, blocking) = (here(call)?, by_id(call, call.parameter("issue_id")?)?);
    if !call.state.relations.unblock(blocked, blocking) {
        return Err(Refusal::not_found().into());
    }
    tell_both(call, ["blocked_by_removed", "blocking_removed"], blocked, blocking)?;
    shown(call, blocked, StatusCode::OK)
}

fn tell_both(call: &mut Call<'_>, actions: [&'static str; 2], blocked: Place, blocking: Place) -> Result<(), Refusal> {
    let sender = call.actor()?;
    let [of_blocked, of_blocking] = actions;
    for (action, told, other, other_repository) in
        [(of_blocked, blocked, blocking, "blocking_issue_repo"), (of_blocking, blocking, blocked, "blocked_issue_repo")]
    {
        let event = Event { name: "issue_dependencies", action: Some(action), repository: told.0, sender };
        call.state.emit(event, |state, payload| {
            field(state, payload, ["blocked_issue_id", "blocked_issue"], blocked);
            field(state, payload, ["blocking_issue_id", "blocking_issue"], blocking);
            repository(state, payload, other_repository, other);
        });
    }
    Ok(())
}
