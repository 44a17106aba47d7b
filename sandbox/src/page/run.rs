//! A check run.

use maud::{Markup, html};

use super::{
    address::encoded,
    at::At,
    checks,
    frame::{self, Part},
    text,
};
use crate::world::{
    Answer, CheckRunId,
    check::{Annotation, Run},
};

pub(super) fn page(at: At<'_>, id: CheckRunId) -> Option<Answer> {
    let checks = &at.repository.checks;
    let run = checks.runs.get(&id)?;
    let suite = checks.suites.get(&run.suite)?;
    let main = html! {
        h1 { bdi { (run.name) } }
        dl.facts {
            dt { "Stands at" } dd { (checks::how(run.progress)) }
            dt { "Commit" } dd { a.sha href=(at.path(&["commit", &suite.head.to_string()])) { (suite.head.short()) } }
            @if let Some(app) = at.state.apps.apps.get(&suite.app) { dt { "Said by" } dd { (text::who(at.state, app.bot)) } }
            dt { "Began" } dd { (text::when(run.started_at)) }
            @if let Some((ended, _)) = run.progress.ended() { dt { "Ended" } dd { (text::when(ended)) } }
            @if let Some(address) = &run.details_url { dt { "Details" } dd { (text::link(address, address)) } }
        }
        (report(at, run, &suite.head.to_string()))
    };
    Some(frame::of(at, Part::Code, &run.name, main))
}

fn report(at: At<'_>, run: &Run, head: &str) -> Markup {
    let report = &run.report;
    html! {
        h2 { @if let Some(title) = &report.title { bdi { (title) } } @else { "Report" } }
        @if report.summary.is_none() && report.text.is_none() { p { "It has said nothing more." } }
        @for text in [&report.summary, &report.text].into_iter().flatten() { (text::said(text)) }
        @if !report.annotations.is_empty() {
            h2 { "Notes on lines" }
            @for annotation in &report.annotations { (note(at, head, annotation)) }
        }
    }
}

fn note(at: At<'_>, head: &str, note: &Annotation) -> Markup {
    let address = format!("{}/blob/{head}/{}#L{}", at.path(&[]), encoded(&note.path), note.start_line);
    html! {
        div.said {
            p.by { (text::word(&note.annotation_level)) " " a href=(address) { bdi { (note.path) } ":" (note.start_line) } }
            (text::said(&note.message))
        }
    }
}
