//! Pages for people: what the played world shows in a browser. Pure: the world in, HTML out.
//!
//! Whoever looks has no token, so what is private reads as absent. What people, bots and repositories say is data: it is
//! escaped by construction, no page runs a script but the one of ours, and a link leads only to the web.

mod account;
mod actions;
mod address;
mod app;
mod at;
mod avatar;
mod branches;
mod checks;
mod commit;
mod compare;
mod conversation;
mod diff;
mod file;
mod folder;
mod frame;
mod happening;
mod home;
mod installation;
mod issue;
mod issues;
mod manifest;
mod portion;
mod pull;
mod pulls;
mod run;
mod site;
mod text;

use bytes::Bytes;
use http::Request;

use self::{address::Address, at::At};
use crate::world::{Answer, Moment, World, repository::Found, state::State};

impl World {
    /// The page at an address: a path, maybe with a query.
    #[must_use]
    pub fn page(&self, address: &str) -> Answer {
        let address = Address::of(address);
        found(self.state(), &address).unwrap_or_else(frame::missing)
    }

    /// What comes of a form that was sent from a page, this world's or another's.
    pub fn page_form(&mut self, now: Moment, request: &Request<Bytes>) -> Answer {
        let address = Address::of(request.uri().path_and_query().map_or("/", |path| path.as_str()));
        match address.parts().as_slice() {
            ["settings", "apps", "new"] => manifest::asked(self.state(), None, &address, request.body()),
            ["organizations", owner, "settings", "apps", "new"] => {
                manifest::asked(self.state(), Some(owner), &address, request.body())
            }
            ["settings", "apps", "create"] => manifest::created(self, now, request),
            _ => frame::missing(),
        }
    }
}

fn found(state: &State, address: &Address) -> Option<Answer> {
    match address.parts().as_slice() {
        [] => Some(home::page(state, address)),
        ["icon.svg"] => Some(avatar::icon()),
        ["avatars", id] => avatar::drawn(id),
        ["apps", slug] => app::page(state, slug),
        ["settings", "apps", "new"] | ["organizations", _, "settings", "apps", "new"] => Some(manifest::explained()),
        ["settings", "installations", id] | ["organizations", _, "settings", "installations", id] => {
            installation::page(state, address, id)
        }
        [login] => account::page(state, address, login),
        [owner, name, rest @ ..] => match state.find(owner, name)? {
            Found::Here(id) => in_repository(At::of(state, id)?, address, rest),
            Found::Moved(id) => Some(frame::elsewhere(&At::of(state, id)?.path(rest))),
        },
    }
}

fn in_repository(at: At<'_>, address: &Address, rest: &[&str]) -> Option<Answer> {
    match rest {
        [] => Some(folder::front(at)),
        ["branches"] => Some(branches::page(at, address)),
        ["issues"] => Some(issues::page(at, address)),
        ["issues", number] => issue::page(at, number.parse().ok()?),
        ["pulls"] => Some(pulls::page(at, address)),
        ["pull", number] => pull::page(at, number),
        ["pull", number, "files" | "commits" | "checks"] => pull::page(at, number),
        ["commits", name @ ..] => branches::history(at, address, name),
        ["commit", name @ ..] => commit::page(at, &name.join("/")),
        ["compare", names @ ..] => compare::page(at, &names.join("/")),
        ["tree", place @ ..] => folder::page(at, place),
        ["blob", place @ ..] => file::page(at, place),
        ["raw", place @ ..] => file::raw(at, place),
        ["runs", id] | ["actions", "runs", _, "job", id] => run::page(at, id.parse().ok()?),
        ["actions"] => Some(actions::page(at, address)),
        ["actions", "runs", id] => actions::run(at, id.parse().ok()?),
        _ => None,
    }
}
