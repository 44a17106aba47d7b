//! Comments in the conversation of an issue or pull request.

use http::Method;
use serde::Deserialize;

use super::issues;
use crate::world::{
    answer::{self, Answer},
    before::Before,
    call::Call,
    event::Payload,
    id::{CommentId, RepositoryId},
    issue::Comment,
    moment::Moment,
    page::Page,
    permission::{Access, Permission},
    refusal::{Code, Refusal, Stop},
    render,
    router::{Needs, Route, read, route},
    state::State,
};

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/repos/{owner}/{repo}/issues/{issue_number}/comments", read(Permission::Issues), list),
    route(
        Method::POST,
        "/repos/{owner}/{repo}/issues/{issue_number}/comments",
        Needs::Open(Permission::Issues),
        create,
    ),
    route(Method::GET, "/repos/{owner}/{repo}/issues/comments/{comment_id}", read(Permission::Issues), get),
    route(Method::PATCH, "/repos/{owner}/{repo}/issues/comments/{comment_id}", Needs::Open(Permission::Issues), update),
    route(
        Method::DELETE,
        "/repos/{owner}/{repo}/issues/comments/{comment_id}",
        Needs::Open(Permission::Issues),
        delete,
    ),
];

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filter {
    since: Option<String>,
}

fn list(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let filter: Filter = call.query()?;
    let since = filter.since.as_deref().and_then(Moment::parse);
    let (repository, number) = (call.repository()?, issues::named(call)?.number);
    let fitting =
        repository.issues.conversation(number).filter(|comment| since.is_none_or(|since| comment.updated_at >= since));
    Ok(Page::of(call, fitting)?.answer(|comment| render::comment::Comment::of(call.state, repository, comment)))
}

fn named<'a>(call: &'a Call<'_>) -> Result<&'a Comment, Refusal> {
    let id: CommentId = call.parameter("comment_id")?;
    call.repository()?.issues.comments.get(&id).ok_or_else(Refusal::not_found)
}

fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    Ok(answer::ok(&render::comment::Comment::of(call.state, call.repository()?, named(call)?)))
}

#[derive(Deserialize)]
struct Said {
    body: Option<String>,
}

fn said(call: &Call<'_>) -> Result<String, Refusal> {
    let said: Said = call.body()?;
    said.body
        .filter(|body| !body.trim().is_empty())
        .ok_or_else(|| Refusal::invalid("IssueComment", "body", Code::MissingField))
}

fn create(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let body = said(call)?;
    let (issue, author, app) = (issues::named(call)?.number, call.actor()?, call.app());
    if issues::named(call)?.locked && !call.may(Permission::Issues, Access::Write) {
        return Err(Refusal::forbidden("Unable to create comment because issue is locked.").into());
    }
    let (id, now) = (CommentId(call.state.draw.id()), call.state.now);
    let repository = call.repository_mut()?;
    let comment = Comment { id, issue, author, app, body, created_at: now, updated_at: now };
    repository.issues.comments.insert(id, comment);
    if let Some(issue) = repository.issues.issues.get_mut(&issue) {
        issue.comments += 1;
        issue.updated_at = now;
    }
    let here = (call.repository_id()?, issue);
    let text = call.repository()?.issues.comments.get(&id).map(|comment| comment.body.clone());
    call.state.refer_in(here, &text.unwrap_or_default(), author);
    tell(call, "created", id)?;
    let comment = call.repository()?.issues.comments.get(&id).ok_or_else(Refusal::not_found)?;
    Ok(answer::created(&render::comment::Comment::of(call.state, call.repository()?, comment)))
}

fn tell(call: &mut Call<'_>, action: &'static str, id: CommentId) -> Result<(), Refusal> {
    let event = call.event("issue_comment", action)?;
    call.state.emit(event, |state, payload| fields(state, event.repository, id, payload));
    Ok(())
}

fn fields(state: &State, repository: RepositoryId, id: CommentId, payload: &mut Payload) {
    let Some(repository) = state.repositories.get(repository) else { return };
    let Some(comment) = repository.issues.comments.get(&id) else { return };
    if let Some(issue) = repository.issues.get(comment.issue) {
        payload.field("issue", &render::issue::Issue::of(state, repository, issue));
    }
    payload.field("comment", &render::comment::Comment::of(state, repository, comment));
}

/// Its author's, or who may triage.
fn own(call: &Call<'_>) -> Result<CommentId, Refusal> {
    let comment = named(call)?;
    if comment.author == call.actor()? || call.may(Permission::Issues, Access::Write) {
        return Ok(comment.id);
    }
    Err(Refusal::forbidden("Must have admin rights to Repository."))
}

#[derive(serde::Serialize)]
struct Changes<'a> {
    body: Before<&'a str>,
}

fn update(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let body = said(call)?;
    let (id, now) = (own(call)?, call.state.now);
    let comment = call.repository_mut()?.issues.comments.get_mut(&id).ok_or_else(Refusal::not_found)?;
    comment.updated_at = now;
    let before = std::mem::replace(&mut comment.body, body);
    let event = call.event("issue_comment", "edited")?;
    call.state.emit(event, |state, payload| {
        fields(state, event.repository, id, payload);
        payload.field("changes", &Changes { body: Before { from: &before } });
    });
    get(call)
}

fn delete(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let id = own(call)?;
    tell(call, "deleted", id)?;
    let repository = call.repository_mut()?;
    if let Some(gone) = repository.issues.comments.remove(&id)
        && let Some(issue) = repository.issues.issues.get_mut(&gone.issue)
    {
        issue.comments = issue.comments.saturating_sub(1);
    }
    Ok(answer::no_content())
}
