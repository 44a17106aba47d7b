//! Issues, pull requests, reviews, discussions: what people say to each other.

use super::{Scene, after_colon, quoted, short, spaced};
use crate::github::{
    json::Json,
    payload::{login, name, words},
};

pub(super) fn issue(scene: Scene<'_, '_>) -> Option<String> {
    let (who, action, thing) = (scene.who()?, scene.action()?, scene.titled()?);
    let reason = scene.payload.thing?.state_reason.and_then(Json::name);
    Some(match (action.as_ref(), reason.as_deref()) {
        ("closed", Some("not_planned")) => format!("{who} closed as not planned {thing}"),
        ("closed", Some("duplicate")) => format!("{who} closed as a duplicate {thing}"),
        (other, _) => shared(scene, &who, other, &thing),
    })
}

pub(super) fn pull_request(scene: Scene<'_, '_>) -> Option<String> {
    let (who, action, thing) = (scene.who()?, scene.action()?, scene.titled()?);
    let merged = || scene.payload.thing.and_then(|thing| thing.merged).is_some_and(Json::is_true);
    Some(match action.as_ref() {
        "closed" if merged() => format!("{who} merged {thing}"),
        "synchronize" => format!("{who} pushed {}to {thing}", head(scene)),
        "ready_for_review" => format!("{who} says ready for review: {thing}"),
        "converted_to_draft" => format!("{who} made a draft of {thing}"),
        "review_requested" => format!("{who} asked {} to review {thing}", reviewer(scene)?),
        "review_request_removed" => format!("{who} no longer asks {} to review {thing}", reviewer(scene)?),
        "auto_merge_enabled" => format!("{who} switched auto-merge on for {thing}"),
        "auto_merge_disabled" => format!("{who} switched auto-merge off for {thing}"),
        other => shared(scene, &who, other, &thing),
    })
}

/// What issues and pull requests have in common. An action nobody has seen is its own verb.
fn shared(scene: Scene<'_, '_>, who: &str, action: &str, thing: &str) -> String {
    let label = name(scene.payload.label, "name").map(|label| quoted(&label));
    let assignee = login(scene.payload.assignee).map(|login| quoted(&login));
    match (action, label, assignee) {
        ("labeled", Some(label), _) => format!("{who} put the label {label} on {thing}"),
        ("unlabeled", Some(label), _) => format!("{who} took the label {label} off {thing}"),
        ("assigned", _, Some(assignee)) => format!("{who} assigned {assignee} to {thing}"),
        ("unassigned", _, Some(assignee)) => format!("{who} unassigned {assignee} from {thing}"),
        (other, _, _) => format!("{who} {} {thing}", spaced(other)),
    }
}

fn head(scene: Scene<'_, '_>) -> String {
    let head = scene.payload.thing.and_then(|thing| thing.head);
    name(head, "sha").map(|sha| format!("{} ", short(&sha))).unwrap_or_default()
}

fn reviewer(scene: Scene<'_, '_>) -> Option<String> {
    let team = || name(scene.payload.requested_team, "name");
    login(scene.payload.requested_reviewer).or_else(team).map(|name| quoted(&name))
}

pub(super) fn comment(scene: Scene<'_, '_>) -> Option<String> {
    said(scene, scene.at()?)
}

pub(super) fn review_comment(scene: Scene<'_, '_>) -> Option<String> {
    let path = name(scene.payload.comment, "path").map(|path| format!(" {}", quoted(&path)));
    said(scene, format!("{}{}", scene.at()?, path.unwrap_or_default()))
}

/// A comment that was made, edited or deleted, and how it begins.
pub(super) fn said(scene: Scene<'_, '_>, at: String) -> Option<String> {
    let (who, action) = (scene.who()?, scene.action()?);
    let words = after_colon(words(scene.payload.comment, "body"));
    Some(match action.as_ref() {
        "created" => format!("{who} commented on {at}{words}"),
        other => format!("{who} {} a comment on {at}{words}", spaced(other)),
    })
}

pub(super) fn review(scene: Scene<'_, '_>) -> Option<String> {
    let (who, action, at) = (scene.who()?, scene.action()?, scene.at()?);
    let words = after_colon(words(scene.payload.review, "body"));
    let state = name(scene.payload.review, "state").map(|state| state.to_ascii_lowercase());
    Some(match (action.as_ref(), state.as_deref()) {
        ("submitted", Some("approved")) => format!("{who} approved {at}{words}"),
        ("submitted", Some("changes_requested")) => {
            format!("{who} asked for changes in {at}{words}")
        }
        ("submitted", _) => format!("{who} reviewed {at}{words}"),
        (other, _) => format!("{who} {} a review of {at}{words}", spaced(other)),
    })
}

pub(super) fn review_thread(scene: Scene<'_, '_>) -> Option<String> {
    Some(format!("{} {} a thread on {}", scene.who()?, spaced(&scene.action()?), scene.at()?))
}

pub(super) fn discussion(scene: Scene<'_, '_>) -> Option<String> {
    let (who, action, repository) = (scene.who()?, scene.action()?, scene.repository()?);
    let title = quoted(&scene.payload.thing?.title?.words()?);
    if scene.payload.comment.is_some() && matches!(action.as_ref(), "created" | "edited" | "deleted") {
        return said(scene, format!("the discussion \"{title}\" in {repository}"));
    }
    Some(format!("{who} {} the discussion \"{title}\" in {repository}", spaced(&action)))
}
