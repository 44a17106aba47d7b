//! What every page has: the words that this GitHub is played, the way back, the look, and headers that let a browser run
//! nothing but the script that brings what has changed.

use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use super::at::At;
use crate::world::Answer;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("live.js");
pub(super) const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// Only this style and this script count, and only pictures and pages of this address; forms go nowhere else.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let [style, script] = [STYLE, SCRIPT].map(|text| STANDARD.encode(Sha256::digest(text)));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; connect-src 'self'; \
         img-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    )
});

/// The parts of a repository, of which one is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Code,
    Issues,
    Pulls,
    Actions,
}

/// Whether a page brings what changes. What comes of a form is not at its address any more.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Live,
    Still,
}

/// A page of its own.
pub(super) fn page(title: &str, main: Markup) -> Answer {
    with(StatusCode::OK, Kind::Live, title, html! {}, main)
}

/// What comes of a form.
pub(super) fn still(title: &str, main: Markup) -> Answer {
    with(StatusCode::OK, Kind::Still, title, html! {}, main)
}

/// A page of a repository.
pub(super) fn of(at: At<'_>, part: Part, title: &str, main: Markup) -> Answer {
    let name = at.full_name();
    let parts = [
        (Part::Code, "Code", at.path(&[])),
        (Part::Issues, "Issues", at.path(&["issues"])),
        (Part::Pulls, "Pull requests", at.path(&["pulls"])),
        (Part::Actions, "Actions", at.path(&["actions"])),
    ];
    let nav = html! {
        nav.parts aria-label="Repository" {
            a.name href=(at.path(&[])) { bdi { (name) } }
            ul {
                @for (this, words, address) in parts {
                    li { a href=(address) aria-current=[(this == part).then_some("true")] { (words) } }
                }
            }
        }
    };
    with(StatusCode::OK, Kind::Live, &format!("{title} · {name}"), nav, main)
}

/// There is no such page, or it is private.
pub(super) fn missing() -> Answer {
    let main = html! {
        h1 { "There is no such page" }
        p { "Nothing is played at this address, or it is private: a browser has no token here." }
        p { a href="/" { "All repositories" } }
    };
    with(StatusCode::NOT_FOUND, Kind::Still, "There is no such page", html! {}, main)
}

/// Something was sent that cannot be taken.
pub(super) fn refused(status: StatusCode, why: &str) -> Answer {
    let main = html! {
        h1 { "This cannot be taken" }
        p dir="auto" { (why) }
    };
    with(status, Kind::Still, "This cannot be taken", html! {}, main)
}

/// It is at another address of this world's.
pub(super) fn elsewhere(address: &str) -> Answer {
    let main = html! {
        h1 { "It is elsewhere" }
        p { "Go to " a href=(address) { (address) } "." }
    };
    let mut answer = with(StatusCode::FOUND, Kind::Still, "It is elsewhere", html! {}, main);
    if let Ok(address) = HeaderValue::from_str(address) {
        answer.headers_mut().insert(header::LOCATION, address);
    }
    answer
}

/// A file as it is, which a browser may show but not run.
pub(super) fn plain(kind: HeaderValue, body: Bytes) -> Answer {
    answer(StatusCode::OK, kind, body)
}

/// What git would print.
pub(super) fn text(text: String) -> Answer {
    plain(TEXT, text.into())
}

fn with(status: StatusCode, kind: Kind, title: &str, nav: Markup, main: Markup) -> Answer {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                link rel="icon" href="/icon.svg" type="image/svg+xml";
                title { (title) " · GitHub, played" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { "To the content" }
                header {
                    a.home href="/" { "GitHub, played" }
                    p.played { "This GitHub is played: a sandbox, not github.com" }
                }
                (nav)
                main id="main" tabindex="-1" { (main) }
                footer { p { "Private repositories are not shown: a browser has no token here." } }
                @if kind == Kind::Live { script { (PreEscaped(SCRIPT)) } }
            }
        }
    };
    answer(status, HTML, page.into_string().into())
}

fn answer(status: StatusCode, kind: HeaderValue, body: Bytes) -> Answer {
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    allow(headers, &POLICY);
    answer
}

/// The page's form may lead a browser on to this origin too: browsers hold redirects to the policy as well.
pub(super) fn lead_on(answer: &mut Answer, origin: &str) {
    allow(answer.headers_mut(), &format!("{} {origin}", *POLICY));
}

fn allow(headers: &mut HeaderMap, policy: &str) {
    if let Ok(policy) = HeaderValue::from_str(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}
