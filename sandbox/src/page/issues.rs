//! The issues of a repository, and its pull requests likewise.

use maud::{Markup, html};

use super::{
    at::At,
    conversation,
    frame::{self, Part},
    text,
};
use crate::world::{Answer, issue::Issue};

/// A list shows so many.
const MOST: usize = 300;

pub(super) fn page(at: At<'_>) -> Answer {
    let issues = at.repository.issues.issues.values().rev().filter(|issue| !issue.is_pull_request);
    let main = html! {
        h1 { "Issues" }
        (lists(issues.collect(), |issue| line(at, "issues", issue, &super::issue::state(issue))))
    };
    frame::of(at, Part::Issues, "Issues", main)
}

/// The open ones, then the closed ones, the newest first.
pub(super) fn lists(all: Vec<&Issue>, line: impl Fn(&Issue) -> Markup) -> Markup {
    let (open, closed): (Vec<_>, Vec<_>) = all.into_iter().partition(|issue| issue.is_open());
    html! {
        @for (words, issues) in [("Open", open), ("Closed", closed)] {
            h2 { (words) ": " (issues.len()) }
            @if !issues.is_empty() { ul.list { @for issue in issues.iter().take(MOST) { li { (line(issue)) } } } }
            @if issues.len() > MOST { (text::not_shown(issues.len() - MOST, "entry")) }
        }
    }
}

pub(super) fn line(at: At<'_>, kind: &str, issue: &Issue, state: &Markup) -> Markup {
    html! {
        (state) " "
        a href=(at.path(&[kind, &issue.number.to_string()])) { bdi { (issue.title) } }
        " " (conversation::labels(super::issue::labels(at, issue)))
        p.quiet {
            "#" (issue.number.0) " by " (text::who(at.state, issue.author)) ", " (text::when(issue.created_at))
            @if issue.comments > 0 { ", " (text::counted(usize::try_from(issue.comments).unwrap_or(usize::MAX), "comment")) }
        }
    }
}
