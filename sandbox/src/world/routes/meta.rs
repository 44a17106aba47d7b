//! The API about itself, and people.

use http::Method;

use crate::world::{
    answer::{self, Answer},
    call::Call,
    refusal::{Refusal, Stop},
    render::user::Public,
    router::{Needs, Route, route},
};

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/user", Needs::Account, whoami),
    route(Method::GET, "/users/{username}", Needs::Nothing, user),
];

fn whoami(call: &mut Call<'_>) -> Result<Answer, Stop> {
    Ok(answer::ok(&Public::of(call.state, call.account()?)))
}

fn user(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let account = call.state.accounts.named(call.text("username")?).ok_or_else(Refusal::not_found)?;
    Ok(answer::ok(&Public::of(call.state, account)))
}
