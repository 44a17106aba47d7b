//! What stands around every answer: who asks, how much they still may, whether they know the answer already.

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode,
    header::{ACCEPT, ETAG, IF_NONE_MATCH, RETRY_AFTER},
};
use twox_hash::XxHash3_128;

use super::{
    answer::Answer,
    limits::{Resource, Who, Window},
    permission::Access,
    refusal::{Refusal, Stop},
    router::{self, Needs, Route},
    state::State,
    token::{self, Principal},
};

/// Answers a request, or says what must be learned first: then nothing has changed and nothing was counted.
pub(crate) fn answer(state: &mut State, request: &Request<Bytes>) -> Result<Answer, Stop> {
    if request.method() == Method::OPTIONS {
        return Ok(options());
    }
    let who = match token::authenticate(state, request.headers()) {
        Ok(who) => who,
        Err(refusal) => return Ok(signed(state, request, refusal.answer())),
    };
    let found = router::find(state, request);
    let route = found.as_ref().ok().map(|found| found.route);
    let counted = Counted::of(&who, route);
    if let Some(refused) = counted.refused(state, request) {
        return Ok(signed(state, request, refused));
    }
    let owner = who.clone();
    let answered = found.map_err(Stop::from).and_then(|found| router::answer(state, who, request, found));
    let answer = match answered {
        Ok(answer) => answer,
        Err(Stop::Refused(refusal)) => refusal.answer(),
        Err(Stop::Elsewhere(answer)) => *answer,
        Err(open @ (Stop::Unknown(_) | Stop::Unpaired(_))) => return Err(open),
    };
    let mut answer = unless_known(request, answer);
    let window = counted.count(state, request, answer.status());
    limited(answer.headers_mut(), counted.resource, window);
    told(answer.headers_mut(), &owner, route);
    Ok(signed(state, request, answer))
}

/// Where a request is counted.
#[derive(Clone, Copy)]
struct Counted {
    who: Who,
    resource: Resource,
    free: bool,
}

impl Counted {
    fn of(who: &Principal, route: Option<&Route>) -> Self {
        let template = route.map_or("", |route| route.template);
        let resource = if template.starts_with("/search/") { Resource::Search } else { Resource::Core };
        Self { who: who.into(), resource, free: template == "/rate_limit" }
    }

    fn refused(self, state: &State, request: &Request<Bytes>) -> Option<Answer> {
        let window = state.window(self.who, self.resource);
        if window.remaining() == 0 && !self.free {
            return Some(used_up(self, window));
        }
        let wait = state.too_much_made(self.who).filter(|_| makes(request));
        wait.map(|seconds| too_fast(self, window, seconds))
    }

    /// Who knows the answer already has it for nothing.
    fn count(self, state: &mut State, request: &Request<Bytes>, status: StatusCode) -> Window {
        if makes(request) && status.is_success() {
            state.count_made(self.who);
        }
        if self.free || status == StatusCode::NOT_MODIFIED {
            return state.window(self.who, self.resource);
        }
        state.count(self.who, self.resource)
    }
}

/// Whether a request makes something that others see: neither a token is that, nor a delivery that is sent once more.
fn makes(request: &Request<Bytes>) -> bool {
    let path = request.uri().path();
    request.method() == Method::POST && path.starts_with("/rep") && !path.ends_with("/attempts")
}

fn used_up(counted: Counted, window: Window) -> Answer {
    let whose = match counted.who {
        Who::Anonymous => "127.0.0.1".to_owned(),
        Who::Person(id) => format!("user ID {id}"),
        Who::App(id) => format!("app ID {id}"),
        Who::Installation(id) => format!("installation ID {id}"),
    };
    let mut answer = Refusal::forbidden(format!("API rate limit exceeded for {whose}.")).answer();
    limited(answer.headers_mut(), counted.resource, window);
    answer
}

fn too_fast(counted: Counted, window: Window, seconds: i64) -> Answer {
    let mut answer = Refusal::forbidden(
        "You have exceeded a secondary rate limit and have been temporarily blocked from content creation. \
         Please retry your request again later.",
    )
    .answer();
    limited(answer.headers_mut(), counted.resource, window);
    answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    answer
}

fn limited(headers: &mut HeaderMap, resource: Resource, window: Window) {
    let reset = HeaderValue::from(window.reset.seconds());
    headers.insert(HeaderName::from_static("x-ratelimit-limit"), window.limit.into());
    headers.insert(HeaderName::from_static("x-ratelimit-remaining"), window.remaining().into());
    headers.insert(HeaderName::from_static("x-ratelimit-used"), window.used.into());
    headers.insert(HeaderName::from_static("x-ratelimit-reset"), reset);
    headers.insert(HeaderName::from_static("x-ratelimit-resource"), HeaderValue::from_static(resource.name()));
}

/// Marks a whole answer, and leaves the body out where the client has it.
fn unless_known(request: &Request<Bytes>, mut answer: Answer) -> Answer {
    if !matches!(*request.method(), Method::GET | Method::HEAD) || answer.status() != StatusCode::OK {
        return answer;
    }
    let mark = format!("W/\"{:032x}\"", XxHash3_128::oneshot(answer.body()));
    let known = request.headers().get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let bare = mark.trim_start_matches("W/");
    if known.flat_map(|value| value.split(',')).any(|one| one.trim() == "*" || one.trim().ends_with(bare)) {
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
        *answer.body_mut() = Bytes::new();
    }
    if let Ok(mark) = HeaderValue::from_str(&mark) {
        answer.headers_mut().insert(ETAG, mark);
    }
    answer
}

/// What a token may do, and what it would have needed.
fn told(headers: &mut HeaderMap, who: &Principal, route: Option<&Route>) {
    if matches!(who, Principal::Person(_)) {
        let scopes = HeaderValue::from_static("admin:org, admin:repo_hook, delete_repo, repo, workflow");
        headers.insert(HeaderName::from_static("x-oauth-scopes"), scopes);
    }
    let needed = match route.map(|route| route.needs) {
        Some(Needs::Repository(what, access)) => (what, access),
        Some(Needs::Open(what)) => (what, Access::Write),
        _ => return,
    };
    if let Ok(needed) = HeaderValue::from_str(&format!("{}={}", needed.0.name(), needed.1.name())) {
        headers.insert(HeaderName::from_static("x-accepted-github-permissions"), needed);
    }
}

/// What is on every answer. A HEAD is a GET without the body.
fn signed(state: &mut State, request: &Request<Bytes>, mut answer: Answer) -> Answer {
    let id = state.draw.request();
    let headers = answer.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(HeaderName::from_static("x-github-request-id"), id);
    }
    headers.insert(HeaderName::from_static("x-github-api-version-selected"), HeaderValue::from_static("2022-11-28"));
    headers.insert(HeaderName::from_static("x-github-media-type"), media_type(request));
    if request.method() == Method::HEAD {
        *answer.body_mut() = Bytes::new();
    }
    answer
}

/// How the `Accept` header was understood.
fn media_type(request: &Request<Bytes>) -> HeaderValue {
    const DEFAULT: HeaderValue = HeaderValue::from_static("github.v3; format=json");
    let accepted = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
    let Some(wanted) = accepted.and_then(|accept| accept.split("application/vnd.github.").nth(1)) else {
        return DEFAULT;
    };
    let wanted = wanted.split([',', ';']).next().unwrap_or_default().trim();
    let wanted = wanted.strip_prefix("v3.").unwrap_or(wanted);
    let (param, format) = wanted.split_once('+').map_or((wanted, ""), |(param, format)| (param, format));
    let format = if format.is_empty() { String::new() } else { format!("; format={format}") };
    let param = if param == "v3" { String::new() } else { format!("; param={param}") };
    HeaderValue::from_str(&format!("github.v3{param}{format}")).unwrap_or(DEFAULT)
}

/// What a browser asks before it asks.
fn options() -> Answer {
    let mut answer = Answer::default();
    *answer.status_mut() = StatusCode::NO_CONTENT;
    for (name, value) in [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-methods", "GET, POST, PATCH, PUT, DELETE"),
        ("access-control-allow-headers", "Authorization, Content-Type, If-None-Match, Accept, X-GitHub-Api-Version"),
        ("access-control-max-age", "86400"),
    ] {
        answer.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    answer
}
