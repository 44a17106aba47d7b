use bus::{
    RecordId,
    number::{IssueNumber, RepositoryId},
};
use time::{OffsetDateTime, macros::datetime};

use super::*;
use crate::{
    machine::{
        Rules,
        fact::{Issue, Place as Where},
        replay_under,
        state::{Ended, Ending},
        step,
    },
    testing::rules,
};

const NOW: OffsetDateTime = datetime!(2026-11-22 09:00:00 UTC);

fn key(number: u64) -> ItemKey {
    ItemKey { repository: RepositoryId(1), issue: IssueNumber(number) }
}

fn filed(number: u64) -> Record {
    let place = Where { id: RepositoryId(1), name: "acme/hello.site".to_owned(), default_branch: "main".to_owned() };
    let issue = Issue {
        number: IssueNumber(number),
        title: format!("Greet visitor {number}"),
        body: String::new(),
        author: "ada".to_owned(),
        labels: vec!["agent-ready".to_owned()],
        open: true,
        updated_at: NOW,
        by: None,
    };
    Record { id: RecordId::of_delivery(&number.to_string()), at: NOW, fact: Fact::Issue(place, issue) }
}

/// One is offered, the other waits; what was said to the last record.
fn two() -> (State, Conservation, Vec<Record>) {
    let (mut state, mut twin, rules) = (State::new(), State::new(), rules().build());
    let mut watch = Conservation::default();
    let mut said = Vec::new();
    for record in [filed(1), filed(2)] {
        let outputs = step(&mut state, &rules, &record);
        said = (0..).zip(outputs).map(|(n, output)| recorded(&record, n, output.fact())).collect();
        replay_under(&mut twin, &rules, &record, &said, &mut watch);
    }
    assert_eq!(state, twin);
    (state, watch, said)
}

fn recorded(cause: &Record, n: u32, fact: Fact) -> Record {
    Record { id: cause.id.output(n), at: cause.at, fact }
}

fn tick() -> Record {
    Record { id: RecordId::of_delivery("tick"), at: NOW, fact: Fact::Tick }
}

#[track_caller]
fn check(broken: impl FnOnce(&mut State), expected: Broken) {
    let (mut state, mut watch, _) = two();
    assert_eq!(watch.after(&state, &tick()).and_then(|()| watch.at_rest(&state)), Ok(()));
    broken(&mut state);
    assert_eq!(watch.after(&state, &tick()).and_then(|()| watch.at_rest(&state)), Err(expected));
}

fn standing(state: &mut State, number: u64) -> &mut Standing {
    &mut state.items.get_mut(&key(number)).unwrap().course.standing
}

#[test]
fn an_item_that_is_lost_or_doubled_is_found_out() {
    check(|state| drop(state.items.remove(&key(1))), Broken::Lost(key(1)));
    let end = Ending::Cancelled { because: "enough".into() };
    let ended = Ended { end, generation: 1, pull: None, unwanted_at: None, known_at: NOW };
    check(|state| drop(state.ended.insert(key(2), ended)), Broken::Twice(key(2)));
}

#[test]
fn a_wait_without_an_end_is_found_out() {
    check(|state| *standing(state, 1) = Standing::Filed, Broken::Endless(key(1), "filed"));
    let nobody = Waiting { whom: String::new(), what: Need::Duplicate { of: IssueNumber(1) }, until: NOW, since: NOW };
    check(|state| *standing(state, 2) = Standing::Waiting(nobody), Broken::Endless(key(2), "waiting"));
    let nothing = Parked { why: Why::After { items: Vec::new() }, since: NOW, until: NOW };
    check(|state| *standing(state, 2) = Standing::Parked(nothing), Broken::Endless(key(2), "parked"));
    let nobody_s = |state: &mut State| {
        if let Standing::Offered(offered) = standing(state, 1) {
            offered.pool.clear();
        }
    };
    check(nobody_s, Broken::Endless(key(1), "offered"));
}

#[test]
fn a_list_that_says_something_else_than_the_items_is_found_out() {
    let swapped = |state: &mut State| {
        let (first, second) = (standing(state, 1).clone(), standing(state, 2).clone());
        *standing(state, 1) = second;
        *standing(state, 2) = first;
    };
    check(swapped, Broken::List("the queue"));
    let shortened = |state: &mut State| {
        if let Standing::Offered(offered) = standing(state, 1) {
            offered.until = NOW;
        }
    };
    check(shortened, Broken::List("the next deadline"));
    let renamed = |state: &mut State| {
        if let Standing::Offered(offered) = standing(state, 1) {
            offered.pool = "macos".to_owned();
        }
    };
    check(renamed, Broken::List("how much is in work"));
    let another = |state: &mut State| {
        if let Standing::Offered(offered) = standing(state, 1) {
            offered.run = RecordId::of_delivery("another run");
        }
    };
    check(another, Broken::List("whose work it is"));
    check(|state| assert!(state.agenda.insert(key(1))), Broken::Undone);
}

/// Under rules that leave the repository out, what LOG says of it comes to nothing.
#[test]
#[should_panic(expected = "does not lie there")]
fn what_was_moved_and_never_came_in_is_found_out() {
    let (_, _, said) = two();
    let none: Rules = rules().repositories(["acme/another"]).build();
    replay_under(&mut State::new(), &none, &filed(2), &said, &mut Conservation::default());
}
