//! A pull request, or what it changes as text for git.

use maud::{Markup, html};

use super::{
    at::At,
    checks, commit, conversation, diff,
    frame::{self, Part},
    issue, text,
};
use crate::{
    object::unified,
    world::{Answer, pull::Whole},
};

const PARTS: [&str; 4] = ["Conversation", "Checks", "Commits", "Changes"];

/// The number may end with `.diff` or `.patch`.
pub(super) fn page(at: At<'_>, number: &str) -> Option<Answer> {
    let (number, form) = number.split_once('.').unwrap_or((number, ""));
    let whole = at.repository.pull(number.parse().ok()?)?;
    match form {
        "" => Some(shown(at, whole)),
        "diff" => Some(frame::text(unified(&at.state.files_of(whole.pull)))),
        "patch" => Some(frame::text(at.state.objects.format_patches(&at.state.commits_of(whole.pull)))),
        _ => None,
    }
}

fn shown(at: At<'_>, whole: Whole<'_>) -> Answer {
    let Whole { pull, issue, .. } = whole;
    let number = pull.number.to_string();
    let main = html! {
        h1 { bdi { (issue.title) } " " span.quiet { "#" (number) } }
        p { (state(whole)) " " (conversation::labels(issue::labels(at, issue))) }
        p { (way(at, whole)) }
        dl.facts { (facts(at, whole)) (issue::facts(at, issue)) }
        nav.portions aria-label="On this page" {
            @for part in PARTS { a href=(format!("#{}", part.to_lowercase())) { (part) } }
        }
        h2 id="conversation" { "Conversation" }
        (conversation::of(at, issue))
        h2 id="checks" { "Checks" }
        (checks::of(at, pull.head.sha))
        h2 id="commits" { "Commits" }
        (commit::list(at, &at.state.commits_of(pull)))
        h2 id="changes" { "Changes" }
        (diff::of(at, pull.head.sha, &at.state.files_of(pull)))
    };
    frame::of(at, Part::Pulls, &format!("{} #{number}", issue.title), main)
}

pub(super) fn state(whole: Whole<'_>) -> Markup {
    let (mark, class, word) = match (whole.pull.merge, whole.issue.is_open()) {
        (Some(_), _) => ("✓", "state done", "Merged"),
        (None, false) => ("✗", "state bad", "Closed"),
        (None, true) if whole.pull.draft => ("◆", "state", "Draft"),
        (None, true) => ("●", "state good", "Open"),
    };
    html! { span class=(class) { (text::mark(mark)) (word) } }
}

fn way(at: At<'_>, whole: Whole<'_>) -> Markup {
    let (head, base) = (&whole.pull.head, &whole.pull.base);
    let own = head.repository == at.repository.id && at.repository.branch(&head.branch).is_some();
    let label = format!("{}:{}", at.state.login(head.owner), head.branch);
    html! {
        "From "
        @if own { a href=(at.path(&["tree", &head.branch])) { bdi { (label) } } } @else { bdi { (label) } }
        " at " a.sha href=(at.path(&["commit", &head.sha.to_string()])) { (head.sha.short()) }
        " into " a href=(at.path(&["tree", &base.branch])) { bdi { (base.branch) } }
    }
}

fn facts(at: At<'_>, whole: Whole<'_>) -> Markup {
    let mergeable = at.state.mergeable(whole);
    html! {
        @if let Some(merge) = whole.pull.merge {
            dt { "Merged" }
            dd {
                (text::when(merge.at)) " by " (text::who(at.state, merge.by)) " as "
                a.sha href=(at.path(&["commit", &merge.commit.to_string()])) { (merge.commit.short()) }
            }
        } @else if whole.issue.is_open() {
            dt { "Can be merged" } dd { (how(at.state.mergeable_state(whole, mergeable))) }
        }
        dt { "Asked for a review" }
        dd {
            @if whole.pull.requested.is_empty() { "nobody" }
            @for person in &whole.pull.requested { (text::who(at.state, *person)) " " }
        }
    }
}

/// GitHub's word, and what it means.
fn how(word: &str) -> &str {
    match word {
        "clean" => "yes",
        "unstable" => "yes, though a check that is not required has not passed",
        "dirty" => "no: it conflicts with its base",
        "draft" => "no: it is a draft",
        "blocked" => "no: a rule of its base is not met yet",
        "behind" => "no: its base has moved on",
        "unknown" => "git has not said yet",
        other => other,
    }
}
