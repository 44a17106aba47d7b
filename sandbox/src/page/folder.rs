//! What is in a repository, and in its folders.

use maud::{Markup, html};

use super::{
    address::encoded,
    at::{At, Spot},
    checks, commit, file,
    frame::{self, Part},
    site, text,
};
use crate::{
    object::{Oid, TreeEntry},
    world::Answer,
};

/// A list shows so many.
const MOST: usize = 1000;

/// The repository's own page.
pub(super) fn front(at: At<'_>) -> Answer {
    let repository = at.repository;
    let tip = repository.branch(&repository.default_branch).and_then(|tip| at.state.objects.peel(tip));
    let main = html! {
        h1 { bdi { (at.full_name()) } }
        @if let Some(description) = &repository.description { p dir="auto" { (description) } }
        @if repository.archived { p { "It is archived: nothing in it changes any more." } }
        (facts(at))
        @match tip {
            Some(tip) => { (begin(at, tip)) }
            None => { p { "There is no commit on " bdi { (repository.default_branch) } " yet." } }
        }
    };
    frame::of(at, Part::Code, "Code", main)
}

fn facts(at: At<'_>) -> Markup {
    let repository = at.repository;
    let origin = repository.fork_of.and_then(|id| At::of(at.state, id));
    html! {
        dl.facts {
            @if let Some(origin) = origin { dt { "Forked from" } dd { a href=(origin.path(&[])) { bdi { (origin.full_name()) } } } }
            dt { "Branch" } dd { bdi { (repository.default_branch) } ", of " a href=(at.path(&["branches"])) { (text::counted(at.branches().count(), "branch")) } }
            dt { "Clone" } dd { code { (format!("git clone {}/{}.git", at.state.addresses.html, at.full_name())) } }
            (site::facts(at))
            dt { "Last push" } dd { (text::when(repository.pushed_at)) }
        }
    }
}

fn begin(at: At<'_>, tip: Oid) -> Markup {
    let spot = Spot { name: at.repository.default_branch.clone(), commit: tip, path: String::new() };
    let tree = at.state.objects.entries(at.tree(tip));
    let readme =
        tree.entries().iter().find(|entry| is_readme(entry)).and_then(|entry| at.state.objects.blob(entry.oid));
    html! {
        h2 { "Newest commit" }
        (commit::list(at, &[tip]))
        p { a href=(at.path(&["commits", &spot.name])) { "All commits" } }
        h2 { "Checks" }
        (checks::of(at, tip))
        h2 { "Files" }
        (entries(at, &spot, tree.entries()))
        @if let Some(readme) = readme { h2 { "Read me" } div.said { (text::said(&String::from_utf8_lossy(readme))) } }
    }
}

fn is_readme(entry: &TreeEntry) -> bool {
    let name = entry.name.to_ascii_lowercase();
    entry.mode.is_file() && matches!(&*name, b"readme" | b"readme.md" | b"readme.txt")
}

/// A folder at a commit; a file has its own page.
pub(super) fn page(at: At<'_>, place: &[&str]) -> Option<Answer> {
    let spot = at.spot(place)?;
    let tree = match spot.path.as_str() {
        "" => at.tree(spot.commit),
        _ => at.entry(&spot)?.oid,
    };
    let Some(tree) = at.state.objects.tree(tree) else {
        return Some(frame::elsewhere(&address(at, "blob", &spot.name, &spot.path)));
    };
    let main = html! {
        h1 { bdi { "/" (spot.path) } " at " bdi { (spot.name) } }
        (file::way(at, &spot))
        @if spot.path.is_empty() { p { a href=(at.path(&["commits", &spot.name])) { "All commits" } } }
        (entries(at, &spot, tree.entries()))
    };
    Some(frame::of(at, Part::Code, &format!("/{} at {}", spot.path, spot.name), main))
}

fn entries(at: At<'_>, spot: &Spot, entries: &[TreeEntry]) -> Markup {
    let is_folder = |entry: &&TreeEntry| entry.mode.is_directory();
    let sorted = entries.iter().filter(is_folder).chain(entries.iter().filter(|entry| !is_folder(entry)));
    html! {
        @if entries.is_empty() { p { "There are no files." } }
        @else { ul.list { @for entry in sorted.take(MOST) { li { (line(at, spot, entry)) } } } }
        @if entries.len() > MOST { (text::not_shown(entries.len() - MOST, "file")) }
    }
}

fn line(at: At<'_>, spot: &Spot, entry: &TreeEntry) -> Markup {
    let name = String::from_utf8_lossy(&entry.name);
    let path = if spot.path.is_empty() { name.to_string() } else { format!("{}/{name}", spot.path) };
    let kind = if entry.mode.is_directory() { "tree" } else { "blob" };
    html! {
        a href=(address(at, kind, &spot.name, &path)) { bdi { (name) @if entry.mode.is_directory() { "/" } } }
    }
}

/// The address of a path at a name.
pub(super) fn address(at: At<'_>, kind: &str, name: &str, path: &str) -> String {
    format!("{}/{kind}/{}/{}", at.path(&[]), encoded(name), encoded(path))
}
