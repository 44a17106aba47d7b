//! Rows that PostgreSQL called committed, and the power goes.
//!
//! The settings are those the Rig starts PostgreSQL with ([`Durability::Flushed`]). Beside it stands the same with
//! `synchronous_commit=off`, which must lose rows: else this would prove nothing.
#![allow(clippy::panic, clippy::unwrap_used)]

mod ledger;

use std::{collections::HashMap, fs, sync::Arc, time::Instant};

use ledger::{Ledger, seeds};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use power_cut::{Disk, Entries, Forgotten, Options, Tear};
use servers::{
    Cache, Lines, Postgres,
    postgres::{Durability, Options as PostgresOptions},
    testing::{self, Home},
};
use sqlx::{ConnectOptions as _, PgConnection};
use tokio::task::JoinSet;

/// A row: who wrote it, and its number.
type Row = (i64, i64);

const TASKS: i64 = 6;

/// A PostgreSQL on a disk whose power can be cut.
struct Stage {
    // Before the disk it lives on.
    postgres: Option<Postgres>,
    disk: Disk,
    options: PostgresOptions,
    _home: Home,
}

impl Stage {
    async fn new(entries: Entries) -> Self {
        let home = testing::home();
        let disk = Disk::mount(&home.path().join("disk"), Options { entries, ..Options::default() });
        let disk = disk.unwrap_or_else(|error| panic!("{error} ({error:?})"));
        let bin = Cache::locate().unwrap().postgres_bin(&Lines::none()).await.unwrap();
        let options = PostgresOptions {
            log: home.path().join("postgres.log"),
            durability: Durability::Flushed,
            ..PostgresOptions::new(bin, disk.path().join("postgres"))
        };
        let postgres = Some(Postgres::start(options.clone()).await.unwrap());
        let stage = Self { postgres, disk, options, _home: home };
        let table = "CREATE TABLE said (task bigint, n bigint, words text, PRIMARY KEY (task, n))";
        sqlx::query(table).execute(&mut stage.connect().await).await.unwrap();
        // `initdb` flushes by `syncfs`, of which the kernel tells a FUSE file system nothing.
        stage.disk.settle();
        stage
    }

    async fn connect(&self) -> PgConnection {
        self.postgres.as_ref().unwrap().connect_options("rig").connect().await.unwrap()
    }

    /// The power goes, and comes back.
    async fn cut(&mut self, tear: &mut Tear) -> Forgotten {
        let postgres = self.postgres.take().unwrap();
        let forgotten = self.disk.cut(tear, || kill_all(postgres.pid())).unwrap();
        drop(postgres);
        self.postgres = Some(Postgres::start(self.options.clone()).await.unwrap());
        forgotten
    }

    async fn rows(&self) -> HashMap<Row, String> {
        let rows: Vec<(i64, i64, String)> =
            sqlx::query_as("SELECT task, n, words FROM said").fetch_all(&mut self.connect().await).await.unwrap();
        rows.into_iter().map(|(task, n, words)| ((task, n), words)).collect()
    }
}

/// Every process of this server at one moment: none is left to say what the others did.
fn kill_all(postmaster: u32) {
    let postmaster = Pid::from_raw(postmaster.cast_signed());
    // So that it starts no others meanwhile.
    kill(postmaster, Signal::SIGSTOP).unwrap();
    let children = fs::read_to_string(format!("/proc/{postmaster}/task/{postmaster}/children")).unwrap();
    let children = children.split_whitespace().map(|child| Pid::from_raw(child.parse().unwrap()));
    for process in children.chain([postmaster]) {
        // One that has just ended by itself is as dead.
        let _ = kill(process, Signal::SIGKILL);
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
        let mut connection = stage.connect().await;
        sqlx::query(sync.setting()).execute(&mut connection).await.unwrap();
        tasks.spawn(write(connection, task, first, Arc::clone(ledger)));
    }
    ledger.moment(seed, 50..=1500).await;
    let at = Instant::now();
    let forgotten = stage.cut(tear).await;
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
    for seeds in seeds() {
        let mut stage = Stage::new(Entries::WithFolder).await;
        let ledger = Arc::new(Ledger::new());
        for seed in seeds {
            let lost = cut_under_load(&mut stage, seed, &mut Tear::seeded(seed), &ledger, Sync::On).await;
            assert_eq!(lost, 0, "seed {seed}: committed rows are lost");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_power_cut_without_synchronous_commit_loses_rows() {
    let mut stage = Stage::new(Entries::WithFolder).await;
    let mut lost = 0;
    for seed in 0..3 {
        lost += cut_under_load(&mut stage, seed, &mut Tear::clean(), &Arc::new(Ledger::new()), Sync::Off).await;
    }
    assert!(lost > 0, "nothing was lost although commits did not wait: this disk forgets nothing");
}
