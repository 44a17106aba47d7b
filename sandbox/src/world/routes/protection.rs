//! A branch's protection.

mod checks;
mod restrictions;
mod reviews;
mod setting;

use http::{Method, StatusCode};

use self::restrictions::{How, Who};
use crate::world::{
    answer::{self, Answer},
    call::Call,
    permission::Permission,
    protection::Protection,
    refusal::{Refusal, Stop},
    render,
    router::{Needs, Route, read, route, write},
};

const READ: Needs = read(Permission::Administration);
const WRITE: Needs = write(Permission::Administration);
const PLACE: &str = "/repos/{owner}/{repo}/branches/{branch}/protection";
const CHECKS: &str = "/repos/{owner}/{repo}/branches/{branch}/protection/required_status_checks";
const CONTEXTS: &str = "/repos/{owner}/{repo}/branches/{branch}/protection/required_status_checks/contexts";
const REVIEWS: &str = "/repos/{owner}/{repo}/branches/{branch}/protection/required_pull_request_reviews";
const RESTRICTIONS: &str = "/repos/{owner}/{repo}/branches/{branch}/protection/restrictions";
const USERS: &str = "/repos/{owner}/{repo}/branches/{branch}/protection/restrictions/users";
const APPS: &str = "/repos/{owner}/{repo}/branches/{branch}/protection/restrictions/apps";
const ADMINS: &str = "/repos/{owner}/{repo}/branches/{branch}/protection/enforce_admins";

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, PLACE, READ, get),
    route(Method::PUT, PLACE, WRITE, setting::set),
    route(Method::DELETE, PLACE, WRITE, delete),
    route(Method::GET, CHECKS, READ, checks::get),
    route(Method::PATCH, CHECKS, WRITE, checks::update),
    route(Method::DELETE, CHECKS, WRITE, checks::delete),
    route(Method::GET, CONTEXTS, READ, checks::contexts),
    route(Method::POST, CONTEXTS, WRITE, checks::add_contexts),
    route(Method::PUT, CONTEXTS, WRITE, checks::set_contexts),
    route(Method::DELETE, CONTEXTS, WRITE, checks::remove_contexts),
    route(Method::GET, REVIEWS, READ, reviews::get),
    route(Method::PATCH, REVIEWS, WRITE, reviews::update),
    route(Method::DELETE, REVIEWS, WRITE, reviews::delete),
    route(Method::GET, RESTRICTIONS, READ, restrictions::get),
    route(Method::DELETE, RESTRICTIONS, WRITE, restrictions::delete),
    route(Method::GET, USERS, READ, |call| restrictions::list(call, Who::Users)),
    route(Method::POST, USERS, WRITE, |call| restrictions::change(call, Who::Users, How::Add)),
    route(Method::PUT, USERS, WRITE, |call| restrictions::change(call, Who::Users, How::Set)),
    route(Method::DELETE, USERS, WRITE, |call| restrictions::change(call, Who::Users, How::Remove)),
    route(Method::GET, APPS, READ, |call| restrictions::list(call, Who::Apps)),
    route(Method::POST, APPS, WRITE, |call| restrictions::change(call, Who::Apps, How::Add)),
    route(Method::PUT, APPS, WRITE, |call| restrictions::change(call, Who::Apps, How::Set)),
    route(Method::DELETE, APPS, WRITE, |call| restrictions::change(call, Who::Apps, How::Remove)),
    route(Method::GET, ADMINS, READ, admins),
    route(Method::POST, ADMINS, WRITE, |call| enforce(call, true)),
    route(Method::DELETE, ADMINS, WRITE, |call| enforce(call, false)),
];

/// The branch that the path names: it is there.
fn branch(call: &Call<'_>) -> Result<String, Refusal> {
    let name = call.text("branch")?;
    match call.repository()?.branch(name) {
        Some(_) => Ok(name.to_owned()),
        None => Err(Refusal::new(StatusCode::NOT_FOUND, "Branch not found")),
    }
}

fn named<'a>(call: &'a Call<'_>) -> Result<&'a Protection, Refusal> {
    call.repository()?.protections.get(&branch(call)?).ok_or_else(not_protected)
}

fn named_mut<'a>(call: &'a mut Call<'_>) -> Result<&'a mut Protection, Refusal> {
    let branch = branch(call)?;
    call.repository_mut()?.protections.get_mut(&branch).ok_or_else(not_protected)
}

fn not_protected() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "Branch not protected")
}

fn url(call: &Call<'_>) -> Result<String, Refusal> {
    Ok(render::protection::url(call.state, call.repository()?, call.text("branch")?))
}

fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    Ok(answer::ok(&render::protection::Whole::of(call.state, url(call)?, named(call)?)))
}

fn delete(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let branch = branch(call)?;
    call.repository_mut()?.protections.remove(&branch).ok_or_else(not_protected)?;
    Ok(answer::no_content())
}

fn admins(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let enforced = named(call)?.switches.enforce_admins;
    Ok(answer::ok(&render::protection::Placed::admins(&url(call)?, enforced)))
}

fn enforce(call: &mut Call<'_>, enforced: bool) -> Result<Answer, Stop> {
    named_mut(call)?.switches.enforce_admins = enforced;
    if enforced { admins(call) } else { Ok(answer::no_content()) }
}
