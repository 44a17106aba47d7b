//! The issues of a repository, and its pull requests likewise.

use maud::{Markup, html};

use super::{
    address::Address,
    at::At,
    conversation,
    frame::{self, Part},
    portion::Portion,
    text,
};
use crate::world::{Answer, issue::Issue};

pub(super) fn page(at: At<'_>, address: &Address) -> Answer {
    let issues = at.repository.issues.issues.values().rev().filter(|issue| !issue.is_pull_request);
    let main = html! {
        h1 { "Issues" }
        (lists(address, issues, |issue| line(at, "issues", issue, &super::issue::state(issue))))
    };
    frame::of(at, Part::Issues, "Issues", main)
}

/// The open ones or the closed ones, as the address asks; the newest first.
pub(super) fn lists<'a>(
    address: &Address,
    all: impl Iterator<Item = &'a Issue> + Clone,
    line: impl Fn(&Issue) -> Markup,
) -> Markup {
    let asks_open = address.said("state").as_deref() != Some("closed");
    let open = all.clone().filter(|issue| issue.is_open()).count();
    let closed = all.clone().count() - open;
    let shown = Portion::of(address, "page", all.filter(|issue| issue.is_open() == asks_open));
    html! {
        nav.portions aria-label="State" {
            @for (words, count, state) in [("Open", open, "open"), ("Closed", closed, "closed")] {
                a href=(address.only("state", state)) aria-current=[(asks_open == (state == "open")).then_some("true")] { (words) ": " (count) }
            }
        }
        @if shown.items.is_empty() { p { "There are none." } }
        @else { ul.list { @for issue in &shown.items { li { (line(issue)) } } } }
        (shown.ways())
    }
}

pub(super) fn line(at: At<'_>, kind: &str, issue: &Issue, state: &Markup) -> Markup {
    html! {
        (state) " "
        a.title href=(at.path(&[kind, &issue.number.to_string()])) { bdi { (issue.title) } }
        " " (conversation::labels(super::issue::labels(at, issue)))
        p.quiet {
            "#" (issue.number.0) " by " (text::who(at.state, issue.author)) ", " (text::when(issue.created_at))
            @if issue.comments > 0 { ", " (text::counted(usize::try_from(issue.comments).unwrap_or(usize::MAX), "comment")) }
        }
    }
}
