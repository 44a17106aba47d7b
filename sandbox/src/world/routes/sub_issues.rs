//! Issues that are part of others.

use http::Method;
use serde::Deserialize;

use super::issues::named;
use crate::world::{
    answer::{self, Answer},
    call::Call,
    event::{Event, Payload},
    history::Place,
    page::Page,
    permission::Permission,
    refusal::{Refusal, Stop},
    render::{self, issue::Issue},
    router::{Route, read, route, write},
    state::State,
};

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/repos/{owner}/{repo}/issues/{issue_number}/sub_issues", read(Permission::Issues), list),
    route(Method::POST, "/repos/{owner}/{repo}/issues/{issue_number}/sub_issues", write(Permission::Issues), add),
    route(Method::DELETE, "/repos/{owner}/{repo}/issues/{issue_number}/sub_issue", write(Permission::Issues), remove),
    route(
        Method::PATCH,
        "/repos/{owner}/{repo}/issues/{issue_number}/sub_issues/priority",
        write(Permission::Issues),
        prioritize,
    ),
    route(Method::GET, "/repos/{owner}/{repo}/issues/{issue_number}/parent", read(Permission::Issues), parent),
];

/// Where the issue stands that the path names.
pub(super) fn here(call: &Call<'_>) -> Result<Place, Refusal> {
    Ok((call.repository_id()?, named(call)?.number))
}

/// Where an issue of this id stands, if it is the same owner's and may be seen.
pub(super) fn by_id(call: &Call<'_>, id: u64) -> Result<Place, Refusal> {
    let own = call.state.repositories.of(call.repository()?.owner).filter(|at| call.state.sees(&call.who, at));
    let mut all = own.flat_map(|at| at.issues.issues.values().map(|issue| (at.id, issue)));
    let found = all.find(|(_, issue)| issue.id == id && !issue.is_pull_request);
    found.map(|(at, issue)| (at, issue.number)).ok_or_else(Refusal::not_found)
}

/// Those of these issues that may be seen, a page at a time.
pub(super) fn page(call: &Call<'_>, places: impl Iterator<Item = Place>) -> Result<Answer, Stop> {
    let found = places.filter_map(|place| call.state.issue(place)).filter(|(at, _)| call.state.sees(&call.who, at));
    Ok(Page::of(call, found)?.answer(|(at, issue)| Issue::abroad(call.state, at, issue)))
}

pub(super) fn shown(call: &Call<'_>, place: Place, status: http::StatusCode) -> Result<Answer, Stop> {
    let (at, issue) = call.state.issue(place).ok_or_else(Refusal::not_found)?;
    Ok(answer::json(status, &Issue::whole(call.state, at, issue)))
}

fn list(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let parts = call.state.relations.parts.get(&here(call)?);
    page(call, parts.into_iter().flatten().copied())
}

fn parent(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let outer = call.state.relations.whole.get(&here(call)?).copied().ok_or_else(Refusal::not_found)?;
    shown(call, outer, http::StatusCode::OK)
}

#[derive(Deserialize)]
struct Joined {
    sub_issue_id: u64,
    #[serde(default)]
    replace_parent: bool,
}

/// GitHub's most.
const MOST: usize = 100;

fn add(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let Joined { sub_issue_id, replace_parent } = call.body()?;
    let (outer, inner) = (here(call)?, by_id(call, sub_issue_id)?);
    let relations = &call.state.relations;
    if relations.lies_within(outer, inner) {
        return Err(Refusal::unprocessable(
            "An error occurred while adding the sub-issue to the parent issue. \
                                           Sub-issues may not create a circular dependency",
        )
        .into());
    }
    let before = relations.whole.get(&inner).copied();
    if before.is_some() && (before == Some(outer) || !replace_parent) {
        return Err(Refusal::unprocessable("An error occurred while adding the sub-issue to the parent issue. \
                                           Issue may not contain duplicate sub-issues and Sub issue may only have one parent").into());
    }
    if relations.parts.get(&outer).is_some_and(|parts| parts.len() >= MOST) {
        return Err(Refusal::unprocessable("Parent cannot have more than 100 sub-issues").into());
    }
    if let Some(before) = before {
        call.state.relations.part(inner);
        tell_both(call, "removed", before, inner)?;
    }
    call.state.relations.join(inner, outer);
    tell_both(call, "added", outer, inner)?;
    shown(call, outer, http::StatusCode::CREATED)
}

#[derive(Deserialize)]
struct Parted {
    sub_issue_id: u64,
}

/// The part of the issue here that is meant.
fn part(call: &Call<'_>, id: u64) -> Result<Place, Refusal> {
    let (outer, inner) = (here(call)?, by_id(call, id)?);
    let is = call.state.relations.whole.get(&inner) == Some(&outer);
    is.then_some(inner).ok_or_else(Refusal::not_found)
}

fn remove(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let Parted { sub_issue_id } = call.body()?;
    let (outer, inner) = (here(call)?, part(call, sub_issue_id)?);
    call.state.relations.part(inner);
    tell_both(call, "removed", outer, inner)?;
    shown(call, outer, http::StatusCode::OK)
}

#[derive(Deserialize)]
struct Moved {
    sub_issue_id: u64,
    after_id: Option<u64>,
    before_id: Option<u64>,
}

fn prioritize(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let Moved { sub_issue_id, after_id, before_id } = call.body()?;
    let (outer, inner) = (here(call)?, part(call, sub_issue_id)?);
    let (beside, further) = match (after_id, before_id) {
        (Some(after), None) => (part(call, after)?, 1),
        (None, Some(before)) => (part(call, before)?, 0),
        _ => return Err(Refusal::unprocessable("Either after_id or before_id must be given, and not both.").into()),
    };
    let parts = call.state.relations.parts.get_mut(&outer).ok_or_else(Refusal::not_found)?;
    parts.retain(|part| *part != inner);
    let place = parts.iter().position(|part| *part == beside).map_or(parts.len(), |place| place + further);
    parts.insert(place, inner);
    shown(call, outer, http::StatusCode::OK)
}

/// Both sides hear of it: the whole of its part, the part of its whole.
fn tell_both(call: &mut Call<'_>, verb: &'static str, outer: Place, inner: Place) -> Result<(), Refusal> {
    let sender = call.actor()?;
    let [of_part, of_whole] = match verb {
        "added" => ["sub_issue_added", "parent_issue_added"],
        _ => ["sub_issue_removed", "parent_issue_removed"],
    };
    for (action, told, other, other_repository) in
        [(of_part, outer, inner, "sub_issue_repo"), (of_whole, inner, outer, "parent_issue_repo")]
    {
        let event = Event { name: "sub_issues", action: Some(action), repository: told.0, sender };
        call.state.emit(event, |state, payload| {
            field(state, payload, ["sub_issue_id", "sub_issue"], inner);
            field(state, payload, ["parent_issue_id", "parent_issue"], outer);
            repository(state, payload, other_repository, other);
        });
    }
    Ok(())
}

/// An issue and its id.
pub(super) fn field(state: &State, payload: &mut Payload, [id, whole]: [&str; 2], place: Place) {
    if let Some((at, issue)) = state.issue(place) {
        payload.field(id, &issue.id);
        payload.field(whole, &Issue::of(state, at, issue));
    }
}

/// The repository of an issue.
pub(super) fn repository(state: &State, payload: &mut Payload, name: &str, place: Place) {
    if let Some(at) = state.repositories.get(place.0) {
        payload.field(name, &*render::repository::card(state, at));
    }
}
