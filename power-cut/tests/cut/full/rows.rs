//! The disk of PostgreSQL fills up while records become rows.
//!
//! Where a table cannot grow the statement fails and the server lives; where its log of changes cannot, the server ends
//! itself and cannot start. The projector takes neither for a fault of a record: it waits, says so, and goes on.

use std::{
    fs,
    ops::Range,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use bus::{
    Draft, Envelope, RecordId,
    catalogue::{Kind, chat::Said},
    connect::Connection,
    envelope::now,
    publish::{Options, Publisher},
};
use power_cut::Entries;
use rand::{Rng, SeedableRng, distr::Alphanumeric, rngs::StdRng};
use servers::{Lines, Postgres, Supervised};
use sqlx::{ConnectOptions as _, PgConnection};
use store::{
    Store,
    projector::{self, STATUS_SUBJECT, Status},
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    channel::{ALWAYS, Channel, load::operator},
    database::{self, Database},
    machine::Machine,
};

const PATIENCE: Duration = Duration::from_secs(60);
const ENOUGH: u64 = 256 << 20;

struct Stage {
    projector: JoinSet<()>,
    conductor: Connection,
    publisher: Publisher,
    // Before the machines they run on.
    database: Supervised<Postgres>,
    channel: Channel,
    machine: Machine,
    told: Arc<Mutex<Vec<String>>>,
    _other_machine: Machine,
}

impl Stage {
    /// PostgreSQL on a machine of its own, with rows already, and a projector.
    async fn new() -> Self {
        let (machine, other_machine) = (Machine::new(Entries::WithFile), Machine::new(Entries::WithFile));
        let told = Arc::new(Mutex::new(Vec::new()));
        let lines = Arc::clone(&told);
        let lines = Lines::to(move |line| lines.lock().unwrap().push(line.to_owned()));
        let database = Database::start(&machine).await.watched(lines);
        let channel = Channel::start(&other_machine, ALWAYS).await;
        let conductor = channel.user("conductor").await;
        let publisher = Publisher::start(&channel.user("chat").await, Options::default());
        let projector = project(&channel, &database.url()).await;
        let stage =
            Self { projector, conductor, publisher, database, channel, machine, told, _other_machine: other_machine };
        stage.say(0..50).await;
        stage.wait_for("rows", async || stage.status().await.projected_through >= Some(50)).await;
        stage
    }

    async fn say(&self, range: Range<u64>) {
        let saying = range.map(|n| self.publisher.publish(words(n)));
        for stored in futures::future::join_all(saying).await {
            stored.unwrap();
        }
    }

    async fn status(&self) -> Status {
        let answer = tokio::time::timeout(PATIENCE, self.conductor.client().request(STATUS_SUBJECT, "".into())).await;
        serde_json::from_slice(&answer.unwrap().unwrap().payload).unwrap()
    }

    async fn sql(&self) -> PgConnection {
        self.database.connect_options("rig").connect().await.unwrap()
    }

    /// How often PostgreSQL wrote these words into its log.
    fn said(&self, words: &str) -> usize {
        fs::read_to_string(self.machine.log("postgres.log")).unwrap().matches(words).count()
    }

    /// Whether a person was told a line with these words.
    fn tells(&self, words: &str) -> bool {
        self.told.lock().unwrap().iter().any(|line| line.contains(words))
    }

    async fn wait_for(&self, what: &str, holds: impl AsyncFn() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds().await {
            assert!(
                Instant::now() < deadline,
                "waited in vain for {what}: {:?} {:?}",
                self.status().await,
                self.told.lock().unwrap()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Somebody makes room, and nothing else: the rows become what LOG is, and no record was given up.
    async fn check_goes_on(&mut self) {
        assert!(self.projector.try_join_next().is_none(), "the projector ended");
        let status = self.status().await;
        assert!(status.projected_through < Some(status.last), "{status:?}");
        self.machine.fill_up_after(ENOUGH);
        self.wait_for("the rest of the rows", async || {
            let now = self.status().await;
            now.waits.is_none() && now.projected_through >= Some(now.last)
        })
        .await;
        let log = self.channel.holdings().await.log;
        let mut sql = self.sql().await;
        let mut rows = database::rows(&mut sql).await;
        // A tick may have come meanwhile.
        rows.retain(|sequence, _| log.contains_key(sequence));
        let through = database::through(&mut sql).await;
        assert!(through >= status.last && log.range(..=through).eq(rows.range(..=through)));
        for given_up in ["SELECT count(*) FROM log WHERE refused IS NOT NULL", "SELECT count(*) FROM dead"] {
            assert_eq!(sqlx::query_scalar::<_, i64>(given_up).fetch_one(&mut sql).await.unwrap(), 0, "{given_up}");
        }
    }
}

/// The projector runs until this is dropped.
async fn project(channel: &Channel, database: &str) -> JoinSet<()> {
    let connection = channel.user("projector").await;
    let store = Store::connect(database).unwrap();
    let publisher = Publisher::start(&connection, Options::default());
    let mut projector = JoinSet::new();
    projector.spawn(async move { projector::run(&connection, &store, publisher, CancellationToken::new()).await });
    projector
}

/// Words that cannot be made smaller.
fn words(n: u64) -> Draft {
    let id = RecordId::of_delivery(&format!("{n}"));
    let say: String = StdRng::seed_from_u64(n).sample_iter(Alphanumeric).take(16_000).map(char::from).collect();
    let said = Said { say, room: "general".to_owned(), who: "sam".to_owned(), door: None };
    Draft::new(operator(), &Envelope::new(id, Kind::ChatSaid.type_name(), "/rig/test", now(), said)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_a_full_disk_under_the_tables_is_waited_for_and_no_record_is_given_up() {
    let mut stage = Stage::new().await;
    stage.machine.fill_up_after(1 << 20);
    stage.say(50..450).await;
    stage.wait_for("attempts that fail", async || stage.said("No space left on device") >= 3).await;
    stage.wait_for("the reason", async || stage.status().await.waits.is_some()).await;
    let waits = stage.status().await.waits.unwrap();
    assert!(waits.contains("PostgreSQL has no room") && waits.contains("make room"), "{waits}");
    stage.check_goes_on().await;
    assert_eq!(*stage.told.lock().unwrap(), Vec::<String>::new(), "the server lived");
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_a_full_disk_under_the_log_of_changes_ends_postgresql_until_there_is_room() {
    let mut stage = Stage::new().await;
    let mut sql = stage.sql().await;
    stage.machine.fill_up_after(1 << 20);
    // To the end of the files that are there already.
    let change = "SELECT pg_logical_emit_message(true, 'rig', 'a change'), pg_switch_wal()";
    let deadline = Instant::now() + PATIENCE;
    while sqlx::query(change).execute(&mut sql).await.is_ok() {
        assert!(Instant::now() < deadline, "the log of changes never ends");
    }
    stage.say(50..100).await;
    stage.wait_for("its end", async || stage.said("PANIC") > 0).await;
    let dead = "died (exit code 1) and cannot be started yet";
    stage.wait_for("a line", async || stage.tells(dead) && stage.tells("No space left on device")).await;
    stage.wait_for("the reason", async || stage.status().await.waits.is_some()).await;
    let waits = stage.status().await.waits.unwrap();
    assert!(waits.contains("PostgreSQL is away"), "{waits}");
    stage.check_goes_on().await;
    stage.wait_for("another line", async || stage.tells("started again")).await;
}
