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
#[path = "played/records.rs"]
mod records;
#[path = "played/town.rs"]
mod town;

use bus::catalogue::{cmd::GithubOrder, outcome::PullState};
use conductor::machine::{
    Fact, Order,
    fact::{Issue, Pull},
    state::Ending,
};
use fate::Fate;
use history::History;
use proptest::prelude::*;
use serde_json::{Value, json};
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

/// Who did it last is told by a delivery alone, and our own comment came after the last one of each.
fn as_it_is(fact: Fact) -> Fact {
    let updated_at = OffsetDateTime::UNIX_EPOCH;
    match fact {
        Fact::Issue(place, issue) => Fact::Issue(place, Issue { by: None, updated_at, ..issue }),
        Fact::Pull(place, pull) => Fact::Pull(place, Pull { by: None, updated_at, ..pull }),
        other => other,
    }
}

#[test]
fn what_is_looked_up_tells_what_was_delivered() {
    const REPO: &str = "/repos/acme/hello.site";
    let mut town = lands(Times::Once);
    let head = town.ask("GET", "nora", &format!("{REPO}/pulls/2"), &Value::Null, 200)["head"]["sha"].clone();
    let path = format!("{REPO}/commits/{}/check-runs", head.as_str().unwrap());
    let runs = town.ask("GET", "nora", &path, &Value::Null, 200);
    let reviews = town.ask("GET", "nora", &format!("{REPO}/pulls/2/reviews"), &Value::Null, 200);
    let shown = |town: &mut Town, path: &str| town.shows(&format!("{REPO}{path}"));
    let pull = shown(&mut town, "/pulls/2");
    let looked_up = [
        ("issues", json!({"issue": shown(&mut town, "/issues/1")})),
        ("pull_request", json!({ "pull_request": pull })),
        ("check_run", json!({"check_run": runs["check_runs"][0]})),
        ("pull_request_review", json!({"review": reviews[0], "pull_request": pull})),
    ];
    for (event, what) in looked_up {
        let fact = town.observed(event, &what);
        assert_eq!(as_it_is(fact), as_it_is(town.facts[event].clone()), "{event}");
    }
}

#[test]
fn a_list_tells_what_an_object_tells() {
    let mut town = lands(Times::Once);
    let listed = town.shows("/repos/acme/hello.site/pulls?state=closed")[0].clone();
    let Fact::Pull(_, pull) = town.observed("pull_request", &json!({ "pull_request": listed })) else {
        panic!("a pull request in a list is one");
    };
    assert_eq!(pull.state, PullState::Merged { commit: town.tip("main") });
    let as_issue = town.shows("/repos/acme/hello.site/issues/2");
    assert_eq!(town.observed("issues", &json!({ "issue": as_issue })), Fact::Other, "it stands among the issues, too");
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
    // Two at a time: nothing is shared between histories.
    std::thread::scope(|scope| {
        for half in 0..2 {
            let seeds = seeds.clone();
            scope.spawn(move || {
                for seed in seeds.filter(|seed| seed % 2 == half) {
                    let history = History::drawn(seed);
                    let undisturbed = history.undisturbed();
                    assert!(undisturbed.is_all_landed(), "the history of seed {seed}: {undisturbed:?}");
                    assert_eq!(history.disturbed(), undisturbed, "the history of seed {seed}");
                }
            });
        }
    });
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
