//! Comments on the lines of pull requests.

use http::Method;
use serde::{Deserialize, Serialize};

use super::{
    pulls::named,
    reviews::{at_commit, reviewed_commit},
};
use crate::{
    object::Oid,
    world::{
        answer::{self, Answer},
        before::Before,
        call::Call,
        id::ReviewCommentId,
        moment::Moment,
        page::Page,
        permission::{Access, Permission},
        refusal::{Code, Refusal, Stop},
        render,
        review::{Comment, Draft, Place, Spot, Verdict, comment_event},
        router::{Needs, Route, read, route},
    },
};

const READ: Needs = read(Permission::PullRequests);
const OPEN: Needs = Needs::Open(Permission::PullRequests);

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/repos/{owner}/{repo}/pulls/comments", READ, list),
    route(Method::GET, "/repos/{owner}/{repo}/pulls/comments/{comment_id}", READ, get),
    route(Method::PATCH, "/repos/{owner}/{repo}/pulls/comments/{comment_id}", OPEN, update),
    route(Method::DELETE, "/repos/{owner}/{repo}/pulls/comments/{comment_id}", OPEN, delete),
    route(Method::GET, "/repos/{owner}/{repo}/pulls/{pull_number}/comments", READ, list_of_pull),
    route(Method::POST, "/repos/{owner}/{repo}/pulls/{pull_number}/comments", OPEN, create),
    route(Method::POST, "/repos/{owner}/{repo}/pulls/{pull_number}/comments/{comment_id}/replies", OPEN, reply),
];

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filter {
    sort: Sort,
    direction: Option<Direction>,
    since: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Sort {
    #[default]
    Created,
    CreatedAt,
    Updated,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Direction {
    Asc,
    Desc,
}

fn list(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let pulls = &call.repository()?.pulls;
    page(call, pulls.comments.values().filter(|comment| pulls.is_public(comment)).collect())
}

fn list_of_pull(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let whole = named(call)?;
    page(call, whole.repository.pulls.comments(whole.pull.number).collect())
}

fn page(call: &Call<'_>, mut comments: Vec<&Comment>) -> Result<Answer, Stop> {
    let repository = call.repository()?;
    let filter: Filter = call.query()?;
    let since = filter.since.as_deref().and_then(Moment::parse);
    comments.retain(|comment| since.is_none_or(|since| comment.updated_at >= since));
    if filter.sort == Sort::Updated {
        comments.sort_by_key(|comment| comment.updated_at);
    }
    if filter.direction == Some(Direction::Desc) {
        comments.reverse();
    }
    let page = Page::of(call, comments.into_iter())?;
    Ok(page.answer(|comment| render::review_comment::Comment::of(call.state, repository, comment)))
}

/// The comment that the path names.
fn this<'a>(call: &'a Call<'_>) -> Result<&'a Comment, Refusal> {
    let id: ReviewCommentId = call.parameter("comment_id")?;
    let pulls = &call.repository()?.pulls;
    pulls.comments.get(&id).filter(|comment| pulls.is_public(comment)).ok_or_else(Refusal::not_found)
}

fn shown<'a>(call: &'a Call<'_>, id: ReviewCommentId) -> Result<render::review_comment::Comment<'a>, Refusal> {
    let repository = call.repository()?;
    let comment = repository.pulls.comments.get(&id).ok_or_else(Refusal::not_found)?;
    Ok(render::review_comment::Comment::of(call.state, repository, comment))
}

fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    Ok(answer::ok(&shown(call, this(call)?.id)?))
}

#[derive(Deserialize)]
struct New {
    body: Option<String>,
    commit_id: Option<String>,
    in_reply_to: Option<ReviewCommentId>,
    #[serde(flatten)]
    spot: Spot,
}

fn said(body: Option<String>) -> Result<String, Refusal> {
    body.filter(|body| !body.trim().is_empty())
        .ok_or_else(|| Refusal::invalid("PullRequestReviewComment", "body", Code::MissingField))
}

fn create(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let New { body, commit_id, in_reply_to, spot } = call.body()?;
    let body = said(body)?;
    if let Some(first) = in_reply_to {
        return reply_to(call, first, body);
    }
    let whole = named(call)?;
    let commit = reviewed_commit(call, whole, commit_id.as_deref())?;
    let place = call.state.place(&at_commit(whole.pull, commit), &spot)?;
    say(call, commit, place, body, None)
}

#[derive(Deserialize)]
struct Said {
    body: Option<String>,
}

fn reply(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let Said { body } = call.body()?;
    let body = said(body)?;
    let first = this(call)?.id;
    reply_to(call, first, body)
}

/// Goes on with a conversation, whose place is that of its first comment.
fn reply_to(call: &mut Call<'_>, to: ReviewCommentId, body: String) -> Result<Answer, Stop> {
    let whole = named(call)?;
    let pulls = &whole.repository.pulls;
    let to = pulls.comments.get(&to).filter(|comment| comment.pull == whole.pull.number && pulls.is_public(comment));
    let to = to.ok_or_else(Refusal::not_found)?;
    let (first, commit, place) = (to.in_reply_to.unwrap_or(to.id), to.commit, to.place.clone());
    say(call, commit, place, body, Some(first))
}

/// A comment by itself is a review of one comment, as on GitHub.
fn say(
    call: &mut Call<'_>,
    commit: Oid,
    place: Place,
    body: String,
    in_reply_to: Option<ReviewCommentId>,
) -> Result<Answer, Stop> {
    let (repository, number) = (call.repository_id()?, named(call)?.pull.number);
    let author = call.actor()?;
    let draft = Draft { author, body: String::new(), commit, comments: vec![(place, body, in_reply_to)] };
    let review = call.state.draft_review(repository, number, draft).ok_or_else(Refusal::not_found)?;
    let pulls = &call.repository()?.pulls;
    let id = pulls.reviews.get(&review).and_then(|review| pulls.comments_of(review).next()).map(|comment| comment.id);
    call.state.submit_review(repository, review, Verdict::Commented);
    Ok(answer::created(&shown(call, id.ok_or_else(Refusal::not_found)?)?))
}

/// Its author's, or who may push.
fn own(call: &Call<'_>) -> Result<ReviewCommentId, Refusal> {
    let comment = this(call)?;
    if comment.author == call.actor()? || call.may(Permission::PullRequests, Access::Write) {
        return Ok(comment.id);
    }
    Err(Refusal::forbidden("Must have admin rights to Repository."))
}

#[derive(Serialize)]
struct Changes<'a> {
    body: Before<&'a str>,
}

fn update(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let Said { body } = call.body()?;
    let (body, id) = (said(body)?, own(call)?);
    let (repository, by, now) = (call.repository_id()?, call.actor()?, call.state.now);
    let comment = call.repository_mut()?.pulls.comments.get_mut(&id).ok_or_else(Refusal::not_found)?;
    comment.updated_at = now;
    let before = std::mem::replace(&mut comment.body, body);
    call.state.tell_review_comment(comment_event("edited", repository, by), id, |_, payload| {
        payload.field("changes", &Changes { body: Before { from: &before } });
    });
    get(call)
}

fn delete(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let id = own(call)?;
    let (repository, by) = (call.repository_id()?, call.actor()?);
    call.state.tell_review_comment(comment_event("deleted", repository, by), id, |_, _| {});
    call.repository_mut()?.pulls.remove_comment(id);
    Ok(answer::no_content())
}
