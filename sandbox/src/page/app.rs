//! A GitHub App.

use maud::{Markup, html};

use super::{frame, text};
use crate::world::{Answer, Permissions, state::State};

pub(super) fn page(state: &State, slug: &str) -> Option<Answer> {
    let app = state.apps.slug(slug)?;
    let main = html! {
        h1 { img src=(format!("/avatars/{}", app.bot)) alt="" width="40" height="40"; " " bdi { (app.name) } }
        p.quiet { "A GitHub App. It acts as " bdi { (state.login(app.bot)) } "." }
        @if let Some(description) = &app.description { (text::said(description)) }
        dl.facts {
            dt { "Belongs to" } dd { (text::who(state, app.owner)) }
            dt { "Home" } dd { (text::link(&app.external_url, &app.external_url)) }
            dt { "Number" } dd { (app.id.0) }
            dt { "Since" } dd { (text::when(app.created_at)) }
        }
        h2 { "What it asks for" }
        (permissions(&app.permissions))
        h2 { "What it listens to" }
        (events(app.events.iter().map(String::as_str)))
    };
    Some(frame::page(&app.name, main))
}

pub(super) fn permissions(permissions: &Permissions) -> Markup {
    html! {
        @if permissions.is_empty() { p { "Nothing." } }
        ul { @for (permission, access) in permissions { li { (text::word(permission)) ": " (text::word(access)) } } }
    }
}

pub(super) fn events<'a>(events: impl Iterator<Item = &'a str>) -> Markup {
    let events: Vec<_> = events.collect();
    html! {
        @if events.is_empty() { p { "Nothing." } }
        ul { @for event in events { li { code { (event) } } } }
    }
}
