//! The sentence that people are shown for a delivery: who did what, where.
//!
//! Titles, names and comments in it are other people's words. They are cut, and stripped of what could move a cursor or
//! turn the reading direction; nobody may read an order out of them.

mod code;
mod repository;
mod talk;

use std::borrow::Cow;

use bus::catalogue::github::Event;

use super::{Payload, Place};
use crate::github::json::Json;

/// The longest sentence, in characters.
const LONGEST: usize = 200;

/// The longest title, name or beginning of a comment in it, in characters.
const LONGEST_QUOTE: usize = 100;

/// Digits of a commit that are shown.
const DIGITS: usize = 7;

/// The sentence for this event, whose name at GitHub is `name`.
pub(super) fn sentence(event: Event, name: &str, payload: &Payload<'_>, place: &Place<'_>) -> String {
    let scene = Scene { payload, place };
    let own = match event {
        Event::Issues => talk::issue(scene),
        Event::IssueComment => talk::comment(scene),
        Event::PullRequest => talk::pull_request(scene),
        Event::PullRequestReview => talk::review(scene),
        Event::PullRequestReviewComment => talk::review_comment(scene),
        Event::PullRequestReviewThread => talk::review_thread(scene),
        Event::Discussion | Event::DiscussionComment => talk::discussion(scene),
        Event::CommitComment => code::commit_comment(scene),
        Event::Push => code::push(scene),
        Event::Create | Event::Delete => code::reference(scene, event),
        Event::CheckRun => code::check(payload.check_run, scene),
        Event::CheckSuite => code::suite(scene),
        Event::WorkflowRun => code::check(payload.workflow_run, scene),
        Event::WorkflowJob => code::check(payload.workflow_job, scene),
        Event::Status => code::status(scene),
        Event::Deployment => code::deployment(scene),
        Event::DeploymentStatus => code::deployment_status(scene),
        Event::Release => code::release(scene),
        Event::Label => repository::label(scene),
        Event::Milestone => repository::milestone(scene),
        Event::Star | Event::Watch | Event::Fork | Event::Public => repository::attention(scene, event),
        Event::Member => repository::member(scene),
        Event::Repository => repository::itself(scene),
        Event::Ping => repository::ping(scene),
        _ => None,
    };
    shown(&own.unwrap_or_else(|| plain(name, scene)), LONGEST)
}

/// What is said of an event that has no sentence of its own, or lacks what its own is made of.
fn plain(name: &str, scene: Scene<'_, '_>) -> String {
    let action = scene.action().map(|action| format!(" {}", spaced(&action))).unwrap_or_default();
    let at = scene.place.about().map(Cow::Owned).or_else(|| scene.place.known());
    let at = at.map(|at| format!(" in {at}")).unwrap_or_default();
    let by = scene.payload.actor().map(|actor| format!(" by {}", quoted(&actor))).unwrap_or_default();
    format!("{}{action}{at}{by}", spaced(name))
}

/// What a sentence is made of.
#[derive(Clone, Copy)]
struct Scene<'p, 'a> {
    payload: &'p Payload<'a>,
    place: &'p Place<'a>,
}

impl<'a> Scene<'_, 'a> {
    fn who(self) -> Option<String> {
        self.payload.actor().map(|actor| quoted(&actor))
    }

    fn action(self) -> Option<Cow<'a, str>> {
        self.payload.action()
    }

    /// `acme/site#42`, or `acme/site` where there is no number.
    fn at(self) -> Option<String> {
        self.place.about()
    }

    /// `acme/site`.
    fn repository(self) -> Option<String> {
        self.place.repository()
    }

    /// `acme/site#42: the title`.
    fn titled(self) -> Option<String> {
        Some(format!("{}{}", self.at()?, after_colon(self.payload.thing?.title.and_then(Json::words))))
    }
}

/// `: the words`, or nothing where there are none.
fn after_colon(words: Option<Cow<'_, str>>) -> String {
    let words = words.map(|words| quoted(first_line(&words))).filter(|words| !words.is_empty());
    words.map(|words| format!(": {words}")).unwrap_or_default()
}

fn first_line(words: &str) -> &str {
    words.trim_start().lines().next().unwrap_or_default()
}

fn short(commit: &str) -> String {
    shown(&commit.chars().take(DIGITS).collect::<String>(), DIGITS)
}

fn quoted(words: &str) -> String {
    shown(words, LONGEST_QUOTE)
}

fn spaced(name: &str) -> String {
    quoted(&name.replace('_', " "))
}

/// One line of visible characters, cut with an ellipsis.
pub(crate) fn shown(words: &str, longest: usize) -> String {
    let mut line = String::with_capacity(words.len().min(longest * 4));
    let mut room = longest;
    for character in collapsed(words) {
        if room == 0 {
            line.pop();
            line.push('…');
            break;
        }
        line.push(character);
        room -= 1;
    }
    line
}

/// The characters that can be seen, with one space for any white space between them.
fn collapsed(words: &str) -> impl Iterator<Item = char> {
    let mut pending = false;
    let mut begun = false;
    words
        .chars()
        .filter(|character| character.is_whitespace() || is_visible(*character))
        .flat_map(move |character| {
            if character.is_whitespace() {
                pending = begun;
                return [None, None];
            }
            begun = true;
            [std::mem::take(&mut pending).then_some(' '), Some(character)]
        })
        .flatten()
}

/// Control characters move a terminal's cursor; the others turn the reading direction or mark bytes.
fn is_visible(character: char) -> bool {
    !character.is_control()
        && !matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests;
