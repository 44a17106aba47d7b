//! How an issue is.

use bus::number::IssueNumber;

use super::{author, labels, login, moment, place, text};
use crate::{
    github::json::Json,
    machine::{Fact, fact::Issue},
};

pub(super) fn read(payload: Json<'_>) -> Option<Fact> {
    let [action, repository, sender, issue] = payload.pick(["action", "repository", "sender", "issue"]);
    // The object tells how the issue was before it went.
    let gone = matches!(action.and_then(Json::name).as_deref(), Some("deleted" | "transferred"));
    let issue = object(issue?, sender)?;
    Some(Fact::Issue(place(repository)?, Issue { open: issue.open && !gone, ..issue }))
}

fn object(issue: Json<'_>, sender: Option<Json<'_>>) -> Option<Issue> {
    let [number, title, body, user, labelled, state, updated_at, closed_by, pull] =
        issue.pick(["number", "title", "body", "user", "labels", "state", "updated_at", "closed_by", "pull_request"]);
    if pull.is_some_and(Json::is_object) {
        return None;
    }
    let open = is_open(state)?;
    let closer = closed_by.filter(|_| !open);
    Some(Issue {
        number: IssueNumber(number?.number()?),
        title: text(title),
        body: text(body),
        author: author(user),
        labels: labels(labelled),
        open,
        updated_at: moment(updated_at)?,
        by: login(closer).or_else(|| login(sender)),
    })
}

fn is_open(state: Option<Json<'_>>) -> Option<bool> {
    match state?.name()?.as_ref() {
        "open" => Some(true),
        "closed" => Some(false),
        _ => None,
    }
}
