//! The API about itself: where everything is, and how much may be asked.

use http::{HeaderValue, Method, StatusCode};
use serde::{Serialize, Serializer, ser::SerializeMap};

use crate::world::{
    answer::{self, Answer},
    call::Call,
    limits::{Resource, Who},
    refusal::Stop,
    render::limit::Overview,
    router::{Needs, Route, route},
};

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/", Needs::Nothing, root),
    route(Method::GET, "/meta", Needs::Nothing, meta),
    route(Method::GET, "/zen", Needs::Nothing, zen),
    route(Method::GET, "/rate_limit", Needs::Nothing, limit),
];

/// What comes after the API's address.
const PLACES: [(&str, &str); 30] = [
    ("current_user_url", "/user"),
    ("authorizations_url", "/authorizations"),
    ("code_search_url", "/search/code?q={query}{&page,per_page,sort,order}"),
    ("commit_search_url", "/search/commits?q={query}{&page,per_page,sort,order}"),
    ("emails_url", "/user/emails"),
    ("emojis_url", "/emojis"),
    ("events_url", "/events"),
    ("feeds_url", "/feeds"),
    ("followers_url", "/user/followers"),
    ("following_url", "/user/following{/target}"),
    ("gists_url", "/gists{/gist_id}"),
    ("issue_search_url", "/search/issues?q={query}{&page,per_page,sort,order}"),
    ("issues_url", "/issues"),
    ("keys_url", "/user/keys"),
    ("label_search_url", "/search/labels?q={query}&repository_id={repository_id}{&page,per_page}"),
    ("notifications_url", "/notifications"),
    ("organization_url", "/orgs/{org}"),
    ("organization_repositories_url", "/orgs/{org}/repos{?type,page,per_page,sort}"),
    ("organization_teams_url", "/orgs/{org}/teams"),
    ("public_gists_url", "/gists/public"),
    ("rate_limit_url", "/rate_limit"),
    ("repository_url", "/repos/{owner}/{repo}"),
    ("repository_search_url", "/search/repositories?q={query}{&page,per_page,sort,order}"),
    ("current_user_repositories_url", "/user/repos{?type,page,per_page,sort}"),
    ("starred_url", "/user/starred{/owner}{/repo}"),
    ("starred_gists_url", "/gists/starred"),
    ("user_url", "/users/{user}"),
    ("user_organizations_url", "/user/orgs"),
    ("user_repositories_url", "/users/{user}/repos{?type,page,per_page,sort}"),
    ("user_search_url", "/search/users?q={query}{&page,per_page,sort,order}"),
];

struct Root<'a> {
    api: &'a str,
    html: &'a str,
}

impl Serialize for Root<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(PLACES.len() + 1))?;
        for (name, place) in PLACES {
            map.serialize_entry(name, &format!("{}{place}", self.api))?;
        }
        let page = format!("{}/settings/connections/applications{{/client_id}}", self.html);
        map.serialize_entry("current_user_authorizations_html_url", &page)?;
        map.end()
    }
}

fn root(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let addresses = &call.state.addresses;
    Ok(answer::ok(&Root { api: &addresses.api, html: &addresses.html }))
}

#[derive(Serialize)]
struct Meta {
    verifiable_password_authentication: bool,
}

#[allow(clippy::unnecessary_wraps, reason = "a handler like the others")]
fn meta(_: &mut Call<'_>) -> Result<Answer, Stop> {
    Ok(answer::ok(&Meta { verifiable_password_authentication: false }))
}

#[allow(clippy::unnecessary_wraps, reason = "a handler like the others")]
fn zen(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let kind = HeaderValue::from_static("text/plain;charset=utf-8");
    Ok(answer::of(StatusCode::OK, call.state.zen().into(), kind))
}

#[allow(clippy::unnecessary_wraps, reason = "a handler like the others")]
fn limit(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let who = Who::from(&call.who);
    let [core, search] = [Resource::Core, Resource::Search].map(|resource| call.state.window(who, resource));
    Ok(answer::ok(&Overview::of(core, search)))
}
