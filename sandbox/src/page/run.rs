//! A check run.

use maud::{Markup, html};

use super::{
    actions,
    address::encoded,
    at::At,
    checks,
    frame::{self, Part},
    text,
};
use crate::world::{
    Answer, CheckRunId, JobId,
    check::{Annotation, Run},
    ci::Job,
};

pub(super) fn page(at: At<'_>, id: CheckRunId) -> Option<Answer> {
    let checks = &at.repository.checks;
    let run = checks.runs.get(&id)?;
    let suite = checks.suites.get(&run.suite)?;
    let job = at.repository.actions.jobs.get(&JobId(id.0));
    let part = if job.is_some() { Part::Actions } else { Part::Code };
    let main = html! {
        h1 { bdi { (run.name) } }
        p { (checks::how(run.progress)) }
        dl.facts {
            @if let Some(job) = job { dt { "Part of" } dd { (whole(at, job)) } }
            dt { "Commit" } dd { a.sha href=(at.path(&["commit", &suite.head.to_string()])) { (suite.head.short()) } }
            @if let Some(app) = at.state.apps.apps.get(&suite.app) { dt { "Said by" } dd { (text::who(at.state, app.bot)) } }
            dt { "Began" } dd { (text::when(run.started_at)) }
            @if let Some((ended, _)) = run.progress.ended() { dt { "Ended" } dd { (text::when(ended)) ", after " (text::span(run.started_at, ended)) } }
            @if let (Some(address), None) = (&run.details_url, job) { dt { "Details" } dd { (text::link(address, address)) } }
        }
        @match job {
            Some(job) => { (log(at, job)) }
            None => { (report(at, run, &suite.head.to_string())) }
        }
    };
    Some(frame::of(at, part, &run.name, main))
}

/// The workflow run that a job is part of.
fn whole(at: At<'_>, job: &Job) -> Markup {
    let run = at.repository.actions.runs.get(&job.run);
    html! {
        @if let Some(run) = run {
            a href=(actions::address(at, run.id)) { bdi { (run.title) } " #" (run.number) }
            @if run.attempt > 1 { ", attempt " (job.attempt) " of " (run.attempt) }
        }
    }
}

fn log(at: At<'_>, job: &Job) -> Markup {
    html! {
        h2 { "Log" }
        @match (&job.log, actions::log(at, job.id)) {
            (Some(log), Some(address)) => {
                @if log.is_empty() { p { "It wrote nothing." } } @else { div.log { (text::code(&String::from_utf8_lossy(log))) } }
                p { a href=(address) { "As it is" } }
            }
            _ => { p { "It has written nothing yet." } }
        }
    }
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
