//! Repositories themselves.

use http::Method;

use crate::world::{
    answer::{self, Answer},
    call::Call,
    permission::{Permission, Role},
    refusal::Stop,
    render::repository::Full,
    router::{Route, read, route},
    token::Principal,
};

pub(super) const ROUTES: &[Route] = &[route(Method::GET, "/repos/{owner}/{repo}", read(Permission::Metadata), get)];

fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let repository = call.repository()?;
    Ok(answer::ok(&Full::of(call.state, repository, role(call))))
}

/// The role that is shown to the one who asks.
fn role(call: &Call<'_>) -> Option<Role> {
    match &call.who {
        Principal::Person(person) => call.repository().ok()?.role(*person),
        Principal::Installation(_) | Principal::App(_) | Principal::Anonymous => None,
    }
}
