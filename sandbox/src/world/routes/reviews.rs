//! Reviews of pull requests.

mod create;

use http::Method;
use serde::{Deserialize, Serialize};

pub(super) use self::create::{at_commit, reviewed_commit};
use super::pulls::named;
use crate::world::{
    answer::{self, Answer},
    before::Before,
    call::Call,
    id::{Number, ReviewId},
    page::Page,
    permission::Permission,
    refusal::{Refusal, Stop},
    render,
    review::{Review, Verdict, event},
    router::{Needs, Route, read, route, write},
};

const READ: Needs = read(Permission::PullRequests);
const OPEN: Needs = Needs::Open(Permission::PullRequests);

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/repos/{owner}/{repo}/pulls/{pull_number}/reviews", READ, list),
    route(Method::POST, "/repos/{owner}/{repo}/pulls/{pull_number}/reviews", OPEN, create::create),
    route(Method::GET, "/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}", READ, get),
    route(Method::PUT, "/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}", OPEN, update),
    route(Method::DELETE, "/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}", OPEN, delete),
    route(Method::GET, "/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/comments", READ, comments),
    route(Method::POST, "/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/events", OPEN, create::submit),
    route(
        Method::PUT,
        "/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/dismissals",
        write(Permission::PullRequests),
        dismiss,
    ),
];

/// The review that the path names, if the principal may see it.
fn this<'a>(call: &'a Call<'_>) -> Result<&'a Review, Refusal> {
    let number: Number = named(call)?.pull.number;
    let id: ReviewId = call.parameter("review_id")?;
    let review = call.repository()?.pulls.reviews.get(&id).filter(|review| review.pull == number);
    review.filter(|review| is_seen(call, review)).ok_or_else(Refusal::not_found)
}

/// One that is still being written is its author's alone.
fn is_seen(call: &Call<'_>, review: &Review) -> bool {
    review.submitted_at.is_some() || call.actor().is_ok_and(|actor| actor == review.author)
}

fn shown(call: &Call<'_>, id: ReviewId) -> Result<Answer, Stop> {
    let repository = call.repository()?;
    let review = repository.pulls.reviews.get(&id).ok_or_else(Refusal::not_found)?;
    Ok(answer::ok(&render::review::Review::of(call.state, repository, review)))
}

fn list(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let repository = call.repository()?;
    let number = named(call)?.pull.number;
    let seen = repository.pulls.reviews(number).filter(|review| is_seen(call, review));
    Ok(Page::of(call, seen)?.answer(|review| render::review::Review::of(call.state, repository, review)))
}

fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    shown(call, this(call)?.id)
}

fn comments(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let repository = call.repository()?;
    let page = Page::of(call, repository.pulls.comments_of(this(call)?))?;
    Ok(page.answer(|comment| render::review_comment::Comment::of_review(call.state, repository, comment)))
}

/// The review that the path names, if it is the principal's own.
fn own<'a>(call: &'a Call<'_>) -> Result<&'a Review, Refusal> {
    let review = this(call)?;
    if review.author == call.actor()? {
        Ok(review)
    } else {
        Err(Refusal::forbidden("Must be the author of the review."))
    }
}

#[derive(Deserialize)]
struct Said {
    body: String,
}

#[derive(Serialize)]
struct Changes<'a> {
    body: Before<&'a str>,
}

fn update(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let Said { body } = call.body()?;
    let (id, submitted) = own(call).map(|review| (review.id, review.submitted_at.is_some()))?;
    let (repository, by) = (call.repository_id()?, call.actor()?);
    let review = call.repository_mut()?.pulls.reviews.get_mut(&id).ok_or_else(Refusal::not_found)?;
    let before = std::mem::replace(&mut review.body, body);
    if submitted && review.body != before {
        call.state.tell_review(event("edited", repository, by), id, |_, payload| {
            payload.field("changes", &Changes { body: Before { from: &before } });
        });
    }
    shown(call, id)
}

fn delete(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let review = own(call)?;
    if review.submitted_at.is_some() {
        return Err(Refusal::said("Can not delete a non-pending pull request review").into());
    }
    let (repository, id) = (call.repository_id()?, review.id);
    let gone = call.state.discard_review(repository, id).ok_or_else(Refusal::not_found)?;
    Ok(answer::ok(&render::review::Review::of(call.state, call.repository()?, &gone)))
}

#[derive(Deserialize)]
struct Dismissal {
    message: Option<String>,
}

fn dismiss(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let Dismissal { message } = call.body()?;
    let review = this(call)?;
    if message.is_none_or(|message| message.trim().is_empty()) {
        return Err(Refusal::said("You must provide a message when dismissing a pull request review").into());
    }
    match review.verdict {
        Verdict::Approved | Verdict::ChangesRequested => {}
        Verdict::Pending => return Err(Refusal::said("Can not dismiss a pending pull request review").into()),
        Verdict::Commented => return Err(Refusal::said("Can not dismiss a commented pull request review").into()),
        Verdict::Dismissed => return Err(Refusal::said("Can not dismiss a dismissed pull request review").into()),
    }
    let (repository, id, by) = (call.repository_id()?, review.id, call.actor()?);
    call.state.dismiss(repository, id, by);
    shown(call, id)
}
