//! The last word of the check on the head of a pull request that was closed and not merged, so that it does not wait for
//! ever. Where it is opened again, the check tells again how it stands.

use bus::{
    catalogue::{cmd::GithubOrder, outcome::PullState},
    number::{PullKey, PullNumber},
};

use super::{digest_of_check, github};
use crate::machine::{
    matter::Matter,
    order::{Order, Target},
    state::KnownPull,
};

const SUMMARY: &str = "Closed, and not merged.";

/// What is to be said of the closed pull requests that carried an item.
pub(super) fn last_words(matter: Matter<'_>) -> impl Iterator<Item = Order> {
    let Matter { state, key, .. } = matter;
    let may_say = move |pull: &&KnownPull| state.outbox.may_say(&Target::Gate(key.repository, pull.head), true);
    closed(matter).filter(|pull| !is_said(pull)).filter(may_say).map(move |pull| {
        let summary = SUMMARY.to_owned();
        github(key, GithubOrder::Judge { head: pull.head, open: false, landed: true, summary })
    })
}

/// Whether nothing more is to be said of them.
pub(super) fn is_over(matter: Matter<'_>) -> bool {
    let Matter { state, key, .. } = matter;
    let is_quiet = |pull: &KnownPull| state.outbox.at(&Target::Gate(key.repository, pull.head)).is_none();
    closed(matter).all(|pull| is_said(pull) && is_quiet(pull))
}

/// The closed ones; of pull requests with one head the last one has its check.
fn closed(matter: Matter<'_>) -> impl Iterator<Item = &KnownPull> {
    let Matter { state, key, .. } = matter;
    let has_the_check = move |pull: PullNumber, known: &KnownPull| {
        state.pull_with_head(key.repository, known.head) == Some(PullKey { repository: key.repository, pull })
    };
    let carried = state.carriers(key).filter(|(_, pull)| pull.state == PullState::Closed);
    carried.filter(move |(number, pull)| has_the_check(*number, pull)).map(|(_, pull)| pull)
}

fn is_said(pull: &KnownPull) -> bool {
    pull.judged == Some((pull.head, digest_of_check(SUMMARY, false, true)))
}
