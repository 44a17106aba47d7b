//! A commit.

use maud::{Markup, html};

use super::{
    at::At,
    checks, diff,
    frame::{self, Part},
    text,
};
use crate::{
    object::{Oid, unified},
    world::Answer,
};

/// A list shows so many.
const MOST: usize = 250;

/// The name may end with `.diff` or `.patch`.
pub(super) fn page(at: At<'_>, name: &str) -> Option<Answer> {
    if let Some(oid) = name.strip_suffix(".patch").and_then(|name| at.commit(name)) {
        return Some(frame::text(at.state.objects.format_patch(oid)?));
    }
    if let Some(oid) = name.strip_suffix(".diff").and_then(|name| at.commit(name)) {
        return Some(frame::text(unified(&changes(at, oid))));
    }
    shown(at, at.commit(name)?)
}

fn shown(at: At<'_>, oid: Oid) -> Option<Answer> {
    let commit = at.state.objects.commit(oid)?;
    let subject = subject(&commit.subject());
    let main = html! {
        h1 { bdi { (subject) } }
        @if !commit.body().is_empty() { (text::said(commit.body())) }
        dl.facts {
            dt { "Commit" } dd { code { (oid.to_string()) } }
            dt { "Written by" } dd { (text::author(at.state, &commit.author)) ", " (text::signed(&commit.author)) }
            @for parent in &commit.parents {
                dt { "Made on" } dd { a.sha href=(at.path(&["commit", &parent.to_string()])) { (parent.short()) } }
            }
            dt { "Files then" } dd { a href=(at.path(&["tree", &oid.to_string()])) { "All files" } }
        }
        h2 { "Checks" }
        (checks::of(at, oid))
        h2 { "Changes" }
        (diff::of(at, oid, &changes(at, oid)))
    };
    Some(frame::of(at, Part::Code, &subject, main))
}

/// Commits by their first lines.
pub(super) fn list(at: At<'_>, commits: &[Oid]) -> Markup {
    let known = commits.iter().take(MOST).filter_map(|oid| Some((*oid, at.state.objects.commit(*oid)?)));
    html! {
        @if commits.is_empty() { p { "There are none." } }
        ul.list {
            @for (oid, commit) in known {
                li {
                    a.title href=(at.path(&["commit", &oid.to_string()])) { bdi { (subject(&commit.subject())) } } " "
                    p.quiet { span.sha { (oid.short()) } " by " (text::author(at.state, &commit.author)) ", " (text::signed(&commit.author)) }
                }
            }
        }
        @if commits.len() > MOST { (text::not_shown(commits.len() - MOST, "commit")) }
    }
}

/// A commit may have no words.
fn subject(said: &str) -> String {
    if said.is_empty() { "(no message)".to_owned() } else { said.to_owned() }
}

/// Since the first of its parents.
fn changes(at: At<'_>, oid: Oid) -> Vec<crate::object::FileChange> {
    let commit = at.state.objects.commit(oid);
    let parent = commit.and_then(|commit| commit.parents.first());
    at.state.objects.diff(parent.map_or(Oid::EMPTY_TREE, |parent| at.tree(*parent)), at.tree(oid))
}
