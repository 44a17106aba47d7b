//! Rows that PostgreSQL called committed.
//!
//! The settings are those of `rig up` (`Durability::Flushed`). Names are durable as late as POSIX allows: PostgreSQL
//! flushes its folders.

use std::{collections::HashMap, sync::Arc, time::Instant};

use power_cut::{Entries, Tear};
use sqlx::PgConnection;
use tokio::task::JoinSet;

use crate::{
    database::Database,
    ledger::{Ledger, seeds},
    machine::Machine,
};

/// A row: who wrote it, and its number.
type Row = (i64, i64);

const TASKS: i64 = 6;

/// A machine with a PostgreSQL that has a table.
struct Stage {
    // Before the machine it runs on.
    database: Database,
    machine: Machine,
}

impl Stage {
    async fn new() -> Self {
        let machine = Machine::new(Entries::WithFolder);
        let database = Database::start(&machine).await;
        let table = "CREATE TABLE said (task bigint, n bigint, words text, PRIMARY KEY (task, n))";
        sqlx::query(table).execute(&mut database.connect().await).await.unwrap();
        Self { database, machine }
    }

    async fn rows(&self) -> HashMap<Row, String> {
        let rows = sqlx::query_as("SELECT task, n, words FROM said");
        let rows: Vec<(i64, i64, String)> = rows.fetch_all(&mut self.database.connect().await).await.unwrap();
        rows.into_iter().map(|(task, n, words)| ((task, n), words)).collect()
    }
}

fn words(task: i64, n: i64) -> String {
    format!("{task} said {n} ").repeat(usize::try_from(n % 40).unwrap() + 1)
}

/// Writes rows until the connection breaks: one a transaction, or several.
async fn write(mut connection: PgConnection, task: i64, first: i64, ledger: Arc<Ledger<Row>>) {
    let mut n = first;
    loop {
        let count = if task % 2 == 0 { 1 } else { 20 };
        let numbers: Vec<i64> = (n..n + count).collect();
        let texts: Vec<String> = numbers.iter().map(|n| words(task, *n)).collect();
        let insert =
            sqlx::query("INSERT INTO said SELECT $1, n, words FROM UNNEST($2::bigint[], $3::text[]) AS new (n, words)");
        if insert.bind(task).bind(&numbers).bind(texts).execute(&mut connection).await.is_err() {
            return;
        }
        ledger.note(numbers.into_iter().map(|n| (task, n)));
        n += count;
    }
}

/// One cut; how many of all the rows that were ever called committed before it are missing after it.
async fn cut_under_load(stage: &mut Stage, seed: u64, tear: &mut Tear, ledger: &Arc<Ledger<Row>>, sync: Sync) -> usize {
    let first = i64::try_from(seed).unwrap() * 1_000_000;
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        let mut connection = stage.database.connect().await;
        sqlx::query(sync.setting()).execute(&mut connection).await.unwrap();
        tasks.spawn(write(connection, task, first, Arc::clone(ledger)));
    }
    ledger.moment(seed, 50..=1500).await;
    let at = Instant::now();
    let forgotten = stage.machine.cut(tear, || stage.database.kill());
    stage.database.start_again().await;
    let back = at.elapsed();
    tasks.join_all().await;
    let rows = stage.rows().await;
    let acked = ledger.all();
    let before = || acked.iter().filter(|acked| acked.at < at);
    let lost = before().filter(|acked| rows.get(&acked.what) != Some(&words(acked.what.0, acked.what.1))).count();
    let acked = before().count();
    eprintln!("{sync:?}, seed {seed}: {acked} committed, {lost} lost; {forgotten:?}; back after {back:.1?}");
    lost
}

/// Whether a commit waits for the flush.
#[derive(Clone, Copy, Debug)]
enum Sync {
    On,
    Off,
}

impl Sync {
    const fn setting(self) -> &'static str {
        match self {
            // What the server was started with.
            Self::On => "SELECT 1",
            Self::Off => "SET synchronous_commit = off",
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn soak_slice_power_cut_loses_no_committed_row() {
    for seeds in seeds(3) {
        let mut stage = Stage::new().await;
        let ledger = Arc::new(Ledger::new());
        for seed in seeds {
            let lost = cut_under_load(&mut stage, seed, &mut Tear::seeded(seed), &ledger, Sync::On).await;
            assert_eq!(lost, 0, "seed {seed}: committed rows are lost");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_power_cut_without_synchronous_commit_loses_rows() {
    let mut stage = Stage::new().await;
    let mut lost = 0;
    for seed in 0..2 {
        lost += cut_under_load(&mut stage, seed, &mut Tear::clean(), &Arc::new(Ledger::new()), Sync::Off).await;
    }
    assert!(lost > 0, "nothing was lost although commits did not wait: this disk forgets nothing");
}
