//! What is said of a commit: check runs and statuses.

use maud::{Markup, html};

use super::{at::At, text};
use crate::{
    object::Oid,
    workflow::Conclusion,
    world::{
        check::{Progress, Run},
        status::{Status, Word},
    },
};

/// A list, or that nothing has been said.
pub(super) fn of(at: At<'_>, commit: Oid) -> Markup {
    let checks = &at.repository.checks;
    let runs: Vec<&Run> = checks.suites_of(commit).flat_map(|suite| checks.latest_of(suite.id).into_values()).collect();
    let statuses = at.repository.statuses.latest(commit);
    html! {
        @if runs.is_empty() && statuses.is_empty() { p { "Nothing has reported on " code { (commit.short()) } " yet." } }
        @else {
            ul.list {
                @for run in runs { li { (line(at, run)) } }
                @for status in statuses.into_values() { li { (word(status)) } }
            }
        }
    }
}

fn line(at: At<'_>, run: &Run) -> Markup {
    html! {
        (how(run.progress)) " "
        a.title href=(at.path(&["runs", &run.id.to_string()])) { bdi { (run.name) } }
        @if let Some(title) = &run.report.title { " " bdi.quiet { (title) } }
    }
}

/// How a check stands: a mark and GitHub's word.
pub(super) fn how(progress: Progress) -> Markup {
    let word = match progress {
        Progress::Open(_) => progress.word().replace('_', " "),
        Progress::Ended { conclusion, .. } => text::word(&conclusion),
    };
    let (mark, class) = match progress.ended() {
        None => ("●", "state wait"),
        Some((_, Conclusion::Success)) => ("✓", "state good"),
        Some((_, Conclusion::Neutral | Conclusion::Skipped | Conclusion::Stale)) => ("◆", "state"),
        Some(_) => ("✗", "state bad"),
    };
    html! { span class=(class) { (text::mark(mark)) (word) } }
}

fn word(status: &Status) -> Markup {
    let (mark, class) = match status.word {
        Word::Pending => ("●", "state wait"),
        Word::Success => ("✓", "state good"),
        Word::Error | Word::Failure => ("✗", "state bad"),
    };
    html! {
        span class=(class) { (text::mark(mark)) (text::word(&status.word)) } " " bdi { (status.context) }
        @if let Some(description) = &status.description { " " bdi.quiet { (description) } }
        @if let Some(address) = &status.target_url { " " (text::link(address, "Details")) }
    }
}
