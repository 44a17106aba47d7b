//! A check of a commit: a check run, or a commit status.

use super::{commit, place, text};
use crate::{
    github::{inbound::shown, json::Json},
    machine::{
        Fact,
        fact::{Check, Conclusion},
    },
};

/// The longest summary, in characters: it becomes part of a sentence.
const LONGEST: usize = 200;

pub(super) fn read_run(payload: Json<'_>) -> Option<Fact> {
    let [repository, run] = payload.pick(["repository", "check_run"]);
    let names = ["id", "name", "head_sha", "conclusion", "html_url", "details_url", "output"];
    let [id, name, head, conclusion, page, details, output] = run?.pick(names);
    let [title, summary] = output.map_or([None; 2], |output| output.pick(["title", "summary"]));
    let check = Check {
        name: name?.text()?,
        head: commit(head)?,
        run: id?.number()?,
        conclusion: conclusion.and_then(Json::name).map(|name| conclusion_named(&name)),
        url: page.and_then(Json::text).or_else(|| details.and_then(Json::text)).unwrap_or_default(),
        summary: first_line(&[text(title), text(summary)]),
    };
    Some(Fact::Check(place(repository)?, check))
}

/// What is not known is neither green nor red. GitHub calls stale what has not ended for two weeks: nobody waits for it
/// any more.
fn conclusion_named(name: &str) -> Conclusion {
    match name {
        "success" => Conclusion::Success,
        "failure" => Conclusion::Failure,
        "timed_out" => Conclusion::TimedOut,
        "startup_failure" => Conclusion::StartupFailure,
        "cancelled" | "stale" => Conclusion::Cancelled,
        "skipped" => Conclusion::Skipped,
        "action_required" => Conclusion::ActionRequired,
        _ => Conclusion::Neutral,
    }
}

/// Each status is a report of its own; of one context the latest counts, which has the highest id.
pub(super) fn read_status(payload: Json<'_>) -> Option<Fact> {
    let names = ["repository", "id", "sha", "context", "state", "target_url", "description"];
    let [repository, id, head, context, state, target, description] = payload.pick(names);
    let check = Check {
        name: context?.text()?,
        head: commit(head)?,
        run: id?.number()?,
        conclusion: status(state)?,
        url: text(target),
        summary: first_line(&[text(description)]),
    };
    Some(Fact::Check(place(repository)?, check))
}

fn status(state: Option<Json<'_>>) -> Option<Option<Conclusion>> {
    match state?.name()?.as_ref() {
        "success" => Some(Some(Conclusion::Success)),
        "failure" | "error" => Some(Some(Conclusion::Failure)),
        "pending" => Some(None),
        _ => None,
    }
}

/// The first line of the first text that says something.
fn first_line(texts: &[String]) -> String {
    let line = texts.iter().find_map(|text| text.lines().find(|line| !line.trim().is_empty()));
    shown(line.unwrap_or_default(), LONGEST)
}
