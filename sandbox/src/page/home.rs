//! What there is.

use maud::{Markup, html};

use super::{address::Address, at::At, frame, portion::Portion, text};
use crate::world::{Answer, Kind, state::State};

pub(super) fn page(state: &State, address: &Address) -> Answer {
    let repositories = state.repositories.iter().filter_map(|at| At::of(state, at.id));
    let people = Portion::of(address, "people", state.accounts.iter().filter(|account| account.kind != Kind::Bot));
    let apps = Portion::of(address, "apps", state.apps.apps.values());
    let main = html! {
        h1 { "A GitHub, played" }
        p { "Repositories with real git, issues, pull requests and checks, for trying what acts on GitHub. The REST API is at " code { (state.addresses.api) } ", git at each repository's address." }
        h2 { "Repositories" }
        (list(address, repositories))
        h2 { "People" }
        @if people.items.is_empty() { p { "Nobody lives here yet." } }
        ul.flow {
            @for account in &people.items { li { (text::who(state, account.id)) @if account.kind == Kind::Organization { " " span.quiet { "organisation" } } } }
        }
        (people.ways())
        h2 { "Apps" }
        @if apps.items.is_empty() { p { "There are none." } }
        ul.flow { @for app in &apps.items { li { (text::who(state, app.bot)) } } }
        (apps.ways())
    };
    frame::page("Repositories", main)
}

/// Repositories with what is open in them.
pub(super) fn list<'a>(address: &Address, repositories: impl Iterator<Item = At<'a>>) -> Markup {
    let shown = Portion::of(address, "page", repositories);
    html! {
        @if shown.items.is_empty() { p { "There are none that everybody may see." } }
        @else { ul.list { @for at in &shown.items { li { (line(*at)) } } } }
        (shown.ways())
    }
}

fn line(at: At<'_>) -> Markup {
    let open = at.repository.issues.issues.values().filter(|issue| issue.is_open());
    let (pulls, issues): (Vec<_>, Vec<_>) = open.partition(|issue| issue.is_pull_request);
    let (issues, pulls) = (text::counted(issues.len(), "open issue"), text::counted(pulls.len(), "open pull request"));
    html! {
        a.title href=(at.path(&[])) { bdi { (at.full_name()) } }
        @if let Some(description) = &at.repository.description { p dir="auto" { (description) } }
        p.quiet {
            a href=(at.path(&["issues"])) aria-label=(format!("{}: {issues}", at.full_name())) { (issues) } ", "
            a href=(at.path(&["pulls"])) aria-label=(format!("{}: {pulls}", at.full_name())) { (pulls) }
        }
    }
}
