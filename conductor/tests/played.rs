//! A played GitHub and the machine, with all that lies between: what the world posts becomes a record at the door, the
//! record is read, the machine decides, and what it orders is done in the world. No server, no clock, no chance.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    missing_docs,
    unreachable_pub,
    reason = "tests"
)]

#[path = "played/doors.rs"]
mod doors;
#[path = "played/fate.rs"]
mod fate;
#[path = "played/history.rs"]
mod history;
#[path = "played/people.rs"]
mod people;
#[path = "played/reconciling.rs"]
mod reconciling;
#[path = "played/records.rs"]
mod records;
#[path = "played/town.rs"]
mod town;

use std::collections::BTreeMap;

use bus::{
    Draft,
    catalogue::{cmd::GithubOrder, outcome::PullState},
};
use conductor::machine::{
    Fact, Order,
    fact::{Issue, Pull},
    state::Ending,
};
use fate::Fate;
use history::History;
use proptest::prelude::*;
use time::OffsetDateTime;
use town::{Times, Town};

/// From the issue to the landed commit; nobody touches anything between.
fn lands(times: Times) -> Town {
    let mut town = Town::new(times);
    town.files("Greet the visitor by name", "`?name=Ada` says \"Hello, Ada!\".");
    town.goes_on();
    town
}

#[test]
fn an_issue_filed_in_the_world_lands_there() {
    let town = lands(Times::Once);
    let landed = town.tip("main");
    assert_eq!(town.end_of(1), Some(Ending::Landed { commit: landed }));
    let way = [
        "queued",
        "offered",
        "claimed",
        "finished",
        "opened",
        "review_requested",
        "offered",
        "claimed",
        "finished",
        "gated",
        "landing",
        "merged",
    ];
    assert_eq!(town.told(), way);
    assert_eq!(town.open_orders(), 0);
}

#[test]
fn every_delivery_twice_changes_nothing() {
    let (once, twice) = (lands(Times::Once), lands(Times::Twice));
    assert_eq!(once.told(), twice.told());
    assert_eq!(once.pulls(), twice.pulls());
    assert_eq!(twice.end_of(1), Some(Ending::Landed { commit: twice.tip("main") }));
}

#[test]
fn deliveries_that_come_late_and_backwards_come_to_the_same() {
    let town = lands(Times::LateAndBackwards);
    assert_eq!(town.end_of(1), Some(Ending::Landed { commit: town.tip("main") }), "{:?}", town.told());
    assert_eq!(town.open_orders(), 0);
}

/// Who did it last is told by a delivery alone, our own comment came after the last one of each, and whether a pull request
/// merges is worked out after it was opened.
fn as_it_is(fact: Fact) -> Fact {
    let updated_at = OffsetDateTime::UNIX_EPOCH;
    match fact {
        Fact::Issue(place, issue) => Fact::Issue(place, Issue { by: None, updated_at, ..issue }),
        Fact::Pull(place, pull) => Fact::Pull(place, Pull { by: None, updated_at, mergeable: None, ..pull }),
        other => other,
    }
}

/// What was found by one look, by event, the last of each.
fn looked_up(town: &mut Town) -> BTreeMap<String, Fact> {
    let drafts = town.looks();
    let event = |draft: &Draft| draft.subject.kind().unwrap().to_string();
    drafts.into_iter().map(|draft| (event(&draft), town.read(draft).fact)).collect()
}

#[test]
fn what_is_looked_up_tells_what_was_delivered() {
    let mut town = Town::new(Times::Once);
    town.files("Greet the visitor by name", "`?name=Ada` says \"Hello, Ada!\".");
    town.goes_on_until("landing");
    let delivered = town.facts.clone();
    let found = looked_up(&mut town);
    for event in ["issues", "pull_request", "check_run", "pull_request_review"] {
        assert_eq!(as_it_is(found[event].clone()), as_it_is(delivered[event].clone()), "{event}");
    }
    assert!(town.looks().is_empty(), "it was told");
}

#[test]
fn a_list_tells_what_an_object_tells() {
    let mut town = lands(Times::Once);
    let found = looked_up(&mut town);
    let Fact::Pull(_, pull) = &found["pull_request"] else { panic!("a pull request in a list is one") };
    assert_eq!(pull.state, PullState::Merged { commit: town.tip("main") });
    let Fact::Issue(_, issue) = &found["issues"] else { panic!("an issue in a list is one") };
    assert_eq!(issue.number.0, 1, "the pull request stands among the issues, and is none");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_lost_doubled_or_late_it_lands(choices in prop::collection::vec(any::<u8>(), 1..200)) {
        let mut town = Town::new(Times::ByChance);
        town.fate = Fate::of(choices);
        town.files("Greet the visitor by name", "`?name=Ada` says \"Hello, Ada!\".");
        town.files("Remember the name", "For a day.\n\nDepends on #1");
        town.files("Say good bye", "When the window is closed.");
        town.lives(3);
        for issue in 1..=3 {
            prop_assert!(matches!(town.end_of(issue), Some(Ending::Landed { .. })), "{:?}", town.end_of(issue));
        }
        let pulls = town.shows("/repos/acme/hello.site/pulls?state=all");
        prop_assert_eq!(pulls.as_array().unwrap().len(), 3, "{:?}", town.told());
    }
}

/// With `RIG_SOAK=full` a thousand of them.
#[test]
fn soak_slice_random_histories_end_as_the_undisturbed_ones_do() {
    let full = std::env::var_os("RIG_SOAK").is_some_and(|soak| soak == "full");
    let seeds = 0..if full { 1000 } else { 12_u64 };
    let play = |half: u64| {
        let mut sum = [0, 0];
        for seed in seeds.clone().filter(|seed| seed % 2 == half) {
            let history = History::drawn(seed);
            let undisturbed = history.undisturbed();
            assert!(undisturbed.is_all_landed(&history), "the history of seed {seed}: {undisturbed:?}");
            let (disturbed, counts) = history.disturbed();
            assert_eq!(disturbed, undisturbed, "the history of seed {seed}");
            sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
        sum
    };
    // Two at a time: nothing is shared between histories.
    let sums = std::thread::scope(|scope| {
        let halves = [scope.spawn(|| play(0)), scope.spawn(|| play(1))];
        halves.map(|half| half.join().unwrap())
    });
    let [lost, again] = [0, 1].map(|which| sums.iter().map(|sum| sum[which]).sum::<u32>());
    eprintln!("{} histories, {lost} deliveries lost, {again} asked for again", seeds.end);
    assert!(lost > 10 * 12 && again > 0, "{lost} lost, {again} asked for again");
}

#[test]
fn a_comment_on_the_issue_orders_and_only_a_members_does() {
    let mut town = Town::new(Times::Once);
    town.files("Greet the visitor by name", "`?name=Ada` says \"Hello, Ada!\".");
    town.comments("sam", 1, "/rig hold");
    assert!(!town.told().contains(&"held".to_owned()));
    town.comments("nora", 1, "Let me think.\n\n/rig hold #1");
    assert!(town.told().contains(&"held".to_owned()));
    town.comments("nora", 1, "> /rig release\n\nNot yet.");
    assert!(!town.told().contains(&"released".to_owned()));
    town.goes_on();
    assert_eq!(town.end_of(1), None, "what is held does not land");
    town.comments("nora", 1, "@conductor-e release");
    town.goes_on();
    assert_eq!(town.end_of(1), Some(Ending::Landed { commit: town.tip("main") }));
}

#[test]
fn a_comment_on_the_pull_request_is_about_the_issue_it_closes() {
    let mut town = Town::new(Times::Once);
    town.files("Greet the visitor by name", "`?name=Ada` says \"Hello, Ada!\".");
    town.goes_on_until("review_requested");
    town.comments("nora", 2, "/rig hold");
    assert!(town.told().contains(&"held".to_owned()));
    town.comments("sam", 2, "/rig why");
    let answer = town.answer().unwrap();
    assert!(answer.starts_with("waits for nora to release it"), "{answer}");
}

#[test]
fn an_order_that_is_delivered_twice_is_carried_out_once() {
    let mut town = Town::new(Times::Twice);
    town.files("Greet the visitor by name", "`?name=Ada` says \"Hello, Ada!\".");
    town.comments("nora", 1, "/rig file Remember the name\nFor a day.");
    town.comments("nora", 1, "/rig file Remember the face\nFor a day.");
    let filed = town.open.iter().filter(|(_, order)| is_file(order)).count();
    assert_eq!(filed, 2, "two comments are two orders, two deliveries are not");
}

fn is_file(order: &Order) -> bool {
    matches!(order, Order::Github { order, .. } if matches!(order.as_ref(), GithubOrder::File { .. }))
}
