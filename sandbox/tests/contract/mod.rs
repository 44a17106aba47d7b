//! GitHub's own contract as a judge of requests, answers and webhooks: its OpenAPI document of the REST API, and both
//! of its descriptions of webhooks. What it finds wrong is a list of lines, each with the JSON pointer of its place.
//!
//! A test that uses it says `mod contract;` and `Contract::load()`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    dead_code,
    unreachable_pub,
    reason = "shared by tests"
)]

mod answer;
pub mod dialect;
mod document;
mod parameters;
mod request;
mod route;
pub mod schema;
mod unlisted;
mod webhooks;

use std::sync::{LazyLock, OnceLock};

use dialect::Dialect;
use document::Document;
use route::Routes;
pub use route::{Match, Route};
pub use webhooks::Described;
use webhooks::Webhooks;

/// Nothing found, or what was.
pub type Verdict = Result<(), Vec<String>>;

/// GitHub's description of its REST API and of its webhooks; read and compiled as far as it is asked for.
pub struct Contract {
    rest: Document,
    routes: Routes,
    webhooks: OnceLock<Webhooks>,
}

/// An answer as it went over the wire.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    pub status: u16,
    pub content_type: Option<&'a str>,
    pub body: &'a [u8],
}

impl Contract {
    /// The contract, read once in a process.
    pub fn load() -> &'static Self {
        static CONTRACT: LazyLock<Contract> = LazyLock::new(Contract::read);
        &CONTRACT
    }

    fn read() -> Self {
        let rest = Document::open("octokit-openapi/openapi.json", Dialect::OpenApi);
        let routes = Routes::of(&rest);
        Self { rest, routes, webhooks: OnceLock::new() }
    }

    /// Judges a request: that there is such a route, its parameters in path and query, and its body.
    ///
    /// `query` is what stands behind the question mark, or empty.
    pub fn request(&self, method: &str, path: &str, query: &str, body: &[u8]) -> Verdict {
        let found = self.find(method, path)?;
        let mut faults = parameters::faults(&self.rest, &found, query);
        faults.extend(request::faults(&self.rest, found.route, body));
        verdict(faults)
    }

    /// Judges an answer: its status, content type and body, keys that GitHub does not list included.
    pub fn answer(&self, method: &str, path: &str, answer: Answer<'_>) -> Verdict {
        let found = self.find(method, path)?;
        verdict(answer::faults(&self.rest, found.route, answer))
    }

    /// Judges a webhook's payload by each description that has its event and action.
    pub fn webhook(&self, event: &str, payload: &[u8]) -> Verdict {
        let by = |described: Described, faults: Vec<String>| {
            faults.into_iter().map(move |fault| format!("{described}: {fault}"))
        };
        let faults = self.webhook_by_description(event, payload)?;
        let has_newer = faults.iter().any(|(described, faults)| *described == Described::OpenApi && faults.is_empty());
        // The older description knows not all words that GitHub has come to say.
        let word = |described: Described, fault: &String| {
            has_newer && described == Described::Schemas && fault.contains(" is not one of ")
        };
        let faults = faults.into_iter().map(|(described, mut faults)| {
            faults.retain(|fault| !word(described, fault));
            (described, faults)
        });
        verdict(faults.flat_map(|(described, faults)| by(described, faults)).collect())
    }

    /// What each description that has the event and action finds wrong in the payload.
    pub fn webhook_by_description(
        &self,
        event: &str,
        payload: &[u8],
    ) -> Result<Vec<(Described, Vec<String>)>, Vec<String>> {
        self.webhooks.get_or_init(Webhooks::read).faults(event, payload)
    }

    /// Every route that GitHub describes.
    pub fn routes(&self) -> &[Route] {
        self.routes.all()
    }

    /// The route that a concrete path means.
    pub fn find<'a>(&'a self, method: &str, path: &str) -> Result<Match<'a>, Vec<String>> {
        self.routes.find(method, path).map_err(|fault| vec![fault])
    }
}

fn verdict(faults: Vec<String>) -> Verdict {
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}
