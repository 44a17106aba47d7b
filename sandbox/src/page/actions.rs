//! Workflow runs: what a commit's `.ci.toml` made of an event.

use maud::{Markup, html};

use super::{
    address::Address,
    at::At,
    checks,
    frame::{self, Part},
    portion::Portion,
    text,
};
use crate::world::{
    Answer, JobId, WorkflowRunId,
    ci::{Job, Run},
};

/// The newest first.
pub(super) fn page(at: At<'_>, address: &Address) -> Answer {
    let runs = Portion::of(address, "page", at.repository.actions.runs.values().rev());
    let main = html! {
        h1 { "Workflow runs" }
        @if runs.items.is_empty() { p { "There are none. A commit with a " code { ".ci.toml" } " declares what is run." } }
        @else { ul.list { @for run in &runs.items { li { (line(at, run)) } } } }
        (runs.ways())
    };
    frame::of(at, Part::Actions, "Workflow runs", main)
}

/// A run and its jobs, those of the newest attempt first.
pub(super) fn run(at: At<'_>, id: WorkflowRunId) -> Option<Answer> {
    let run = at.repository.actions.runs.get(&id)?;
    let main = html! {
        h1 { bdi { (run.title) } " " span.quiet { "#" (run.number) } }
        p { (state(at, run)) }
        (facts(at, run))
        @if let Some(fault) = &run.fault { h2 { "It could not start" } (text::said(fault)) }
        @for attempt in (1..=run.attempt).rev() { (jobs(at, run, attempt)) }
    };
    Some(frame::of(at, Part::Actions, &format!("{} #{}", run.title, run.number), main))
}

/// The address of a run's page.
pub(super) fn address(at: At<'_>, run: WorkflowRunId) -> String {
    at.path(&["actions", "runs", &run.to_string()])
}

/// Where the words are that a job wrote, as long as it has written any.
pub(super) fn log(at: At<'_>, id: JobId) -> Option<String> {
    let job = at.repository.actions.jobs.get(&id).filter(|job| job.log.is_some())?;
    Some(format!("/logs/jobs/{id}?key={}", job.key))
}

fn line(at: At<'_>, run: &Run) -> Markup {
    html! {
        (state(at, run)) " " a.title href=(address(at, run.id)) { bdi { (run.title) } }
        p.quiet {
            "#" (run.number) ", " (cause(run)) " of " bdi { (run.branch) } " by " (text::who(at.state, run.actor)) ", "
            (text::when(run.began_at))
            @if run.attempt > 1 { ", attempt " (run.attempt) }
        }
    }
}

fn state(at: At<'_>, run: &Run) -> Markup {
    html! { @if let Some(progress) = at.repository.run_progress(run) { (checks::how(progress)) } }
}

fn cause(run: &Run) -> String {
    run.event.as_str().replace('_', " ")
}

fn facts(at: At<'_>, run: &Run) -> Markup {
    let head = run.head.to_string();
    let ended = at.repository.run_progress(run).and_then(|progress| progress.ended());
    html! {
        dl.facts {
            dt { "Caused by" } dd { "a " (cause(run)) " by " (text::who(at.state, run.actor)) ", " (text::when(run.created_at)) }
            dt { "Commit" } dd { a.sha href=(at.path(&["commit", &head])) { (run.head.short()) } " of " bdi { (run.branch) } }
            @if run.attempt > 1 { dt { "Run again by" } dd { (text::who(at.state, run.again_by)) ", " (text::when(run.began_at)) } }
            @if let Some((ended, _)) = ended { dt { "Ended" } dd { (text::when(ended)) ", after " (text::span(run.began_at, ended)) } }
        }
    }
}

fn jobs(at: At<'_>, run: &Run, attempt: u64) -> Markup {
    let jobs: Vec<&Job> = at.repository.actions.jobs_of(run.id).filter(|job| job.attempt == attempt).collect();
    html! {
        @if !jobs.is_empty() {
            h2 { "Jobs" @if run.attempt > 1 { " of attempt " (attempt) } }
            ul.list { @for job in jobs { li { (job_line(at, job)) } } }
        }
    }
}

fn job_line(at: At<'_>, job: &Job) -> Markup {
    let name = &job.check.name;
    html! {
        @if let Some(progress) = at.repository.job_progress(job) { (checks::how(progress)) " " }
        a.title href=(format!("{}/job/{}", address(at, job.run), job.id)) { bdi { (name) } }
        @if !job.check.needs.is_empty() { span.quiet { " after " (job.check.needs.join(", ")) } }
        @if let Some(log) = log(at, job.id) { " " a href=(log) aria-label=(format!("Log of {name}")) { "Log" } }
    }
}
