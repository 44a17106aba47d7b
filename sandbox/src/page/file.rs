//! A file, line by line or as it is.

use bytes::Bytes;
use http::HeaderValue;
use maud::{Markup, html};

use super::{
    at::{At, Spot},
    folder,
    frame::{self, Part},
    text,
};
use crate::world::Answer;

/// A page shows so many lines.
const LINES: usize = 10_000;

pub(super) fn page(at: At<'_>, place: &[&str]) -> Option<Answer> {
    let spot = at.spot(place)?;
    let entry = at.entry(&spot)?;
    if entry.mode.is_directory() {
        return Some(frame::elsewhere(&folder::address(at, "tree", &spot.name, &spot.path)));
    }
    let main = html! {
        h1 { bdi { (spot.path) } " at " bdi { (spot.name) } }
        (way(at, &spot))
        p { a href=(folder::address(at, "raw", &spot.name, &spot.path)) { "As it is" } }
        @match at.state.objects.blob(entry.oid) {
            Some(content) => { (shown(&spot.path, content)) }
            None => { p { "A commit of another repository: " code { (entry.oid.to_string()) } } }
        }
    };
    Some(frame::of(at, Part::Code, &format!("{} at {}", spot.path, spot.name), main))
}

/// The bytes. A browser shows text as text, whatever it holds.
pub(super) fn raw(at: At<'_>, place: &[&str]) -> Option<Answer> {
    let spot = at.spot(place)?;
    let content = at.state.objects.blob(at.entry(&spot)?.oid)?;
    let kind = if std::str::from_utf8(content).is_ok() { frame::TEXT } else { BYTES };
    Some(frame::plain(kind, content.clone()))
}

const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// The folders above.
pub(super) fn way(at: At<'_>, spot: &Spot) -> Markup {
    let above: Vec<&str> = spot.path.split('/').collect();
    let folders = (1..above.len()).filter_map(|end| above.get(..end)).map(|parts| parts.join("/"));
    html! {
        p {
            a href=(at.path(&["tree", &spot.name])) { bdi { (at.full_name()) } }
            @for folder in folders { " / " a href=(folder::address(at, "tree", &spot.name, &folder)) { bdi { (folder) } } }
        }
    }
}

fn shown(path: &str, content: &Bytes) -> Markup {
    let Some(content) = std::str::from_utf8(content).ok().filter(|text| !text.contains('\0')) else {
        return html! { p { "No text: " (text::counted(content.len(), "byte")) "." } };
    };
    let (shown, left) = text::cut(content, text::MOST);
    let lines: Vec<&str> = shown.strip_suffix('\n').unwrap_or(shown).split('\n').collect();
    html! {
        table.lines.whole {
            caption.seen-by-ear { "Lines of " (path) }
            colgroup { col.number; col; }
            thead.seen-by-ear { tr { th scope="col" { "Line" } th scope="col" { "Text" } } }
            tbody {
                @for (number, line) in (1..).zip(lines.iter().take(LINES)) {
                    tr id=(format!("L{number}")) { td.number { (number) } td { (line) } }
                }
            }
        }
        @if lines.len() > LINES { (text::not_shown(lines.len() - LINES, "line")) }
        @if left > 0 { (text::not_shown(left, "character")) }
    }
}
