//! The branches of a repository, and the commits of one.

use maud::html;

use super::{
    at::At,
    commit,
    frame::{self, Part},
    text,
};
use crate::world::Answer;

/// A list shows so many.
const MOST: usize = 500;

pub(super) fn page(at: At<'_>) -> Answer {
    let branches: Vec<_> = at.branches().collect();
    let main = html! {
        h1 { "Branches" }
        @if branches.is_empty() { p { "There are none." } }
        ul.list {
            @for (name, tip) in branches.iter().take(MOST) {
                li {
                    a href=(at.path(&["tree", name])) { bdi { (name) } }
                    @if *name == at.repository.default_branch { span.quiet { " default" } }
                    @if at.repository.protections.contains_key(*name) { span.quiet { " protected" } }
                    " at " a.sha href=(at.path(&["commit", &tip.to_string()])) { (tip.short()) }
                }
            }
        }
        @if branches.len() > MOST { (text::not_shown(branches.len() - MOST, "branch")) }
    };
    frame::of(at, Part::Code, "Branches", main)
}

/// The commits of a branch, the newest first.
pub(super) fn history(at: At<'_>, name: &[&str]) -> Option<Answer> {
    let name = if name.is_empty() { at.repository.default_branch.clone() } else { name.join("/") };
    let commits = at.state.objects.log(at.commit(&name)?, &[]);
    let main = html! {
        h1 { "Commits of " bdi { (name) } }
        (commit::list(at, &commits))
    };
    Some(frame::of(at, Part::Code, &format!("Commits of {name}"), main))
}
