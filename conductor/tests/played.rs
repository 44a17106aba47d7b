//! A played GitHub and the machine, with all that lies between: what the world posts becomes a record at the door, the
//! record is read, the machine decides, and what it orders is done in the world. No server, no clock, no chance.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "tests"
)]

#[path = "played/doors.rs"]
mod doors;
#[path = "played/records.rs"]
mod records;
#[path = "played/town.rs"]
mod town;

use bus::catalogue::{cmd::GithubOrder, work::Standing};
use conductor::machine::{
    Fact, Order,
    fact::{Issue, Pull},
};
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
    assert_eq!(town.end_of(1), Some(&Standing::Landed { commit: landed }));
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
    assert_eq!(twice.end_of(1), Some(&Standing::Landed { commit: twice.tip("main") }));
}

#[test]
fn deliveries_that_come_late_and_backwards_come_to_the_same() {
    let town = lands(Times::LateAndBackwards);
    assert_eq!(town.end_of(1), Some(&Standing::Landed { commit: town.tip("main") }), "{:?}", town.told());
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
    let looked_up = [
        ("issues", "issue", format!("{REPO}/issues/1"), json!({})),
        ("pull_request", "pull_request", format!("{REPO}/pulls/2"), json!({})),
        ("check_run", "check_run", format!("{REPO}/check-runs/{}", runs["check_runs"][0]["id"]), json!({})),
        (
            "pull_request_review",
            "review",
            format!("{REPO}/pulls/2/reviews/{}", reviews[0]["id"]),
            json!({"pull_request": {"number": 2}}),
        ),
    ];
    for (event, name, path, more) in looked_up {
        let fact = town.observed(event, name, &path, &more);
        assert_eq!(as_it_is(fact), as_it_is(town.facts[event].clone()), "{path}");
    }
    // In a list a pull request does not say that it was merged, only when; its issue stands there as an issue.
    let merged = town.facts["pull_request"].clone();
    let listed = town.ask("GET", "nora", &format!("{REPO}/pulls?state=closed"), &Value::Null, 200)[0].clone();
    let fact = town.observed("pull_request", "_", REPO, &json!({ "pull_request": listed }));
    let state = |fact| match fact {
        Fact::Pull(_, pull) => pull.state,
        other => panic!("{other:?}"),
    };
    assert_eq!(state(fact), state(merged));
    assert_eq!(town.observed("issues", "issue", &format!("{REPO}/issues/2"), &json!({})), Fact::Other);
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
    assert_eq!(town.end_of(1), Some(&Standing::Landed { commit: town.tip("main") }));
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
