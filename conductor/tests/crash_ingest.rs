//! The channel goes away under GitHub's deliveries: before the first, in the middle of many, for long.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod stage;

use std::{collections::BTreeMap, ops::ControlFlow, sync::Arc, time::Duration};

use bus::connect::connect;
use conductor::github::ingest::{Condition, Options};
use futures::future::join_all;
use rand::{Rng, SeedableRng, rngs::SmallRng};
use reqwest::StatusCode;
use serde_json::json;
use stage::{Answer, Delivery, Door, PATIENCE, Stage, ingest_in_background, secrets, until, url, when};
use tokio::{sync::Mutex, task::JoinSet};

/// Options with GitHub's patience shortened, so that a test need not have it.
fn impatient() -> Options {
    Options { wait: Duration::from_millis(1500), quiet: Duration::from_millis(100), ..Options::default() }
}

fn delivery(task: usize, n: usize) -> Delivery {
    let body = json!({ "action": "edited", "task": task, "n": n, "words": "x".repeat(2000) });
    Delivery::new("issues", &format!("{task}-{n}"), format!(" {body}\n"))
}

/// Posts from many tasks until told to stop; keeps every answer.
struct Load {
    answers: Arc<Mutex<BTreeMap<String, Answer>>>,
    tasks: JoinSet<()>,
    stop: tokio_util::sync::CancellationToken,
}

impl Load {
    fn begin(door: &Door, tasks: usize) -> Self {
        let (answers, stop) = (Arc::default(), tokio_util::sync::CancellationToken::new());
        let mut load = Self { answers, tasks: JoinSet::new(), stop };
        for task in 0..tasks {
            let (answers, stop, address) = (Arc::clone(&load.answers), load.stop.clone(), door.address);
            load.tasks.spawn(async move {
                for n in 0.. {
                    let delivery = delivery(task, n);
                    let answer = delivery.send_to(address).await;
                    answers.lock().await.insert(delivery.guid, answer);
                    if stop.is_cancelled() {
                        break;
                    }
                }
            });
        }
        load
    }

    async fn stored_more(&self, more: usize) {
        self.more(StatusCode::ACCEPTED, more).await;
    }

    async fn refused_more(&self, more: usize) {
        self.more(StatusCode::SERVICE_UNAVAILABLE, more).await;
    }

    async fn more(&self, status: StatusCode, more: usize) {
        let count = async || self.answers.lock().await.values().filter(|answer| answer.status == status).count();
        let enough = count().await + more;
        until("enough answers", async || when(count().await >= enough)).await;
    }

    async fn end(mut self) -> BTreeMap<String, Answer> {
        self.stop.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            ended.unwrap();
        }
        std::mem::take(&mut *self.answers.lock().await)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f_035_no_2xx_before_the_stream_has_it() {
    let stage = Stage::new().await;
    let door = stage.door_with(secrets(), impatient()).await;
    let mut random = SmallRng::seed_from_u64(35);
    let load = Load::begin(&door, 16);
    for round in 0..4 {
        load.stored_more(random.random_range(20..120)).await;
        stage.nats.kill().await;
        if round % 2 == 1 {
            load.refused_more(random.random_range(1..16)).await;
        }
        stage.nats.restart().await.unwrap();
    }
    load.stored_more(50).await;
    let answers = load.end().await;

    let payloads = stage.payloads().await;
    let mut stored = 0;
    for (guid, answer) in &answers {
        let (task, n) = guid.split_once('-').unwrap();
        let delivery = delivery(task.parse().unwrap(), n.parse().unwrap());
        if answer.status == StatusCode::ACCEPTED {
            stored += 1;
            let found = payloads.get(&(answer.sequence(), delivery.id()));
            assert_eq!(found, Some(&delivery.body), "{guid} was answered 2xx");
        } else {
            answer.is_refused(503, "did not confirm");
        }
    }
    let ids: Vec<_> = payloads.keys().map(|(_, id)| id).collect();
    let distinct: std::collections::HashSet<_> = ids.iter().collect();
    assert_eq!(distinct.len(), ids.len(), "none is there twice");
    let refused = answers.len() - stored;
    assert!(stored > 100 && refused > 0, "{stored} were stored and {refused} refused");
    assert!(payloads.len() <= answers.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f_006_an_outage_refuses_counts_and_is_recorded() {
    let stage = Stage::new().await;
    let door = stage.door_with(secrets(), impatient()).await;
    door.post(delivery(0, 0)).await.sequence();
    assert_eq!(door.health.report().condition, Condition::Up);

    stage.nats.kill().await;
    let deliveries: Vec<_> = (0..50).map(|n| delivery(1, n)).collect();
    let answers = join_all(deliveries.iter().map(|delivery| delivery.send_to(door.address))).await;
    for answer in &answers {
        answer.is_refused(503, "did not confirm");
        assert_eq!(answer.retry_after.as_deref(), Some("10"));
    }
    let report = door.health.report();
    assert_eq!(report.condition, Condition::Down, "{report:?}");

    stage.nats.restart().await.unwrap();
    let outages = until("the outage's record", async || match stage.outages().await {
        outages if outages.is_empty() => ControlFlow::Continue(()),
        outages => ControlFlow::Break(outages),
    });
    let outages = outages.await;
    assert_eq!((outages.len(), outages[0].refused), (1, 50));
    assert!(outages[0].say.starts_with("50 deliveries of GitHub's were refused in"), "{}", outages[0].say);
    assert!(outages[0].from < outages[0].until, "{:?}", outages[0]);
    until("the door's recovery", async || when(door.health.report().condition == Condition::Up)).await;

    let redelivered = join_all(deliveries.iter().map(|delivery| delivery.send_to(door.address))).await;
    let payloads = stage.payloads().await;
    assert_eq!(payloads.len(), 51, "each refused one is there once after its redelivery");
    for (delivery, answer) in deliveries.iter().zip(redelivered) {
        assert_eq!(payloads[&(answer.sequence(), delivery.id())], delivery.body);
    }
    assert_eq!(stage.outages().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f_006_a_short_absence_is_waited_out_and_nobody_notices() {
    let stage = Stage::new().await;
    let door = stage.door().await;
    stage.nats.kill().await;
    let delivery = delivery(0, 0);
    let (answer, restarted) = tokio::join!(delivery.send_to(door.address), stage.nats.restart());
    restarted.unwrap();
    assert_eq!(stage.payloads().await[&(answer.sequence(), delivery.id())], delivery.body);
    assert_eq!(stage.outages().await.len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f_005_a_channel_that_comes_late_is_waited_for() {
    let stage = Stage::new().await;
    let server = stage.nats.client_address();
    stage.nats.kill().await;
    let door = Door::open(&ingest_in_background(server).await, secrets(), impatient()).await;
    let report = door.health.report();
    assert_eq!((report.condition, report.reason.as_deref()), (Condition::Down, Some("the channel cannot be reached")));
    door.post(delivery(0, 0)).await.is_refused(503, "did not confirm");
    assert_ne!(door.health.report().condition, Condition::Up);

    stage.nats.restart().await.unwrap();
    until("readiness", async || when(door.health.report().condition == Condition::Up)).await;
    let answer = door.post(delivery(0, 0)).await;
    assert!(stage.payloads().await.contains_key(&(answer.sequence(), delivery(0, 0).id())));
    assert_eq!(stage.outages().await[0].refused, 1);
    assert!(connect(&url(server, "ingest"), "test", PATIENCE).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_channel_is_away_only_so_much_waits() {
    let stage = Stage::new().await;
    let narrow = Options { bytes_in_flight: 1 << 20, wait: Duration::from_secs(5), ..impatient() };
    let door = stage.door_with(secrets(), narrow).await;
    stage.nats.kill().await;
    let body = format!("{{\"x\":\"{}\"}}", "x".repeat(100_000));
    let posts = (0..100).map(|n| door.post(Delivery::new("push", &n.to_string(), body.clone())));
    let answers = join_all(posts).await;
    let waited = answers.iter().filter(|answer| answer.body["error"].as_str().unwrap().contains("did not confirm"));
    let waited = waited.count();
    assert!((1..=10).contains(&waited), "{waited} of 100 kB waited in 1 MiB");
    let refused =
        answers.iter().filter(|answer| answer.body["error"].as_str().unwrap().contains("too many deliveries"));
    assert_eq!(refused.count() + waited, 100);
    stage.nats.restart().await.unwrap();
    let outages = until("the outage's record", async || match stage.outages().await {
        outages if outages.is_empty() => ControlFlow::Continue(()),
        outages => ControlFlow::Break(outages),
    });
    assert_eq!(outages.await[0].refused, 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_that_stalls_is_told_of_once_it_goes_on() {
    let stage = Stage::new().await;
    let door = stage.door().await;
    let signal = async |signal: &str| {
        let pid = stage.nats.pid().to_string();
        assert!(tokio::process::Command::new("kill").args([signal, &pid]).status().await.unwrap().success());
    };
    signal("-STOP").await;
    let stalled = async {
        tokio::time::sleep(Duration::from_millis(2200)).await;
        signal("-CONT").await;
    };
    let (answer, ()) = tokio::join!(door.post(delivery(0, 0)), stalled);
    answer.sequence();
    let report = door.health.report();
    assert_eq!(report.condition, Condition::Degraded);
    assert!(report.reason.as_deref().unwrap().starts_with("storing a delivery took 2."), "{report:?}");
}
