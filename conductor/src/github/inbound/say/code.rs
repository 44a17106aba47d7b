//! Commits and what becomes of them: pushes, checks, deployments, releases.

use bus::catalogue::github::Event;

use super::{Scene, after_colon, first_line, quoted, short, spaced, talk};
use crate::github::{
    json::Json,
    payload::{name, words},
};

pub(super) fn push(scene: Scene<'_, '_>) -> Option<String> {
    let payload = scene.payload;
    let (who, repository) = (scene.who()?, scene.repository()?);
    let full = payload.reference?.name()?;
    let branch = match full.strip_prefix("refs/tags/") {
        Some(tag) => format!("the tag {}", quoted(tag)),
        None => quoted(full.trim_start_matches("refs/heads/")),
    };
    if payload.deleted.is_some_and(Json::is_true) {
        return Some(format!("{who} deleted {branch} in {repository}"));
    }
    let head = payload.after.and_then(Json::name).map(|after| format!(" {}", short(&after))).unwrap_or_default();
    let message = after_colon(words(payload.head_commit, "message"));
    let what = match payload.commits.map_or(0, |commits| commits.items().count()) {
        0 if payload.created.is_some_and(Json::is_true) => "created".to_owned(),
        0 => "moved".to_owned(),
        1 => "pushed 1 commit to".to_owned(),
        n => format!("pushed {n} commits to"),
    };
    let forced = if payload.forced.is_some_and(Json::is_true) { " by force" } else { "" };
    Some(format!("{who} {what} {branch} in {repository}{forced}{head}{message}"))
}

pub(super) fn reference(scene: Scene<'_, '_>, event: Event) -> Option<String> {
    let verb = if event == Event::Create { "created" } else { "deleted" };
    let kind = spaced(&scene.payload.ref_type?.name()?);
    let (who, repository) = (scene.who()?, scene.repository()?);
    match scene.payload.reference.and_then(Json::name) {
        Some(reference) => Some(format!("{who} {verb} the {kind} {} in {repository}", quoted(&reference))),
        None => Some(format!("{who} {verb} the {kind} {repository}")),
    }
}

pub(super) fn commit_comment(scene: Scene<'_, '_>) -> Option<String> {
    let commit = name(scene.payload.comment, "commit_id")?;
    talk::said(scene, format!("{} {}", scene.repository()?, short(&commit)))
}

/// A check run, a workflow's run or its job: all are named, and end with a conclusion on a commit.
pub(super) fn check(check: Option<Json<'_>>, scene: Scene<'_, '_>) -> Option<String> {
    let [title, status, conclusion, sha] = check?.pick(["name", "status", "conclusion", "head_sha"]);
    let title = quoted(&title?.name()?);
    let became = conclusion.or(status).and_then(Json::name).or_else(|| status?.name())?;
    Some(format!("{title} {} on {} {}", ended(&became), scene.repository()?, short(&sha?.name()?)))
}

pub(super) fn suite(scene: Scene<'_, '_>) -> Option<String> {
    let [app, status, conclusion, sha] = scene.payload.check_suite?.pick(["app", "status", "conclusion", "head_sha"]);
    let app = quoted(&name(app, "name")?);
    let became = conclusion.and_then(Json::name).or_else(|| status?.name()).or_else(|| scene.action())?;
    Some(format!("{app} {} on {} {}", ended(&became), scene.repository()?, short(&sha?.name()?)))
}

pub(super) fn status(scene: Scene<'_, '_>) -> Option<String> {
    let (context, state) = (scene.payload.context?.name()?, scene.payload.state?.name()?);
    let sha = short(&scene.payload.sha?.name()?);
    let words = after_colon(scene.payload.description.and_then(Json::words));
    Some(format!("{} {} on {} {sha}{words}", quoted(&context), ended(&state), scene.repository()?))
}

/// GitHub's word for how something ended, as a verb where there is one.
fn ended(word: &str) -> String {
    match word {
        "success" => "passed".to_owned(),
        "failure" => "failed".to_owned(),
        "error" => "broke".to_owned(),
        "timed_out" => "ran out of time".to_owned(),
        "cancelled" => "was cancelled".to_owned(),
        "skipped" => "was skipped".to_owned(),
        "stale" => "went stale".to_owned(),
        "neutral" => "ended neutral".to_owned(),
        "action_required" => "needs somebody".to_owned(),
        other => format!("is {}", spaced(other)),
    }
}

pub(super) fn deployment(scene: Scene<'_, '_>) -> Option<String> {
    let (who, repository) = (scene.who()?, scene.repository()?);
    Some(format!("{who} deploys {repository}{}", deployed(scene)?))
}

pub(super) fn deployment_status(scene: Scene<'_, '_>) -> Option<String> {
    let [state, description] = scene.payload.deployment_status?.pick(["state", "description"]);
    let words = after_colon(description.and_then(Json::words));
    let became = match state?.name()?.as_ref() {
        "success" => "succeeded".to_owned(),
        other => ended(other),
    };
    Some(format!("the deployment of {}{} {became}{words}", scene.repository()?, deployed(scene)?))
}

/// ` 4c1e0a9 to production`.
fn deployed(scene: Scene<'_, '_>) -> Option<String> {
    let [sha, environment] = scene.payload.deployment?.pick(["sha", "environment"]);
    Some(format!(" {} to {}", short(&sha?.name()?), quoted(&environment?.name()?)))
}

pub(super) fn release(scene: Scene<'_, '_>) -> Option<String> {
    let [tag, title] = scene.payload.release?.pick(["tag_name", "name"]);
    let tag = tag?.name()?;
    let title = title.and_then(Json::words).filter(|title| first_line(title) != tag);
    let what = format!("{} of {}{}", quoted(&tag), scene.repository()?, after_colon(title));
    Some(format!("{} {} {what}", scene.who()?, spaced(&scene.action()?)))
}
