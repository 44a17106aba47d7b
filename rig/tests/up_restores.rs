//! Losing the one server's data and making it again from the other's; and putting right what the streams should be.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod world;

use std::fs;

use bus::Sequenced;
use serde_json::Value;
use world::{Rig, Start, rows::LogRow, webhook::issue};

/// A rig that holds a few records, all of them rows.
async fn filled() -> (Rig, Vec<LogRow>) {
    let rig = Rig::up().await;
    for n in 1..=5 {
        rig.post("issues", &issue(n, "Greet the visitor")).await.sequence();
        rig.say("general", &format!("word {n} \u{0} \u{1f44b}")).await;
    }
    let rows = rig.caught_up().await;
    (rig, rows)
}

fn same(records: &[Sequenced], rows: &[LogRow]) {
    for row in rows {
        let record = records.iter().find(|record| record.sequence == row.sequence).unwrap();
        assert_eq!((&record.subject, &record.body[..]), (&row.subject, &row.body[..]));
    }
}

#[tokio::test]
async fn rows_that_are_lost_come_again_with_the_next_start() {
    let (mut rig, before) = filled().await;
    rig.stop().await;
    fs::remove_dir_all(rig.folder().join("postgres")).unwrap();
    rig.start().await;
    let after = rig.caught_up().await;
    assert_eq!(after[..before.len()], before[..], "the same to the byte");
    rig.finish().await;
}

#[tokio::test]
async fn restore_postgres_makes_every_row_anew_while_the_rig_is_up() {
    let (rig, before) = filled().await;
    let ended = rig.command(&["restore", "postgres", "--json"]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let told: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert!(told["through"].as_u64() >= before.last().map(|row| row.sequence), "{told}");
    let after = rig.caught_up().await;
    assert_eq!(after[..before.len()], before[..], "the same to the byte");

    let ended = rig.command(&["views"]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.starts_with("Made anew from "), "{}", ended.stdout);
    rig.finish().await;
}

#[tokio::test]
async fn restore_bus_brings_a_lost_log_back_with_its_numbers() {
    let (mut rig, before) = filled().await;
    let refused = rig.command(&["restore", "bus"]).await;
    assert_eq!(refused.code, Some(4), "{}", refused.stderr);
    assert!(refused.stderr.contains("rig up --servers-only"), "{}", refused.stderr);
    rig.stop().await;

    fs::remove_dir_all(rig.folder().join("nats/data")).unwrap();
    rig.start_with(|start| start.arg("--servers-only"));
    rig.start().await;
    let ended = rig.command(&["restore", "bus", "--json"]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let told: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(told["gaps"], serde_json::json!([]), "{told}");
    same(&rig.records().await, &before);

    let again = rig.command(&["restore", "bus"]).await;
    assert_eq!(again.code, Some(4), "it stands now: {}", again.stderr);
    assert!(again.stderr.contains("--replace"), "{}", again.stderr);
    let replaced = rig.command(&["restore", "bus", "--replace"]).await;
    assert_eq!(replaced.code, Some(0), "{}", replaced.stderr);
    rig.stop().await;

    rig.start_with(|_| Start::new());
    rig.start().await;
    same(&rig.records().await, &before);
    rig.say("general", "and on it goes").await;
    rig.finish().await;
}

#[tokio::test]
async fn bus_diff_says_what_differs_and_bus_apply_makes_it_so() {
    let rig = Rig::up().await;
    assert_eq!(rig.command(&["bus", "diff"]).await.code, Some(0));

    let js = rig.operator().await.jetstream();
    js.get_stream("LOG").await.unwrap().delete_consumer("door-chat").await.unwrap();
    let differs = rig.command(&["bus", "diff", "--json"]).await;
    assert_eq!(differs.code, Some(1), "{}", differs.stderr);
    let change: Value = serde_json::from_str(differs.stdout.lines().next().unwrap()).unwrap();
    assert_eq!(change["what"], "consumer door-chat", "{change}");

    let applied = rig.command(&["bus", "apply"]).await;
    assert_eq!((applied.code, applied.stdout.trim()), (Some(0), "made consumer door-chat"), "{}", applied.stderr);
    assert_eq!(rig.command(&["bus", "diff"]).await.code, Some(0));
    rig.finish().await;
}

#[tokio::test]
async fn room_in_log_is_made_while_the_rig_is_up() {
    let mut rig = Rig::with(Start::new().env("RIG__BUS__LOG_MAX_BYTES", "100MB")).await;
    let room = async |rig: &Rig| bus::stream::log_state(&rig.operator().await.jetstream()).await.unwrap().max_bytes;
    assert_eq!(room(&rig).await, 100_000_000);
    rig.start_with(|start| start.env("RIG__BUS__LOG_MAX_BYTES", "200MB"));
    let applied = rig.command(&["bus", "apply"]).await;
    assert_eq!(applied.code, Some(0), "{}", applied.stderr);
    assert!(applied.stdout.contains("max_bytes 100000000 → 200000000"), "{}", applied.stdout);
    assert_eq!(room(&rig).await, 200_000_000);
    rig.stop().await;
    rig.start().await;
    rig.finish().await;
}
