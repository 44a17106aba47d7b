//! An App on an account.

use maud::html;

use super::{address::Address, app, at::At, frame, home, text};
use crate::world::{Answer, app::Selection, state::State};

pub(super) fn page(state: &State, address: &Address, id: &str) -> Option<Answer> {
    let there = state.apps.installations.get(&id.parse().ok()?)?;
    let app = state.apps.apps.get(&there.app)?;
    let held = state.repositories.of(there.account).filter(|repository| there.holds(repository));
    let repositories = held.filter_map(|repository| At::of(state, repository.id));
    let main = html! {
        h1 { bdi { (app.name) } " on " bdi { (state.login(there.account)) } }
        @if there.suspended.is_some() { p { "It is suspended: it may do nothing." } }
        dl.facts {
            dt { "App" } dd { (text::who(state, app.bot)) }
            dt { "Account" } dd { (text::who(state, there.account)) }
            dt { "Since" } dd { (text::when(there.created_at)) }
            dt { "Repositories" } dd { @if there.repositories == Selection::All { "all" } @else { "chosen ones" } }
        }
        h2 { "What it may do" }
        (app::permissions(&there.permissions))
        h2 { "Where" }
        (home::list(address, repositories))
    };
    Some(frame::page(&app.name, main))
}
