//! `rig status` and `rig dead`: what an operator looks at, and what is done about it.
#![allow(clippy::panic, clippy::unwrap_used, missing_docs, reason = "tests")]

mod world;

use std::time::{Duration, Instant};

use bus::{
    Sequenced,
    consume::parked,
    publish::{Options, Publisher},
};
use nix::sys::signal::Signal;
use serde_json::Value;
use world::{Rig, process, until, webhook::issue};

async fn status(rig: &Rig) -> Value {
    let ended = rig.command(&["status", "--json"]).await;
    serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", ended.stdout, ended.stderr))
}

/// A record that the chat door gave up; answers its number.
async fn given_up(rig: &Rig, about: &Sequenced) -> u64 {
    let operator = rig.operator().await;
    let publisher = Publisher::start(&operator, Options::default());
    let errors = vec!["the room is gone".to_owned(), "the room is\u{1b}[2J still gone".to_owned()];
    publisher.publish(parked("door-chat", about, 2, errors).unwrap()).await.unwrap().sequence
}

async fn said(rig: &Rig, words: &str) -> Sequenced {
    let sequence = rig.say("general", words).await.sequence;
    rig.records().await.into_iter().find(|record| record.sequence == sequence).unwrap()
}

#[tokio::test]
async fn status_tells_within_a_second_what_runs_what_is_stored_and_what_waits() {
    let rig = Rig::up().await;
    rig.post("issues", &issue(1, "One")).await.sequence();
    rig.caught_up().await;
    let begun = Instant::now();
    let found = status(&rig).await;
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_eq!(found["health"]["parts"]["bus"]["status"], "up", "{found}");
    assert_eq!(found["log"]["last"], found["log"]["projected_through"], "{found}");
    assert_eq!(found["deliveries"][0]["repository"], "acme/hello.site", "{found}");
    assert!(found["deliveries"][0]["age_seconds"].as_i64().unwrap() < 60, "{found}");
    assert_eq!((&found["dead"], &found["unanswered"]), (&0.into(), &serde_json::json!({})), "{found}");
    let doors: Vec<&str> =
        found["consumers"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert!(doors.contains(&"door-chat"), "{doors:?}");

    let told = rig.command(&["status"]).await;
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    for line in ["rig up in", "bus         up", "LOG         through", "up to date", "GitHub      acme/hello.site"] {
        assert!(told.stdout.contains(line), "{line:?} in\n{}", told.stdout);
    }
    rig.finish().await;
}

#[tokio::test]
async fn status_answers_in_time_though_a_server_hangs_and_says_what_has_not_answered() {
    let rig = Rig::up().await;
    let (nats, postgres) = (rig.nats_pid(), rig.postgres_pid());
    for pid in [nats, postgres] {
        process::signal(pid, Signal::SIGSTOP);
    }
    let begun = Instant::now();
    let ended = rig.command(&["status", "--json"]).await;
    let took = begun.elapsed();
    for pid in [nats, postgres] {
        process::signal(pid, Signal::SIGCONT);
    }
    assert!(took < Duration::from_millis(1500), "{took:?}");
    let found: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert!(found["unanswered"]["log"].is_string(), "{found}");
    rig.finish().await;
}

#[tokio::test]
async fn status_of_no_rig_is_3_and_says_how_to_start_one() {
    let rig = Rig::down(world::Start::new());
    let ended = rig.command(&["status"]).await;
    assert_eq!(ended.code, Some(3));
    assert!(ended.stderr.contains("no rig is up") && ended.stderr.contains("rig up --home"), "{}", ended.stderr);
}

#[tokio::test]
async fn f_033_poison_is_listed_shown_with_its_payload_and_errors_and_handed_out_again_once() {
    let mut rig = Rig::up().await;
    let about = said(&rig, "into\na room that is gone").await;
    let number = given_up(&rig, &about).await;
    rig.caught_up().await;
    let number = number.to_string();

    let listed = rig.command(&["dead", "list"]).await;
    assert_eq!(listed.code, Some(0), "{}", listed.stderr);
    let sentence = format!("door-chat gave up record {} after 2 tries", about.sequence);
    assert!(listed.stdout.contains(&sentence) && listed.stdout.contains(&number), "{}", listed.stdout);
    assert_eq!(status(&rig).await["dead"], 1);

    let shown = rig.command(&["dead", "show", &number]).await;
    assert!(shown.stdout.contains("✗ 1      the room is gone"), "{}", shown.stdout);
    assert!(shown.stdout.contains("\\u{1b}[2J still") && !shown.stdout.contains('\u{1b}'), "{}", shown.stdout);
    assert!(shown.stdout.contains("a room that is gone"), "{}", shown.stdout);
    let shown = rig.command(&["dead", "show", &number, "--json"]).await;
    let shown: Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!(shown["body"].as_str().unwrap().as_bytes(), &about.body[..]);

    // At once again, before the rows know, and again when they do.
    let retry = ["dead", "retry", &number];
    let (first, second) = tokio::join!(rig.command(&retry), rig.command(&retry));
    for retried in [&first, &second] {
        assert_eq!(retried.code, Some(0), "{}", retried.stderr);
    }
    rig.caught_up().await;
    let third = rig.command(&retry).await;
    assert!(third.stdout.contains("nothing is done twice"), "{}", third.stdout);

    let records = rig.records().await;
    let same: Vec<&Sequenced> = records.iter().filter(|record| record.body == about.body).collect();
    assert_eq!(same.len(), 2, "the record and its one retry");
    assert_eq!(same[1].subject, about.subject);
    let told = records
        .iter()
        .filter(|record| record.decode().is_ok_and(|(_, envelope)| envelope.type_name == "rig.dead.retried.v1"));
    assert_eq!(told.count(), 1);
    assert_eq!(status(&rig).await["dead"], 0);
    assert!(rig.command(&["dead", "list"]).await.stdout.is_empty());
    let all = rig.command(&["dead", "list", "--all", "--json"]).await.stdout;
    let all: Value = serde_json::from_str(&all).unwrap();
    assert_eq!(all["retried_as"], same[1].sequence);
    assert_eq!(rig.stop().await.code, Some(0));
}

#[tokio::test]
async fn a_record_that_is_given_up_again_after_its_retry_is_another_one() {
    let mut rig = Rig::up().await;
    let about = said(&rig, "hello").await;
    let first = given_up(&rig, &about).await;
    rig.caught_up().await;
    assert_eq!(rig.command(&["dead", "retry", &first.to_string()]).await.code, Some(0));
    let again = until("the retry", async || {
        rig.records().await.into_iter().rfind(|record| record.body == about.body && record.sequence != about.sequence)
    })
    .await;
    let second = given_up(&rig, &again).await;
    rig.caught_up().await;
    let listed = rig.command(&["dead", "list", "--json"]).await.stdout;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!((&listed["number"], &listed["sequence"]), (&second.into(), &again.sequence.into()), "{listed}");
    assert_eq!(rig.stop().await.code, Some(0));
}

#[tokio::test]
async fn a_number_that_was_not_given_up_is_said_so() {
    let rig = Rig::up().await;
    for order in ["show", "retry"] {
        let ended = rig.command(&["dead", order, "7"]).await;
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(ended.stderr.contains("nothing was given up as record 7"), "{}", ended.stderr);
    }
    let listed = rig.command(&["dead", "list"]).await;
    assert!(listed.stderr.contains("Nothing waits"), "{}", listed.stderr);
    rig.finish().await;
}
