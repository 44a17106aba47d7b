//! F-150: the health says what is so. Each critical part is taken away, made slow, and given back.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs, reason = "tests")]

mod world;

use nix::sys::signal::Signal;
use uuid::Uuid;
use world::{
    Rig, Start, process, until,
    webhook::{client, issue},
};

#[tokio::test]
async fn f_150_without_postgres_it_is_down_and_says_why() {
    let rig = Rig::up().await;
    rig.take_postgres_away();

    let (code, body) = rig.until_part("database", "down").await;
    assert_eq!((code, &body["status"]), (503, &"down".into()), "{body}");
    assert!(body["parts"]["database"]["reason"].as_str().unwrap().contains("PostgreSQL"), "{body}");
    assert_eq!(body["parts"]["bus"]["status"], "up");
    rig.until_said("PostgreSQL died (signal 9) and cannot be started yet").await;
    rig.until_said("✗ database is down").await;
    rig.say("general", "the bus takes it all the same").await;

    rig.give_postgres_back();
    let (code, body) = rig.until_part("database", "up").await;
    assert!(code == 200 || body["status"] == "down", "{body}");
    rig.until_said("✓ database is well again").await;
    rig.finish().await;
}

#[tokio::test]
async fn f_150_without_nats_it_is_down_and_says_why() {
    let rig = Rig::up().await;
    rig.take_nats_away();

    let (code, body) = rig.until_part("bus", "down").await;
    assert_eq!((code, &body["status"]), (503, &"down".into()), "{body}");
    let (code, body) = rig.until_part("ingest", "down").await;
    assert_eq!(code, 503, "{body}");
    rig.until_said("nats-server died (signal 9) and cannot be started yet").await;

    rig.give_nats_back();
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

/// One delivery that is taken, the same again, and one that nobody of ours signed.
#[tokio::test]
async fn the_metrics_count_what_came_in_and_what_became_rows() {
    let rig = Rig::up().await;
    let (guid, body) = (Uuid::new_v4(), serde_json::to_vec(&issue(1, "once")).unwrap());
    for _ in 0..2 {
        rig.github().post(guid, "issues", body.clone()).await.unwrap().sequence();
    }
    let forged = rig.github().knowing("another secret, as long as it has to be").post(guid, "issues", body).await;
    assert_eq!(forged.unwrap().status, 401);
    rig.caught_up().await;

    let at = rig.told("/health").replace("/health", "/metrics");
    let written = rig.records().await.len();
    until("the metrics to count", async || {
        let told = client().get(&at).send().await.ok()?.text().await.ok()?;
        let counts = [
            "rig_webhooks_taken_total{part=\"ingest\"} 1".to_owned(),
            "rig_webhooks_doubled_total{part=\"ingest\"} 1".to_owned(),
            "rig_webhooks_refused_total{part=\"ingest\",reason=\"signature\"} 1".to_owned(),
            "rig_webhooks_refused_total{part=\"ingest\",reason=\"storing\"} 0".to_owned(),
            format!("rig_projector_rows_total{{part=\"projector\"}} {written}"),
            "rig_projector_lag{part=\"projector\"} 0".to_owned(),
        ];
        counts.iter().all(|count| told.lines().any(|line| line == count)).then_some(())
    })
    .await;
    rig.finish().await;
}
