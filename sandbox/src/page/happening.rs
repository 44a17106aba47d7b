//! What happened to an issue or pull request beside what was said on it: a line each.

use maud::{Markup, html};

use super::{at::At, conversation::label, text};
use crate::world::{
    history::{Happening, Place, What},
    issue::Reason,
};

/// Nothing where another one names it that not everybody may see.
pub(super) fn of(at: At<'_>, happening: &Happening) -> Option<Markup> {
    let what = what(at, &happening.what)?;
    Some(html! {
        p.happening id=(format!("event-{}", happening.id)) {
            (text::who(at.state, happening.by)) " " (what) " " span.quiet { (text::when(happening.at)) }
        }
    })
}

fn what(at: At<'_>, what: &What) -> Option<Markup> {
    Some(match what {
        What::Label { on, name, color } => {
            html! { (if *on { "added" } else { "removed" }) " the label " (label(name, color)) }
        }
        What::Assignee { on, person } => {
            html! { (if *on { "assigned" } else { "unassigned" }) " " (text::who(at.state, *person)) }
        }
        What::Milestone { on, title } => {
            html! { (if *on { "added this to" } else { "removed this from" }) " the milestone " bdi { (title) } }
        }
        What::Renamed { from, to } => html! { "changed the title from " bdi { (from) } " to " bdi { (to) } },
        What::Locked(_) => html! { "locked the conversation" },
        What::Unlocked => html! { "unlocked the conversation" },
        What::Closed(reason) => closed(*reason),
        What::Reopened => html! { span class="state good" { (text::mark("●")) "reopened" } " this" },
        What::Referenced(place) => html! { "named this in " (other(at, *place)?) },
    })
}

fn closed(reason: Option<Reason>) -> Markup {
    let (mark, class, why) = match reason {
        Some(Reason::Completed) => ("✓", "state done", " as completed"),
        Some(Reason::NotPlanned) => ("✗", "state", " as not planned"),
        Some(Reason::Duplicate) => ("✗", "state", " as a duplicate"),
        None => ("✗", "state", ""),
    };
    html! { span class=(class) { (text::mark(mark)) "closed" } " this" (why) }
}

fn other(at: At<'_>, (repository, number): Place) -> Option<Markup> {
    let there = At::of(at.state, repository)?;
    let issue = there.repository.issues.get(number)?;
    let kind = if issue.is_pull_request { "pull" } else { "issues" };
    Some(html! { a href=(there.path(&[kind, &number.to_string()])) { bdi { (issue.title) } " #" (number.0) } })
}
