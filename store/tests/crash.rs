//! Servers and projectors killed at seeded moments under load: every record that was acknowledged has its row, once, in
//! order, byte for byte.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod stage;

use std::time::Duration;

use bus::{
    publish::Publisher,
    stream::{self, Overrides},
};
use servers::{
    Nats, Postgres, Server,
    testing::{self, Owned},
};
use sqlx::{Connection, PgConnection, Row};
use stage::{
    CONF, Projector,
    drafts::{delivery, words},
    draw::Draw,
    dump::{TABLES, assert_rows_are},
    eventually, publisher, records, user,
};
use store::Store;
use tokio::task::JoinSet;

/// Servers of the test's own, to be killed.
struct Scene {
    nats: Owned<Nats>,
    postgres: Owned<Postgres>,
    store: Store,
}

impl Scene {
    async fn new() -> Self {
        let (nats, postgres) = tokio::join!(testing::nats(CONF), testing::postgres());
        let conductor = user(&nats, "conductor", "c").await;
        stream::apply(&conductor.jetstream(), &Overrides::default()).await.unwrap();
        let store = Store::connect(&postgres.url()).unwrap();
        store.migrate().await.unwrap();
        Self { nats, postgres, store }
    }

    async fn sql(&self) -> PgConnection {
        PgConnection::connect_with(&self.postgres.connect_options("rig")).await.unwrap()
    }

    /// Waits until there are rows for all of LOG, and compares.
    async fn assert_projected(&self) {
        let conductor = user(&self.nats, "conductor", "c").await;
        let records = records(&conductor).await;
        let last = i64::try_from(records.last().unwrap().sequence).unwrap();
        let mut sql = self.sql().await;
        eventually("all rows", async || {
            let row = sqlx::query("SELECT sequence FROM cursor").fetch_optional(&mut sql).await.unwrap();
            row.filter(|row| row.get::<i64, _>(0) >= last)
        })
        .await;
        assert_rows_are(&mut sql, &records).await;
        for (table, _) in TABLES {
            let text = format!("SELECT count(*) FROM {table}");
            let rows: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(text)).fetch_one(&mut sql).await.unwrap();
            assert!(rows > 0 || table == "dead", "{table}");
        }
    }
}

/// Publishes until it is told to stop, from several tasks, and gives the numbers that were acknowledged.
async fn load(publisher: Publisher, seed: u64, count: usize) -> Vec<u64> {
    let mut tasks = JoinSet::new();
    for task in 0..4 {
        let publisher = publisher.clone();
        tasks.spawn(async move {
            let mut draw = Draw::new(seed ^ task);
            let mut numbers = Vec::new();
            for n in 0..count / 4 {
                let name = format!("{seed} {task} {n}");
                let length = usize::try_from(draw.below(3000)).unwrap();
                let text = draw.text(length);
                let draft = match n % 2 {
                    0 => words(&name, "general", "sam", &text),
                    _ => delivery(&name, &serde_json::json!({ "text": text }).to_string()),
                };
                numbers.push(publisher.publish(draft).await.unwrap().sequence);
            }
            numbers
        });
    }
    let mut numbers: Vec<u64> = tasks.join_all().await.into_iter().flatten().collect();
    numbers.sort_unstable();
    numbers
}

async fn pause(draw: &mut Draw, most: u64) {
    tokio::time::sleep(Duration::from_millis(draw.below(most))).await;
}

/// Under load; what `trouble` does is done until all is published.
async fn under_load(scene: &Scene, seed: u64, count: usize, trouble: impl AsyncFn(&mut Draw)) {
    let conductor = user(&scene.nats, "conductor", "c").await;
    let mut loading = JoinSet::new();
    loading.spawn(load(publisher(&conductor), seed, count));
    let mut draw = Draw::new(seed);
    let mut troubles = 0;
    let numbers = loop {
        trouble(&mut draw).await;
        troubles += 1;
        if let Some(numbers) = loading.try_join_next() {
            break numbers.unwrap();
        }
    };
    assert!(troubles >= 3, "{troubles}");
    assert_eq!(numbers.len(), count);
    assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "a number was acknowledged twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_postgres_killed_under_load_loses_and_doubles_no_row() {
    let scene = Scene::new().await;
    let mut projector = Projector::start(&scene.nats, &scene.store).await;
    under_load(&scene, 21, 6000, async |draw| {
        pause(draw, 600).await;
        scene.postgres.kill().await;
        pause(draw, 200).await;
        scene.postgres.restart().await.unwrap();
    })
    .await;
    scene.assert_projected().await;
    assert!(projector.is_running());
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_nats_killed_under_load_loses_and_doubles_no_row() {
    let scene = Scene::new().await;
    let mut projector = Projector::start(&scene.nats, &scene.store).await;
    under_load(&scene, 22, 6000, async |draw| {
        pause(draw, 500).await;
        scene.nats.kill().await;
        pause(draw, 200).await;
        scene.nats.restart().await.unwrap();
    })
    .await;
    scene.assert_projected().await;
    assert!(projector.is_running());
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_projector_killed_under_load_loses_and_doubles_no_row() {
    let scene = Scene::new().await;
    under_load(&scene, 23, 8000, async |draw| {
        let projector = Projector::start(&scene.nats, &scene.store).await;
        pause(draw, 120).await;
        projector.abort().await;
    })
    .await;
    let _last = Projector::start(&scene.nats, &scene.store).await;
    scene.assert_projected().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_everything_killed_in_turn_under_load_loses_and_doubles_no_row() {
    let scene = Scene::new().await;
    let _standby = Projector::start(&scene.nats, &scene.store).await;
    under_load(&scene, 24, 6000, async |draw| {
        let other = Projector::start(&scene.nats, &scene.store).await;
        pause(draw, 300).await;
        match draw.below(3) {
            0 => {
                scene.postgres.kill().await;
                scene.postgres.restart().await.unwrap();
            }
            1 => {
                scene.nats.kill().await;
                scene.nats.restart().await.unwrap();
            }
            _ => {}
        }
        other.abort().await;
    })
    .await;
    scene.assert_projected().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_f_006_rows_come_in_order_after_an_outage_of_postgres() {
    let scene = Scene::new().await;
    let conductor = user(&scene.nats, "conductor", "c").await;
    let projector = Projector::start(&scene.nats, &scene.store).await;
    scene.postgres.kill().await;
    let numbers = load(publisher(&conductor), 25, 400).await;
    assert_eq!(numbers.len(), 400);
    let waits = eventually("the status to say what it waits for", async || {
        let answer = conductor.client().request("rig.svc.status.log", "".into()).await.ok()?;
        serde_json::from_slice::<store::projector::Status>(&answer.payload).unwrap().waits
    })
    .await;
    assert!(waits.contains("PostgreSQL is away"), "{waits}");
    scene.postgres.restart().await.unwrap();
    assert!(scene.postgres.healthy().await.is_ok());
    // Begun while PostgreSQL is away, it waits as well.
    scene.assert_projected().await;
    projector.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_f_005_a_projector_begun_without_its_servers_waits_for_them() {
    let scene = Scene::new().await;
    let conductor = user(&scene.nats, "conductor", "c").await;
    load(publisher(&conductor), 26, 40).await;
    scene.postgres.kill().await;
    let _projector = Projector::start(&scene.nats, &scene.store).await;
    eventually("a reason to wait", async || {
        let answer = conductor.client().request("rig.svc.status.log", "".into()).await.ok()?;
        serde_json::from_slice::<store::projector::Status>(&answer.payload).unwrap().waits
    })
    .await;
    scene.nats.kill().await;
    scene.postgres.restart().await.unwrap();
    scene.nats.restart().await.unwrap();
    scene.assert_projected().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_a_dropped_database_is_filled_again() {
    let scene = Scene::new().await;
    let conductor = user(&scene.nats, "conductor", "c").await;
    let _projector = Projector::start(&scene.nats, &scene.store).await;
    load(publisher(&conductor), 27, 400).await;
    scene.assert_projected().await;
    let mut admin = PgConnection::connect_with(&scene.postgres.connect_options("postgres")).await.unwrap();
    sqlx::query("DROP DATABASE rig WITH (FORCE)").execute(&mut admin).await.unwrap();
    load(publisher(&conductor), 28, 40).await;
    sqlx::query("CREATE DATABASE rig").execute(&mut admin).await.unwrap();
    eventually("the tables", async || {
        let tables = "SELECT count(*) FROM pg_class WHERE relname = 'dead'";
        let count: i64 = sqlx::query_scalar(tables).fetch_one(&mut scene.sql().await).await.unwrap();
        (count == 1).then_some(())
    })
    .await;
    scene.assert_projected().await;
}
