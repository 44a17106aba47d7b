//! Writing a review and handing it in.

use serde::Deserialize;

use super::{own, shown};
use crate::{
    object::Oid,
    world::{
        answer::Answer,
        call::Call,
        pull::{Pull, Whole},
        refusal::{Refusal, Stop},
        review::{Draft, Spot, Verdict},
        routes::pulls::named,
    },
};

#[derive(Deserialize)]
struct New {
    body: Option<String>,
    event: Option<Event>,
    commit_id: Option<String>,
    #[serde(default)]
    comments: Vec<NewComment>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Event {
    Approve,
    RequestChanges,
    Comment,
    Pending,
}

#[derive(Deserialize)]
struct NewComment {
    body: String,
    #[serde(flatten)]
    spot: Spot,
}

impl Event {
    const fn verdict(self) -> Verdict {
        match self {
            Self::Approve => Verdict::Approved,
            Self::RequestChanges => Verdict::ChangesRequested,
            Self::Comment => Verdict::Commented,
            Self::Pending => Verdict::Pending,
        }
    }
}

pub(super) fn create(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let New { body, event, commit_id, comments } = call.body()?;
    let verdict = event.unwrap_or(Event::Pending).verdict();
    let author = call.actor()?;
    let whole = named(call)?;
    let body = body.unwrap_or_default();
    may_say(call, whole, verdict, body.trim().is_empty() && comments.is_empty())?;
    if whole.repository.pulls.reviews(whole.pull.number).any(|it| it.author == author && it.submitted_at.is_none()) {
        return Err(Refusal::said("User can only have one pending review per pull request").into());
    }
    let commit = reviewed_commit(call, whole, commit_id.as_deref())?;
    let at = at_commit(whole.pull, commit);
    let comments = comments
        .into_iter()
        .map(|comment| Ok((call.state.place(&at, &comment.spot)?, comment.body, None)))
        .collect::<Result<_, Refusal>>()?;
    let (repository, number) = (whole.repository.id, whole.pull.number);
    let draft = Draft { author, body, commit, comments };
    let id = call.state.draft_review(repository, number, draft).ok_or_else(Refusal::not_found)?;
    if verdict != Verdict::Pending {
        call.state.submit_review(repository, id, verdict);
    }
    shown(call, id)
}

/// Nobody judges their own work, and a judgement says why.
fn may_say(call: &Call<'_>, whole: Whole<'_>, verdict: Verdict, is_empty: bool) -> Result<(), Refusal> {
    let own = call.actor()? == whole.issue.author;
    match verdict {
        Verdict::Approved if own => Err(Refusal::said("Can not approve your own pull request")),
        Verdict::ChangesRequested if own => Err(Refusal::said("Can not request changes on your own pull request")),
        Verdict::ChangesRequested | Verdict::Commented if is_empty => Err(Refusal::said("Body can not be blank")),
        _ => Ok(()),
    }
}

/// The commit that is named, or the head.
pub(in crate::world::routes) fn reviewed_commit(
    call: &Call<'_>,
    whole: Whole<'_>,
    named: Option<&str>,
) -> Result<Oid, Refusal> {
    let Some(named) = named else { return Ok(whole.pull.head.sha) };
    let commit: Option<Oid> = named.parse().ok();
    commit
        .filter(|commit| *commit == whole.pull.head.sha || call.state.commits_of(whole.pull).contains(commit))
        .ok_or_else(|| Refusal::custom("PullRequestReview", "commit_id", "commit_id is not part of the pull request"))
}

/// The pull request as it was at one of its commits.
pub(in crate::world::routes) fn at_commit(pull: &Pull, commit: Oid) -> Pull {
    let mut pull = pull.clone();
    pull.head.sha = commit;
    pull
}

#[derive(Deserialize)]
struct Handed {
    body: Option<String>,
    event: Option<Event>,
}

pub(super) fn submit(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let Handed { body, event } = call.body()?;
    let review = own(call)?;
    let (id, repository) = (review.id, call.repository_id()?);
    if review.submitted_at.is_some() {
        return Err(Refusal::said("Can not submit a non-pending pull request review").into());
    }
    let verdict = event.filter(|event| *event != Event::Pending).map(Event::verdict);
    let verdict = verdict.ok_or_else(|| Refusal::said("Event must be one of APPROVE, REQUEST_CHANGES or COMMENT"))?;
    let body = body.unwrap_or_else(|| review.body.clone());
    let commented = call.repository()?.pulls.comments_of(review).next().is_some();
    may_say(call, named(call)?, verdict, body.trim().is_empty() && !commented)?;
    if let Some(review) = call.repository_mut()?.pulls.reviews.get_mut(&id) {
        review.body = body;
    }
    call.state.submit_review(repository, id, verdict);
    shown(call, id)
}
