//! How a GitHub App is made from a manifest: another site's form brings it, a person says yes, and the browser goes back
//! with a code that fetches the App.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Request, StatusCode};
use maud::{Markup, html};
use reqwest::Url;
use serde::Deserialize;

use super::{address::Address, app, frame, text};
use crate::world::{Answer, Kind, Moment, World, state::State};

/// What a page says of a manifest before anybody says yes.
#[derive(Deserialize)]
struct Manifest {
    name: String,
    url: String,
    redirect_url: Option<String>,
    #[serde(default)]
    default_permissions: BTreeMap<String, String>,
    #[serde(default)]
    default_events: Vec<String>,
}

#[derive(Deserialize)]
struct Brought {
    manifest: String,
}

#[derive(Deserialize)]
struct Agreed {
    manifest: String,
    owner: String,
    #[serde(default)]
    state: String,
}

pub(super) fn explained() -> Answer {
    let main = html! {
        h1 { "A new GitHub App" }
        p { "Another site's form brings the manifest of an App here. Without one there is nothing to say yes to." }
    };
    frame::page("A new GitHub App", main)
}

/// The form's own word for the state stands in the address.
pub(super) fn asked(state: &State, owner: Option<&str>, address: &Address, form: &Bytes) -> Answer {
    let Ok(Brought { manifest }) = serde_urlencoded::from_bytes(form) else {
        return frame::refused(StatusCode::UNPROCESSABLE_ENTITY, "A form with the field manifest is wanted.");
    };
    let read: Manifest = match serde_json::from_str(&manifest) {
        Ok(read) => read,
        Err(error) => return unreadable(&format!("The manifest cannot be read: {error}.")),
    };
    let back = match read.redirect_url.as_deref().map(back).transpose() {
        Ok(back) => back,
        Err(why) => return unreadable(why),
    };
    let main = html! {
        h1 { "Create the GitHub App " bdi { (read.name) } "?" }
        p { "Its home is " (text::link(&read.url, &read.url)) "." }
        h2 { "What it asks for" }
        @if read.default_permissions.is_empty() { p { "Nothing." } }
        ul { @for (permission, access) in &read.default_permissions { li { bdi { (permission) } ": " bdi { (access) } } } }
        h2 { "What it listens to" }
        (app::events(read.default_events.iter().map(String::as_str)))
        form method="post" action="/settings/apps/create" {
            input type="hidden" name="manifest" value=(manifest);
            input type="hidden" name="state" value=(address.said("state").unwrap_or_default());
            (owners(state, owner))
            p { button type="submit" { "Create GitHub App" } }
        }
    };
    let mut answer = frame::still("Create a GitHub App", main);
    if let Some(back) = back {
        frame::lead_on(&mut answer, &back.origin().ascii_serialization());
    }
    answer
}

/// Nobody is signed in here, so the form asks whose the App shall be.
fn owners(state: &State, owner: Option<&str>) -> Markup {
    let accounts = state.accounts.iter().filter(|account| account.kind != Kind::Bot);
    let wanted = accounts.filter(|account| owner.is_none_or(|owner| account.login.eq_ignore_ascii_case(owner)));
    html! {
        p {
            label for="owner" { "It belongs to " }
            select id="owner" name="owner" { @for account in wanted { option value=(account.login) { (account.login) } } }
        }
    }
}

/// Takes the yes. Only this world's own page may bring it: another site's must show the person what is asked first.
pub(super) fn created(world: &mut World, now: Moment, request: &Request<Bytes>) -> Answer {
    let site = request.headers().get("sec-fetch-site");
    if site.is_some_and(|site| site != "same-origin") {
        return frame::refused(StatusCode::FORBIDDEN, "Only the page that shows the manifest may send this form.");
    }
    let Ok(Agreed { manifest, owner, state }) = serde_urlencoded::from_bytes(request.body()) else {
        return unreadable("A form with the fields manifest and owner is wanted.");
    };
    let Some(owner) =
        world.state().accounts.named(&owner).filter(|owner| owner.kind != Kind::Bot).map(|owner| owner.id)
    else {
        return unreadable("There is no such owner.");
    };
    let address = serde_json::from_str::<Manifest>(&manifest).ok().and_then(|read| read.redirect_url);
    let back = match address.as_deref().map(back).transpose() {
        Ok(back) => back,
        Err(why) => return unreadable(why),
    };
    match world.manifest(now, owner, &manifest) {
        Err(error) => unreadable(&error.to_string()),
        Ok(registered) => leave(back, &registered.code, &state),
    }
}

fn leave(back: Option<Url>, code: &str, state: &str) -> Answer {
    let Some(mut back) = back else {
        let main = html! {
            h1 { "The GitHub App is made" }
            p { "The manifest names no address to go back to. Its code is " code { (code) } "." }
        };
        return frame::still("The GitHub App is made", main);
    };
    back.query_pairs_mut().append_pair("code", code);
    if !state.is_empty() {
        back.query_pairs_mut().append_pair("state", state);
    }
    frame::elsewhere(back.as_str())
}

/// Where the browser goes back to: to the web, and nothing that would be more than one origin in the page's policy.
fn back(address: &str) -> Result<Url, &'static str> {
    let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let url = url.ok_or("The manifest's redirect_url is no address on the web.")?;
    let plain = |letter: char| letter.is_ascii_alphanumeric() || ".:-/[]".contains(letter);
    if url.origin().ascii_serialization().chars().all(plain) {
        return Ok(url);
    }
    Err("The manifest's redirect_url has a host that no page can lead to.")
}

fn unreadable(why: &str) -> Answer {
    frame::refused(StatusCode::UNPROCESSABLE_ENTITY, why)
}
