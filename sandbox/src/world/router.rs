//! From a request to its handler: the table of routes, and who may use them.

mod spanning;

use std::{collections::BTreeMap, sync::LazyLock};

use bytes::Bytes;
use http::{Method, Request, StatusCode, header::LOCATION};

use super::{
    answer::{self, Answer},
    call::{Call, Parameters, requires_authentication},
    id::RepositoryId,
    permission::{Access, Permission},
    refusal::{Refusal, Stop},
    repository::{Found, Repository},
    routes,
    state::State,
    token::Principal,
};

/// What a handler makes of a call.
pub(crate) type Handler = fn(&mut Call<'_>) -> Result<Answer, Stop>;

/// A route: its template is the one of GitHub's OpenAPI.
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) template: &'static str,
    pub(crate) needs: Needs,
    pub(crate) handler: Handler,
}

/// Who may use a route.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Needs {
    /// Everyone.
    Nothing,
    /// A person or an installation.
    Account,
    /// An App as itself.
    App,
    /// This much in the repository that the path names.
    Repository(Permission, Access),
    /// The repository must be seen; an App needs this permission to write, a person none: everyone may file an issue.
    Open(Permission),
}

/// For the tables in `routes`.
pub(crate) const fn route(method: Method, template: &'static str, needs: Needs, handler: Handler) -> Route {
    Route { method, template, needs, handler }
}

/// Reads in a repository.
pub(crate) const fn read(what: Permission) -> Needs {
    Needs::Repository(what, Access::Read)
}

/// Writes in a repository.
pub(crate) const fn write(what: Permission) -> Needs {
    Needs::Repository(what, Access::Write)
}

type Routers = BTreeMap<&'static str, matchit::Router<&'static Route>>;

static ROUTERS: LazyLock<Routers> = LazyLock::new(|| {
    let mut routers = Routers::new();
    for route in routes::ALL.iter().copied().flatten() {
        let router = routers.entry(route.method.as_str()).or_default();
        let inserted = router.insert(pattern(route.template), route);
        debug_assert!(inserted.is_ok(), "{} {}: {inserted:?}", route.method, route.template);
    }
    routers
});

/// Parameters that hold slashes stand at the end of their templates.
const WITH_SLASHES: [&str; 4] = ["/contents/{path}", "/{ref}", "/compare/{basehead}", "/rules/branches/{branch}"];

fn pattern(template: &'static str) -> String {
    let slashed = WITH_SLASHES.iter().any(|end| template.ends_with(end)) && template.contains("/{owner}/");
    match template.rsplit_once('{') {
        Some((before, last)) if slashed && !template.ends_with("/commits/{ref}") => format!("{before}{{*{last}"),
        _ => template.to_owned(),
    }
}

/// Answers a request.
pub(crate) fn answer(
    state: &mut State,
    who: Principal,
    request: &Request<Bytes>,
    asked: Asked,
) -> Result<Answer, Stop> {
    let Asked { route, parameters } = asked;
    let repository = repository(state, &who, route, &parameters, request)?;
    let mut call = Call { state, who, request, parameters, repository };
    allow(&call, route)?;
    (route.handler)(&mut call)
}

/// A route, and what its parameters are in a request.
pub(crate) struct Asked {
    pub(crate) route: &'static Route,
    parameters: Parameters,
}

/// The route that a request asks. A HEAD asks what a GET would.
pub(crate) fn find(state: &State, request: &Request<Bytes>) -> Result<Asked, Refusal> {
    let path = by_name(state, request.uri().path())?;
    let method = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
    let path = spanning::folded(&path);
    at(method, &path).ok_or_else(Refusal::not_found)
}

/// GitHub takes a POST where it has a PATCH only: clients that are older than PATCH, and octocrab, edit comments so.
fn at(method: &Method, path: &str) -> Option<Asked> {
    let matched = ROUTERS.get(method.as_str()).and_then(|router| router.at(path).ok());
    match matched {
        Some(matched) => Some(Asked { route: matched.value, parameters: Parameters::decoded(matched.params.iter()) }),
        None if method == Method::POST => at(&Method::PATCH, path),
        None => None,
    }
}

/// `/repositories/{id}/…` is another name of `/repos/{owner}/{repo}/…`.
fn by_name(state: &State, path: &str) -> Result<String, Refusal> {
    let Some(rest) = path.strip_prefix("/repositories/") else { return Ok(path.to_owned()) };
    let (id, rest) = rest.split_once('/').map_or((rest, None), |(id, rest)| (id, Some(rest)));
    let repository = state.repository(RepositoryId(id.parse().map_err(|_| Refusal::not_found())?))?;
    let name = state.full_name(repository);
    Ok(rest.map_or_else(|| format!("/repos/{name}"), |rest| format!("/repos/{name}/{rest}")))
}

fn repository(
    state: &State,
    who: &Principal,
    route: &Route,
    parameters: &Parameters,
    request: &Request<Bytes>,
) -> Result<Option<RepositoryId>, Stop> {
    if !route.template.starts_with("/repos/{owner}/{repo}") {
        return Ok(None);
    }
    let (owner, name) = parameters.get("owner").zip(parameters.get("repo")).ok_or_else(Refusal::not_found)?;
    let found = state.find(owner, name).ok_or_else(Refusal::not_found)?;
    let (Found::Here(id) | Found::Moved(id)) = found;
    let repository = state.repository(id)?;
    if !state.sees(who, repository) {
        return Err(Refusal::not_found().into());
    }
    match found {
        Found::Here(id) => Ok(Some(id)),
        Found::Moved(id) => Err(Stop::Elsewhere(Box::new(moved(state, id, route, request)))),
    }
}

fn moved(state: &State, id: RepositoryId, route: &Route, request: &Request<Bytes>) -> Answer {
    #[derive(serde::Serialize)]
    struct Moved<'a> {
        message: &'static str,
        url: &'a str,
        documentation_url: &'static str,
    }
    let rest = request.uri().path().splitn(5, '/').nth(4).map_or_else(String::new, |rest| format!("/{rest}"));
    let query = request.uri().query().map_or_else(String::new, |query| format!("?{query}"));
    let url = format!("{}/repositories/{id}{rest}{query}", state.addresses.api);
    let status =
        if route.method == Method::GET { StatusCode::MOVED_PERMANENTLY } else { StatusCode::TEMPORARY_REDIRECT };
    let documentation_url =
        "https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects";
    let mut answer = answer::json(status, &Moved { message: "Moved Permanently", url: &url, documentation_url });
    if let Ok(location) = url.parse() {
        answer.headers_mut().insert(LOCATION, location);
    }
    answer
}

fn allow(call: &Call<'_>, route: &Route) -> Result<(), Refusal> {
    match route.needs {
        Needs::Nothing => Ok(()),
        Needs::Account => call.actor().map(|_| ()),
        Needs::App if matches!(call.who, Principal::App(_)) => Ok(()),
        Needs::App => Err(Refusal::new(StatusCode::UNAUTHORIZED, "A JSON web token could not be decoded")),
        Needs::Repository(what, access) => in_repository(call, what, access),
        Needs::Open(what) => match &call.who {
            Principal::Person(_) => archived(call.repository()?),
            _ => in_repository(call, what, Access::Write),
        },
    }
}

fn in_repository(call: &Call<'_>, what: Permission, access: Access) -> Result<(), Refusal> {
    if !call.may(what, access) {
        return Err(denied(&call.who, access));
    }
    if access == Access::Read { Ok(()) } else { archived(call.repository()?) }
}

fn archived(repository: &Repository) -> Result<(), Refusal> {
    match repository.archived {
        true => Err(Refusal::forbidden("Repository was archived so is read-only.")),
        false => Ok(()),
    }
}

/// A person without the right is told that there is nothing; an App is told which it is.
fn denied(who: &Principal, access: Access) -> Refusal {
    match who {
        Principal::Installation(_) | Principal::App(_) => Refusal::forbidden("Resource not accessible by integration"),
        Principal::Anonymous => requires_authentication(),
        Principal::Person(_) if access == Access::Read => Refusal::not_found(),
        Principal::Person(_) => Refusal::forbidden("Must have admin rights to Repository."),
    }
}
