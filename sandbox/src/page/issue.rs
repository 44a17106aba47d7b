//! An issue.

use maud::{Markup, html};

use super::{
    at::At,
    conversation,
    frame::{self, Part},
    text,
};
use crate::world::{
    Answer, Number,
    issue::{Issue, Label, Reason, Standing},
};

/// The number of a pull request leads to its own page.
pub(super) fn page(at: At<'_>, number: Number) -> Option<Answer> {
    let issue = at.repository.issues.get(number)?;
    let number = number.to_string();
    if issue.is_pull_request {
        return Some(frame::elsewhere(&at.path(&["pull", &number])));
    }
    let main = html! {
        h1 { bdi { (issue.title) } " " span.quiet { "#" (number) } }
        p { (state(issue)) " " (conversation::labels(labels(at, issue))) }
        dl.facts { (facts(at, issue)) }
        h2 { "Conversation" }
        (conversation::of(at, issue))
    };
    Some(frame::of(at, Part::Issues, &format!("{} #{number}", issue.title), main))
}

pub(super) fn state(issue: &Issue) -> Markup {
    let (mark, class, word) = match issue.standing {
        Standing::Open { .. } => ("●", "state good", "Open"),
        Standing::Closed { reason: Reason::Completed, .. } => ("✓", "state done", "Closed as completed"),
        Standing::Closed { reason: Reason::NotPlanned, .. } => ("✗", "state", "Closed as not planned"),
        Standing::Closed { reason: Reason::Duplicate, .. } => ("✗", "state", "Closed as a duplicate"),
    };
    html! { span class=(class) { (text::mark(mark)) (word) } }
}

pub(super) fn labels<'a>(at: At<'a>, issue: &'a Issue) -> impl Iterator<Item = &'a Label> {
    issue.labels.iter().filter_map(move |label| at.repository.issues.labels.get(label))
}

/// Who has it, and who closed it.
pub(super) fn facts(at: At<'_>, issue: &Issue) -> Markup {
    html! {
        dt { "Assigned to" }
        dd {
            @if issue.assignees.is_empty() { "nobody" }
            @for person in &issue.assignees { (text::who(at.state, *person)) " " }
        }
        @if let Standing::Closed { at: when, by, .. } = issue.standing {
            dt { "Closed" } dd { (text::when(when)) " by " (text::who(at.state, by)) }
        }
        @if issue.locked { dt { "Conversation" } dd { "locked" } }
    }
}
