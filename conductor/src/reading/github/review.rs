//! A review of a pull request.

use bus::{catalogue::agent::Verdict, number::PullNumber};

use super::{author, commit, is_member, place};
use crate::{
    github::json::Json,
    machine::{Fact, fact::Review},
};

pub(super) fn read(payload: Json<'_>) -> Option<Fact> {
    let [repository, pull, review] = payload.pick(["repository", "pull_request", "review"]);
    let names = ["id", "user", "commit_id", "author_association", "state"];
    let [id, user, head, association, state] = review?.pick(names);
    let review = Review {
        id: id?.number()?,
        pull: PullNumber(pull?.field("number")?.number()?),
        reviewer: author(user),
        head: commit(head)?,
        member: is_member(association),
        verdict: verdict(state)?,
    };
    Some(Fact::Review(place(repository)?, review))
}

/// A delivery has it in lower case, an answer of the API in upper case. One that is still being written says nothing.
fn verdict(state: Option<Json<'_>>) -> Option<Option<Verdict>> {
    match state?.name()?.to_ascii_lowercase().as_str() {
        "approved" => Some(Some(Verdict::Approved)),
        "changes_requested" => Some(Some(Verdict::ChangesRequested)),
        "commented" => Some(Some(Verdict::Commented)),
        "dismissed" => Some(None),
        _ => None,
    }
}
