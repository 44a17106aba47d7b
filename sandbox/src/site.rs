//! What a site answers: the files of a commit, as GitHub's Pages serve them, and which commit that is. Pure: the objects
//! and a request in, an answer out.

mod kind;
mod path;

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode,
    header::{ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION},
};
use serde::Serialize;

use self::path::Found;
use crate::{
    object::{Objects, Oid},
    world::Answer,
};

/// Where a site tells its commit, as JSON; each answer tells it in the header `X-Commit` too.
pub const WORD: &str = "/.well-known/commit";

const TOLD: HeaderName = HeaderName::from_static("x-commit");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// What a site serves and what it says that it serves: one commit, unless it lies. Nothing before the first deployment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Shown {
    /// The commit whose files are served.
    pub files: Option<Oid>,
    /// The commit that it tells.
    pub told: Option<Oid>,
}

impl Shown {
    /// A site that serves a commit and says so.
    #[must_use]
    pub const fn honest(commit: Oid) -> Self {
        Self { files: Some(commit), told: Some(commit) }
    }
}

/// Which commit, where one asks for it.
#[derive(Serialize)]
struct Word<'a> {
    commit: Option<Oid>,
    repository: &'a str,
    /// No real site is behind this.
    played: bool,
}

/// Answers a request for something of a repository's site.
pub(crate) fn answer(objects: &Objects, repository: &str, shown: Shown, request: &Request<()>) -> Answer {
    let mut answer = match *request.method() {
        Method::GET | Method::HEAD if request.uri().path() == WORD => word(repository, shown),
        Method::GET | Method::HEAD => visited(objects, shown, request),
        _ => refused(),
    };
    let headers = answer.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    // Whoever looks again wants to see what was deployed meanwhile.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Some(told) = shown.told.and_then(|commit| HeaderValue::from_str(&commit.to_string()).ok()) {
        headers.insert(TOLD, told);
    }
    answer
}

/// No repository has a site here any more.
pub(crate) fn gone() -> Answer {
    text(StatusCode::NOT_FOUND, "The repository of this site is gone.\n")
}

fn word(repository: &str, shown: Shown) -> Answer {
    let status = if shown.told.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
    let word = Word { commit: shown.told, repository, played: true };
    let mut answer = Answer::new(serde_json::to_vec(&word).unwrap_or_default().into());
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    answer
}

fn visited(objects: &Objects, shown: Shown, request: &Request<()>) -> Answer {
    let tree = shown.files.and_then(|commit| objects.commit(commit)).map(|commit| commit.tree);
    let Some(tree) = tree else { return text(StatusCode::NOT_FOUND, "Nothing is deployed here yet.\n") };
    match path::find(objects, tree, request.uri().path()) {
        Found::File { name, blob } => file(objects, &name, blob, request.headers()),
        Found::Folder => elsewhere(request),
        Found::Nothing => missing(objects, tree),
    }
}

fn file(objects: &Objects, name: &str, blob: Oid, asked: &HeaderMap) -> Answer {
    let mark = format!("\"{blob}\"");
    let known = asked.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let is_known = known.flat_map(|value| value.split(',')).any(|one| matches!(one.trim(), "*") || one.trim() == mark);
    let mut answer = match is_known {
        true => of(StatusCode::NOT_MODIFIED, Bytes::new(), kind::of(name)),
        false => of(StatusCode::OK, objects.blob(blob).cloned().unwrap_or_default(), kind::of(name)),
    };
    if let Ok(mark) = HeaderValue::from_str(&mark) {
        answer.headers_mut().insert(ETAG, mark);
    }
    answer
}

/// A folder's address ends with a slash: what its pages link to stands relative to it.
fn elsewhere(request: &Request<()>) -> Answer {
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut answer = text(StatusCode::MOVED_PERMANENTLY, "This is a folder.\n");
    if let Ok(address) = HeaderValue::from_str(&format!("{}/{query}", request.uri().path())) {
        answer.headers_mut().insert(LOCATION, address);
    }
    answer
}

fn missing(objects: &Objects, tree: Oid) -> Answer {
    let own = objects.entry(tree, "404.html").filter(|entry| entry.mode.is_file());
    match own.and_then(|entry| objects.blob(entry.oid)) {
        Some(page) => of(StatusCode::NOT_FOUND, page.clone(), kind::of("404.html")),
        None => text(StatusCode::NOT_FOUND, "There is no such file in this site.\n"),
    }
}

fn refused() -> Answer {
    let mut answer = text(StatusCode::METHOD_NOT_ALLOWED, "A site is only looked at.\n");
    answer.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    answer
}

fn text(status: StatusCode, text: &'static str) -> Answer {
    of(status, Bytes::from_static(text.as_bytes()), TEXT)
}

fn of(status: StatusCode, body: Bytes, kind: HeaderValue) -> Answer {
    let mut answer = Answer::new(body);
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, kind);
    answer
}
