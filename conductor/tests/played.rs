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
use conductor::machine::Order;
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
    town.comments("nora", 1, "/rig file Remember the name\nFor a day.");
    let filed = town.open.iter().filter(|(_, order)| is_file(order)).count();
    assert_eq!(filed, 2, "two comments are two orders, two deliveries are not");
}

fn is_file(order: &Order) -> bool {
    matches!(order, Order::Github { order, .. } if matches!(order.as_ref(), GithubOrder::File { .. }))
}
