//! The repository itself: its labels, who watches it, who belongs to it, its webhook.

use bus::catalogue::github::Event;

use super::{Scene, after_colon, quoted, spaced};
use crate::github::{
    json::Json,
    payload::{login, name, words},
};

pub(super) fn label(scene: Scene<'_, '_>) -> Option<String> {
    owned(scene, "label", name(scene.payload.label, "name")?.as_ref())
}

pub(super) fn milestone(scene: Scene<'_, '_>) -> Option<String> {
    owned(scene, "milestone", words(scene.payload.milestone, "title")?.as_ref())
}

fn owned(scene: Scene<'_, '_>, what: &str, title: &str) -> Option<String> {
    let (who, action, repository) = (scene.who()?, scene.action()?, scene.repository()?);
    Some(format!("{who} {} the {what} {} in {repository}", spaced(&action), quoted(title)))
}

pub(super) fn attention(scene: Scene<'_, '_>, event: Event) -> Option<String> {
    let (who, repository) = (scene.who()?, scene.repository()?);
    Some(match event {
        Event::Fork => format!("{who} forked {repository} to {}", quoted(&name(scene.payload.forkee, "full_name")?)),
        Event::Public => format!("{who} made {repository} public"),
        Event::Watch => format!("{who} {} watching {repository}", spaced(&scene.action()?)),
        _ if scene.action()? == "deleted" => format!("{who} took the star off {repository}"),
        _ => format!("{who} starred {repository}"),
    })
}

pub(super) fn member(scene: Scene<'_, '_>) -> Option<String> {
    let (who, action, repository) = (scene.who()?, scene.action()?, scene.repository()?);
    let member = quoted(&login(scene.payload.member)?);
    Some(match action.as_ref() {
        "added" => format!("{who} added {member} to {repository}"),
        "removed" => format!("{who} removed {member} from {repository}"),
        other => format!("{who} {} {member} in {repository}", spaced(other)),
    })
}

pub(super) fn itself(scene: Scene<'_, '_>) -> Option<String> {
    Some(format!("{} {} {}", scene.who()?, spaced(&scene.action()?), scene.repository()?))
}

pub(super) fn ping(scene: Scene<'_, '_>) -> Option<String> {
    let hook = scene.payload.hook_id.and_then(Json::number).map(|id| format!(" {id}")).unwrap_or_default();
    let of = scene.place.known().map(|place| format!(" of {place}")).unwrap_or_default();
    Some(format!("GitHub's webhook{hook}{of} reaches the Rig{}", after_colon(scene.payload.zen.and_then(Json::words))))
}
