//! F-150: the health says what is so. Each critical part is taken away, made slow, and given back.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod world;

use std::fs;

use nix::sys::signal::Signal;
use world::{Rig, Start, process, webhook::issue};

#[tokio::test]
async fn f_150_without_postgres_it_is_down_and_says_why() {
    let rig = Rig::up().await;
    let (data, aside) = (rig.folder().join("postgres/data"), rig.folder().join("postgres/aside"));
    fs::rename(&data, &aside).unwrap();
    process::kill(process::server(&data, "postgres").unwrap());

    let (code, body) = rig.until_part("database", "down").await;
    assert_eq!((code, &body["status"]), (503, &"down".into()), "{body}");
    assert!(body["parts"]["database"]["reason"].as_str().unwrap().contains("PostgreSQL"), "{body}");
    assert_eq!(body["parts"]["bus"]["status"], "up");
    rig.until_said("PostgreSQL died (signal 9) and cannot be started yet").await;
    rig.until_said("✗ database is down").await;
    rig.say("general", "the bus takes it all the same").await;

    let _ = fs::remove_dir_all(&data);
    fs::rename(&aside, &data).unwrap();
    let (code, body) = rig.until_part("database", "up").await;
    assert!(code == 200 || body["status"] == "down", "{body}");
    rig.until_said("✓ database is well again").await;
    rig.finish().await;
}

#[tokio::test]
async fn f_150_without_nats_it_is_down_and_says_why() {
    let rig = Rig::up().await;
    // A start writes this file; it cannot over a folder.
    let conf = rig.folder().join("nats/nats.conf");
    fs::remove_file(&conf).unwrap();
    fs::create_dir_all(conf.join("in the way")).unwrap();
    rig.kill_nats();

    let (code, body) = rig.until_part("bus", "down").await;
    assert_eq!((code, &body["status"]), (503, &"down".into()), "{body}");
    let (code, body) = rig.until_part("ingest", "down").await;
    assert_eq!(code, 503, "{body}");
    rig.until_said("nats-server died (signal 9) and cannot be started yet").await;

    fs::remove_dir_all(&conf).unwrap();
    rig.until_whole("up").await;
    rig.say("general", "and on it goes").await;
    rig.finish().await;
}

#[tokio::test]
async fn f_150_a_slow_part_is_degraded_and_the_answer_comes_in_time() {
    let rig = Rig::up().await;
    let postgres = rig.postgres_pid();
    let backends = process::children(postgres);
    for pid in &backends {
        process::signal(*pid, Signal::SIGSTOP);
    }
    process::signal(postgres, Signal::SIGSTOP);
    let asked = std::time::Instant::now();
    let (code, body) = rig.until_part("database", "degraded").await;
    assert_eq!((code, &body["status"]), (200, &"degraded".into()), "{body}");
    assert!(asked.elapsed() < std::time::Duration::from_secs(6), "{:?}", asked.elapsed());

    let (code, body) = rig.until_part("database", "down").await;
    assert_eq!(code, 503, "slow for long is dead: {body}");

    for pid in backends.iter().chain([&postgres]) {
        process::signal(*pid, Signal::SIGCONT);
    }
    rig.until_whole("up").await;
    rig.finish().await;
}

#[tokio::test]
async fn f_150_a_door_that_is_handed_nothing_is_degraded_and_says_why() {
    let rig = Rig::up().await;
    let operator = rig.operator().await;
    operator.jetstream().get_stream("LOG").await.unwrap().delete_consumer("door-chat").await.unwrap();

    let (code, body) = rig.until_part("chat", "degraded").await;
    assert_eq!((code, &body["status"]), (200, &"degraded".into()), "{body}");
    assert!(body["parts"]["chat"]["reason"].as_str().unwrap().contains("hands out nothing"), "{body}");

    let applied = rig.command(&["bus", "apply"]).await;
    assert_eq!(applied.code, Some(0), "{}", applied.stderr);
    rig.until_part("chat", "up").await;
    rig.say("general", "and handed out again").await;
    rig.finish().await;
}

#[tokio::test]
async fn a_full_log_is_told_and_does_not_keep_the_rig_from_starting() {
    let mut rig = Rig::with(Start::new().env("RIG__BUS__LOG_MAX_BYTES", "64MiB")).await;
    let mut webhook = issue(1, "big");
    webhook["issue"]["body"] = "x".repeat(20 << 20).into();
    while rig.post("issues", &webhook).await.status == 202 {}
    let (code, body) = rig.until_part("ingest", "down").await;
    assert_eq!(code, 503, "{body}");
    assert!(body["parts"]["ingest"]["reason"].as_str().unwrap().contains("rig bus apply"), "{body}");
    rig.stop().await;

    rig.start().await;
    rig.until_part("ingest", "down").await;
    rig.start_with(|start| start.env("RIG__BUS__LOG_MAX_BYTES", "200MB"));
    let applied = rig.command(&["bus", "apply"]).await;
    assert_eq!(applied.code, Some(0), "{}", applied.stderr);
    rig.until_part("ingest", "up").await;
    rig.post("issues", &issue(2, "small")).await.sequence();
    rig.finish().await;
}

#[tokio::test]
async fn f_150_a_start_is_not_ready_before_it_can_take_in() {
    let mut rig = Rig::down(Start::new());
    rig.launch();
    rig.ready().await;
    let (code, body) = rig.health().await;
    assert_eq!((code, &body["status"]), (200, &"up".into()), "{body}");
    for part in ["bus", "database", "ingest", "projector", "chat"] {
        assert_eq!(body["parts"][part]["status"], "up", "{body}");
        assert!(body["parts"][part]["since"].as_str().unwrap().ends_with('Z'), "{body}");
    }
    rig.finish().await;
}
