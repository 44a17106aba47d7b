//! A person, an organisation, or a bot, which has its App's page.

use maud::html;

use super::{address::Address, at::At, frame, home, text};
use crate::world::{Answer, Kind, state::State};

pub(super) fn page(state: &State, address: &Address, login: &str) -> Option<Answer> {
    let account = state.accounts.named(login)?;
    if account.kind == Kind::Bot {
        return Some(frame::elsewhere(&text::home_of(&account.login)));
    }
    let repositories = state.repositories.of(account.id).filter_map(|repository| At::of(state, repository.id));
    let main = html! {
        h1 { img src=(format!("/avatars/{}", account.id)) alt="" width="40" height="40"; " " bdi { (account.login) } }
        @if let Some(name) = &account.name { p dir="auto" { (name) } }
        p.quiet { @if account.kind == Kind::Organization { "An organisation" } @else { "A person" } ", here since " (text::when(account.created_at)) }
        h2 { "Repositories" }
        (home::list(address, repositories))
    };
    Some(frame::page(&account.login, main))
}
