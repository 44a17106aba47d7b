//! The pull requests of a repository.

use maud::html;

use super::{
    address::Address,
    at::At,
    frame::{self, Part},
    issues,
};
use crate::world::Answer;

pub(super) fn page(at: At<'_>, address: &Address) -> Answer {
    let pulls = at.repository.issues.issues.values().rev().filter(|issue| issue.is_pull_request);
    let main = html! {
        h1 { "Pull requests" }
        (issues::lists(address, pulls, |issue| {
            let state = at.repository.pull(issue.number).map(super::pull::state).unwrap_or_default();
            issues::line(at, "pull", issue, &state)
        }))
    };
    frame::of(at, Part::Pulls, "Pull requests", main)
}
