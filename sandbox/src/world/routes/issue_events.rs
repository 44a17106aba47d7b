//! What happened to issues: events of one, of all, and the timeline.

use http::Method;

use super::issues::named;
use crate::world::{
    answer::{self, Answer},
    call::Call,
    history::{Happening, What},
    id::{EventId, Number},
    moment::Moment,
    page::Page,
    permission::Permission,
    refusal::{Refusal, Stop},
    render::happening::{Commented, Event, Line, Referenced},
    repository::Repository,
    router::{Route, read, route},
    state::State,
};

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/repos/{owner}/{repo}/issues/events", read(Permission::Issues), of_all),
    route(Method::GET, "/repos/{owner}/{repo}/issues/events/{event_id}", read(Permission::Issues), get),
    route(Method::GET, "/repos/{owner}/{repo}/issues/{issue_number}/events", read(Permission::Issues), of_one),
    route(Method::GET, "/repos/{owner}/{repo}/issues/{issue_number}/timeline", read(Permission::Issues), timeline),
];

/// All that happened in a repository and stands in lists of events.
fn all(repository: &Repository) -> impl Iterator<Item = (Number, &Happening)> {
    let happened = repository.issues.history.iter().flat_map(|(number, own)| own.iter().map(|one| (*number, one)));
    happened.filter(|(_, happening)| !matches!(happening.what, What::Referenced(_)))
}

fn of_all(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let repository = call.repository()?;
    let mut happened: Vec<_> = all(repository).collect();
    happened.sort_by_key(|(_, happening)| std::cmp::Reverse(happening.id));
    Ok(Page::of(call, happened.into_iter())?.answer(|(number, one)| shown(call.state, repository, number, one)))
}

fn shown<'a>(state: &'a State, at: &Repository, number: Number, one: &'a Happening) -> Option<Event<'a>> {
    Event::of(state, at, one).map(|event| event.listed().with_issue(state, (at.id, number)))
}

fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (repository, id): (_, EventId) = (call.repository()?, call.parameter("event_id")?);
    let found = all(repository).find(|(_, happening)| happening.id == id);
    let event = found.and_then(|(number, one)| shown(call.state, repository, number, one));
    Ok(answer::ok(&event.ok_or_else(Refusal::not_found)?))
}

fn of_one(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (repository, number) = (call.repository()?, named(call)?.number);
    let own = repository.issues.history.get(&number).into_iter().flatten();
    let events = own.filter_map(|happening| Event::of(call.state, repository, happening).map(Event::listed));
    Ok(Page::of(call, events)?.answer(|event| event))
}

fn timeline(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (repository, number) = (call.repository()?, named(call)?.number);
    let comments = repository.issues.conversation(number).map(|comment| {
        let said = Commented::of(call.state, repository, comment);
        (comment.created_at, comment.id.0, Line::Comment(Box::new(said)))
    });
    let own = repository.issues.history.get(&number).into_iter().flatten();
    let happened = own.filter_map(|one| Some((one.at, one.id.0, line(call.state, repository, one)?)));
    let mut lines: Vec<(Moment, u64, Line<'_>)> = comments.chain(happened).collect();
    lines.sort_by_key(|(at, id, _)| (*at, *id));
    Ok(Page::of(call, lines.into_iter())?.answer(|(_, _, line)| line))
}

fn line<'a>(state: &'a State, at: &Repository, one: &'a Happening) -> Option<Line<'a>> {
    let event = Event::of(state, at, one).map(|event| Line::Event(Box::new(event.on_timeline())));
    event.or_else(|| Some(Line::Referenced(Box::new(Referenced::of(state, one)?))))
}
