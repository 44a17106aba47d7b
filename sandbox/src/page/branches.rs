//! The branches of a repository, and the commits of one.

use maud::html;

use super::{
    address::Address,
    at::At,
    commit,
    frame::{self, Part},
    portion::Portion,
};
use crate::world::Answer;

/// The default branch first.
pub(super) fn page(at: At<'_>, address: &Address) -> Answer {
    let is_default = |(name, _): &(&str, _)| *name == at.repository.default_branch;
    let all = at.branches().filter(is_default).chain(at.branches().filter(|branch| !is_default(branch)));
    let branches = Portion::of(address, "page", all);
    let main = html! {
        h1 { "Branches" }
        @if branches.items.is_empty() { p { "There are none." } }
        ul.list {
            @for (name, tip) in &branches.items {
                li {
                    a.title href=(at.path(&["tree", name])) { bdi { (name) } }
                    @if *name == at.repository.default_branch { span.quiet { " default" } }
                    @if at.state.is_protected(at.repository, name) { span.quiet { " protected" } }
                    " at " a.sha href=(at.path(&["commit", &tip.to_string()])) { (tip.short()) }
                }
            }
        }
        (branches.ways())
    };
    frame::of(at, Part::Code, "Branches", main)
}

/// The commits of a branch, the newest first.
pub(super) fn history(at: At<'_>, address: &Address, name: &[&str]) -> Option<Answer> {
    let name = if name.is_empty() { at.repository.default_branch.clone() } else { name.join("/") };
    let commits = Portion::of(address, "page", at.state.objects.log(at.commit(&name)?, &[]));
    let main = html! {
        h1 { "Commits of " bdi { (name) } }
        (commit::list(at, &commits.items))
        (commits.ways())
    };
    Some(frame::of(at, Part::Code, &format!("Commits of {name}"), main))
}
