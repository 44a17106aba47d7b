//! `apply`: what is known after a record. Total: a record that says nothing new changes nothing.

mod claim;
mod code;
mod issue;
mod outcome;

use bus::{
    RecordId,
    catalogue::{
        cmd::{DeployOrder, GithubOrder},
        work::{Course, Standing, Transition},
    },
    number::{ItemKey, PullKey, RepositoryId},
};
use time::OffsetDateTime;

pub(super) use self::code::issue_of_branch;
use self::{
    claim::apply_claim,
    code::{apply_branch, apply_check, apply_pull, apply_review},
    issue::apply_issue,
    outcome::{apply_outcome, touch_order},
};
use super::{
    fact::{Fact, Place, Record},
    order::Order,
    rules::Rules,
    state::{After, KnownRepository, State, digest},
    tell::digest_of_check,
};

/// The room where everybody is.
const GENERAL: &str = "general";

/// How our own branches begin: `rig/<issue>-<words>`.
pub(super) const OUR_BRANCHES: &str = "rig/";

/// Takes a record over.
pub fn apply(state: &mut State, rules: &Rules, record: &Record) {
    state.now = state.now.max(record.at);
    match &record.fact {
        Fact::Issue(place, issue) => {
            known(state, rules, place, |state| apply_issue(state, rules, place, issue, record.id));
        }
        Fact::Pull(place, pull) => known(state, rules, place, |state| apply_pull(state, place.id, pull)),
        Fact::Review(place, review) => known(state, rules, place, |state| apply_review(state, place.id, review)),
        Fact::Check(place, check) => known(state, rules, place, |state| apply_check(state, place.id, check)),
        Fact::Branch(place, branch) => known(state, rules, place, |state| apply_branch(state, place.id, branch)),
        Fact::Claim(claim) => apply_claim(state, rules, claim),
        Fact::Outcome(command, end) => apply_outcome(state, rules, *command, end),
        Fact::Observed(repository, commit) => {
            if let Some(known) = state.repositories.get_mut(repository) {
                known.shown = Some(*commit);
                touch_landed(state, *repository);
            }
        }
        Fact::Moved(key, transition) => apply_moved(state, *key, transition),
        Fact::Ordered(order) => apply_order(state, record.id, order),
        Fact::Asked(asked) => drop(state.heard.note(asked.record)),
        Fact::Said(said) => state.note_said(said),
        Fact::Tick => apply_tick(state, record.at),
        Fact::Smoked(..) | Fact::Due(_) | Fact::Other => {}
    }
}

/// Only repositories that are looked after are known; a renamed one is the same one.
fn known(state: &mut State, rules: &Rules, place: &Place, then: impl FnOnce(&mut State)) {
    if rules.repository(&place.name).is_none() {
        return;
    }
    let repository = state.repositories.entry(place.id).or_insert_with(|| KnownRepository::new(place));
    repository.name.clone_from(&place.name);
    repository.base.clone_from(&place.default_branch);
    then(state);
}

fn touch_landed(state: &mut State, repository: RepositoryId) {
    let waits = |standing: &Standing| {
        matches!(standing, Standing::Deploying(_) | Standing::Verifying(_) | Standing::Waiting(_))
    };
    state.touch(repository, waits);
}

fn apply_tick(state: &mut State, at: OffsetDateTime) {
    for rest in state.outbox.rested(at) {
        touch_order(state, &rest.order);
        state.follow.extend((rest.after == After::Failure).then_some(rest.order));
    }
    let listed = state.bypasses.list(state.now);
    state.follow.extend(listed.map(|say| Order::Say { room: GENERAL.to_owned(), say, push: Vec::new() }));
}

fn apply_moved(state: &mut State, key: ItemKey, transition: &Transition) {
    if let Some(line) = bypass(state, key, &transition.course) {
        state.bypasses.note(state.now, line);
    }
    if let Some(item) = state.items.get_mut(&key) {
        item.turned_away = item.turned_away.filter(|since| still_waits(&transition.course.standing, *since));
    }
    state.set_course(key, transition.course.clone());
}

/// Whether an item that was turned away still waits for somebody with room: nobody worked on it, and no person was told.
fn still_waits(standing: &Standing, since: OffsetDateTime) -> bool {
    match standing {
        Standing::Queued(queued) => queued.since <= since,
        Standing::Offered(_) | Standing::Leased(_) => true,
        _ => false,
    }
}

/// What is listed of an item that has landed now, where a person's word stood for its review.
fn bypass(state: &State, key: ItemKey, course: &Course) -> Option<String> {
    let item = state.items.get(&key).filter(|item| item.course.landed.is_none())?;
    let (commit, permit) = (course.landed?, course.permit.as_ref()?);
    let because =
        permit.because.as_ref().filter(|_| state.pull_of(key).is_some_and(|pull| pull.head == permit.head))?;
    Some(format!("{} {} as {}, by {}: {because}", state.name_of(key), item.issue.title, commit.short(), permit.by))
}

fn apply_order(state: &mut State, id: RecordId, order: &Order) {
    if let Order::Github { repository, order } = order {
        match order.as_ref() {
            GithubOrder::Tell { thread, text, .. } => state.note_told(*repository, *thread, Some(digest(&[text]))),
            GithubOrder::Judge { head, summary, open, landed } => {
                state.note_judged(*repository, *head, Some(digest_of_check(summary, *open, *landed)));
            }
            GithubOrder::Merge { pull, head, .. } => {
                if let Some(known) = state.pulls.get_mut(&PullKey { repository: *repository, pull: *pull }) {
                    known.ordered = Some(*head);
                }
            }
            GithubOrder::Close { pull, by } => {
                if let Some(known) = state.pulls.get_mut(&PullKey { repository: *repository, pull: *pull }) {
                    known.replaced = Some(*by);
                }
            }
            _ => {}
        }
    }
    if let Order::Deploy { repository, order: DeployOrder::Smoke { commit } } = order {
        state.note_smoke_ordered(*repository, *commit);
    }
    let now = state.now;
    state.outbox.open(id, order.clone(), now);
}
