//! What changed, file by file and line by line.

use maud::{Markup, html};

use super::{address::encoded, at::At, text};
use crate::object::{FileChange, Oid};

/// A page shows so many files, so many lines of all of them, and of a line so many bytes.
const FILES: usize = 100;
const LINES: usize = 3000;
const LENGTH: usize = 4000;

/// The files are linked as they are at `commit`.
pub(super) fn of(at: At<'_>, commit: Oid, changes: &[FileChange]) -> Markup {
    let (came, went): (usize, usize) =
        (changes.iter().map(|file| file.additions).sum(), changes.iter().map(|file| file.deletions).sum());
    let mut room = LINES;
    html! {
        p { (text::counted(changes.len(), "file")) ": " span.good { "+" (came) } " " span.bad { "−" (went) } }
        @for change in changes.iter().take(FILES) { (file(at, commit, change, &mut room)) }
        @if changes.len() > FILES { (text::not_shown(changes.len() - FILES, "file")) }
    }
}

fn file(at: At<'_>, commit: Oid, change: &FileChange, room: &mut usize) -> Markup {
    let path = change.path.to_text();
    let address = format!("{}/blob/{commit}/{}", at.path(&[]), encoded(&path));
    html! {
        section.file {
            h3 {
                @if change.new.is_some() { a href=(address) { bdi { (path) } } } @else { bdi { (path) } }
                " " span.quiet { (text::word(&change.status)) @if let Some(from) = &change.previous_path { " from " bdi { (from.to_text()) } } }
            }
            @if let Some((before, after)) = change.binary { p { "No text: " (before) " bytes before, " (after) " after." } }
            @else if let Some(patch) = &change.patch { (lines(&path, patch, room)) }
            @else { p { "No line changed." } }
        }
    }
}

fn lines(path: &str, patch: &str, room: &mut usize) -> Markup {
    let all: Vec<&str> = patch.strip_suffix('\n').unwrap_or(patch).split('\n').collect();
    let shown = all.len().min(*room);
    *room -= shown;
    let mut place = Place::default();
    html! {
        @if shown > 0 {
            table.lines {
                caption.seen-by-ear { "Changes of " (path) }
                colgroup { col.number; col.number; col; }
                thead.seen-by-ear { tr { th scope="col" { "Before" } th scope="col" { "After" } th scope="col" { "Line" } } }
                tbody { @for line in all.iter().take(shown) { (row(line, &mut place)) } }
            }
        }
        @if all.len() > shown { (text::not_shown(all.len() - shown, "line")) }
    }
}

/// The next line's number before and after.
#[derive(Default)]
struct Place {
    old: usize,
    new: usize,
}

fn row(line: &str, place: &mut Place) -> Markup {
    let (sign, rest) = line.split_at(line.floor_char_boundary(1));
    match sign {
        "+" => {
            place.new += 1;
            html! { tr.came { td.number {} td.number { (place.new - 1) } td { "+" ins { (long(rest)) } } } }
        }
        "-" => {
            place.old += 1;
            html! { tr.went { td.number { (place.old - 1) } td.number {} td { "-" del { (long(rest)) } } } }
        }
        " " => {
            *place = Place { old: place.old + 1, new: place.new + 1 };
            html! { tr { td.number { (place.old - 1) } td.number { (place.new - 1) } td { " " (long(rest)) } } }
        }
        _ => {
            if let Some(begun) = begun(line) {
                *place = begun;
            }
            html! { tr.hunk { td.number {} td.number {} td { (long(line)) } } }
        }
    }
}

/// Where a hunk begins: `@@ -1,2 +3,4 @@`.
fn begun(line: &str) -> Option<Place> {
    let (old, rest) = line.strip_prefix("@@ -")?.split_once(" +")?;
    let first = |range: &str| range.split([',', ' ']).next()?.parse().ok();
    Some(Place { old: first(old)?, new: first(rest)? })
}

fn long(line: &str) -> Markup {
    let (shown, left) = text::cut(line, LENGTH);
    html! { (shown) @if left > 0 { span.quiet { " … and " (text::counted(left, "more character")) } } }
}
