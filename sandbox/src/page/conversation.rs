//! What was said on an issue or pull request, in order.

use maud::{Markup, html};

use super::{at::At, happening, text};
use crate::world::{
    AccountId, Moment, ReviewId,
    issue::{Comment, Issue, Label},
    review::{self, Review, Verdict},
};

/// A page shows so many.
const MOST: usize = 500;
/// Of what a comment on a line is on.
const LINES: usize = 6;

pub(super) fn of(at: At<'_>, issue: &Issue) -> Markup {
    let (issues, pulls) = (&at.repository.issues, &at.repository.pulls);
    let comments = issues.conversation(issue.number).map(|said| (said.created_at, comment(at, said)));
    let reviews = pulls.reviews(issue.number).filter_map(|said| Some((said.submitted_at?, review(at, said))));
    let happened = issues.history.get(&issue.number).into_iter().flatten();
    let happened = happened.filter_map(|one| Some((one.at, happening::of(at, one)?)));
    let mut all: Vec<(Moment, Markup)> = comments.chain(reviews).chain(happened).collect();
    all.sort_by_key(|(when, _)| *when);
    let left = all.len().saturating_sub(MOST);
    html! {
        article.said {
            (by(at, issue.author, issue.created_at, "wrote"))
            @match issue.body.as_deref() {
                None | Some("") => { p.text.quiet { "Nothing more." } }
                Some(body) => { (text::said(body)) }
            }
        }
        @for (_, said) in all.into_iter().take(MOST) { (said) }
        @if left > 0 { (text::not_shown(left, "entry")) }
    }
}

pub(super) fn labels<'a>(labels: impl Iterator<Item = &'a Label>) -> Markup {
    html! {
        @for one in labels { (label(&one.name, &one.color)) " " }
    }
}

pub(super) fn label(name: &str, color: &str) -> Markup {
    html! {
        span.label {
            svg width="10" height="10" aria-hidden="true" { circle cx="5" cy="5" r="5" fill=(format!("#{color}")) {} }
            " " bdi { (name) }
        }
    }
}

fn by(at: At<'_>, author: AccountId, when: Moment, verb: &str) -> Markup {
    html! { h3 { (text::who(at.state, author)) " " (verb) " " span.quiet { (text::when(when)) } } }
}

fn comment(at: At<'_>, comment: &Comment) -> Markup {
    html! {
        article.said id=(format!("issuecomment-{}", comment.id)) {
            (by(at, comment.author, comment.created_at, "commented"))
            (text::said(&comment.body))
        }
    }
}

fn review(at: At<'_>, review: &Review) -> Markup {
    let (mark, class, verb) = match review.verdict {
        Verdict::Approved => ("✓", "state good", "approved"),
        Verdict::ChangesRequested => ("✗", "state bad", "asked for changes"),
        Verdict::Commented => ("●", "state", "reviewed"),
        Verdict::Dismissed => ("◆", "state", "gave a review that was dismissed"),
        Verdict::Pending => ("●", "state", "is writing a review"),
    };
    let when = review.submitted_at.unwrap_or_default();
    html! {
        article.said id=(format!("pullrequestreview-{}", review.id)) {
            h3 {
                (text::who(at.state, review.author)) " "
                span class=(class) { (text::mark(mark)) (verb) }
                " at " code { (review.commit.short()) } " " span.quiet { (text::when(when)) }
            }
            @if !review.body.is_empty() { (text::said(&review.body)) }
            @for comment in of_review(at, review.id) { (on_line(at, comment)) }
        }
    }
}

fn of_review(at: At<'_>, id: ReviewId) -> impl Iterator<Item = &review::Comment> {
    at.repository.pulls.comments.values().filter(move |comment| comment.review == id)
}

fn on_line(at: At<'_>, comment: &review::Comment) -> Markup {
    let place = &comment.place;
    let lines: Vec<&str> = place.hunk.lines().collect();
    let shown = lines.iter().skip(lines.len().saturating_sub(LINES)).copied().collect::<Vec<_>>().join("\n");
    html! {
        div.said id=(format!("discussion_r{}", comment.id)) {
            p.by {
                (text::who(at.state, comment.author)) " on " code { bdi { (place.path) } }
                @if let Some(lines) = place.lines { ", line " (lines.line) }
                @if comment.outdated { span.quiet { " (the file has changed since)" } }
                @if comment.in_reply_to.is_some() { span.quiet { " (an answer)" } }
            }
            @if !shown.is_empty() && comment.in_reply_to.is_none() { (text::code(&shown)) }
            (text::said(&comment.body))
        }
    }
}
