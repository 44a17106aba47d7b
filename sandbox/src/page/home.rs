//! What there is.

use maud::{Markup, html};

use super::{at::At, frame, text};
use crate::world::{Answer, Kind, state::State};

/// The first page lists so many of a kind.
const MOST: usize = 500;

pub(super) fn page(state: &State) -> Answer {
    let repositories: Vec<At<'_>> = state.repositories.iter().filter_map(|at| At::of(state, at.id)).collect();
    let people: Vec<_> = state.accounts.iter().filter(|account| account.kind != Kind::Bot).collect();
    let main = html! {
        h1 { "A GitHub, played" }
        p { "Repositories with real git, issues, pull requests and checks, for trying what acts on GitHub. The REST API is at " code { (state.addresses.api) } ", git at each repository's address." }
        h2 { "Repositories" }
        (list(&repositories))
        h2 { "People" }
        @if people.is_empty() { p { "Nobody lives here yet." } }
        ul.list {
            @for account in people.iter().take(MOST) { li { (text::who(state, account.id)) @if account.kind == Kind::Organization { span.quiet { " organisation" } } } }
        }
        h2 { "Apps" }
        @if state.apps.apps.is_empty() { p { "There are none." } }
        ul.list { @for app in state.apps.apps.values().take(MOST) { li { (text::who(state, app.bot)) } } }
    };
    frame::page("Repositories", main)
}

/// Repositories with what is open in them.
pub(super) fn list(repositories: &[At<'_>]) -> Markup {
    html! {
        @if repositories.is_empty() { p { "There are none that everybody may see." } }
        ul.list { @for at in repositories.iter().take(MOST) { li { (line(*at)) } } }
        @if repositories.len() > MOST { (text::not_shown(repositories.len() - MOST, "repository")) }
    }
}

fn line(at: At<'_>) -> Markup {
    let open = at.repository.issues.issues.values().filter(|issue| issue.is_open());
    let (pulls, issues): (Vec<_>, Vec<_>) = open.partition(|issue| issue.is_pull_request);
    let (issues, pulls) = (text::counted(issues.len(), "open issue"), text::counted(pulls.len(), "open pull request"));
    html! {
        a href=(at.path(&[])) { bdi { (at.full_name()) } }
        @if let Some(description) = &at.repository.description { p dir="auto" { (description) } }
        p.quiet {
            a href=(at.path(&["issues"])) aria-label=(format!("{}: {issues}", at.full_name())) { (issues) } ", "
            a href=(at.path(&["pulls"])) aria-label=(format!("{}: {pulls}", at.full_name())) { (pulls) }
        }
    }
}
