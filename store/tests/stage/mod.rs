//! A real channel, a real database, and a projector between them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    dead_code,
    unreachable_pub,
    reason = "shared by tests"
)]

pub mod drafts;
pub mod draw;
pub mod dump;

use std::time::Duration;

use bus::{
    Draft, Sequenced,
    connect::{Connection, connect},
    publish::{Options, Publisher, Stored},
    read::{Reader, Start},
    stream::{self, LogState, Overrides},
};
use servers::{
    nats::Nats,
    testing::{self, Database, Owned},
};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row};
use store::{Store, projector};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub const PATIENCE: Duration = Duration::from_secs(60);

/// The users that the store's work needs, all of the account that holds the streams.
pub const CONF: &str = r#"
max_payload: 32MB
jetstream { sync_interval: always, max_mem: 64MB, max_file: 20GB }
accounts {
  RIG {
    jetstream: enabled
    users: [ { user: conductor, password: c }, { user: projector, password: p }, { user: operator, password: o } ]
  }
}
"#;

pub struct Stage {
    pub nats: Owned<Nats>,
    pub database: Database,
    pub conductor: Connection,
    pub publisher: Publisher,
    pub store: Store,
}

impl Stage {
    pub async fn new() -> Self {
        Self::with(&Overrides::default()).await
    }

    pub async fn with(overrides: &Overrides) -> Self {
        let nats = testing::nats(CONF).await;
        let conductor = user(&nats, "conductor", "c").await;
        stream::apply(&conductor.jetstream(), overrides).await.unwrap();
        // A tick that comes between two looks at LOG would be a difference.
        let clock = conductor.jetstream().get_stream("CLOCK").await.unwrap();
        clock.purge().await.unwrap();
        let database = testing::database().await;
        let store = Store::connect(&database.url()).unwrap();
        store.migrate().await.unwrap();
        let publisher = publisher(&conductor);
        Self { nats, database, conductor, publisher, store }
    }

    /// Publishes in this order.
    pub async fn publish(&self, drafts: impl IntoIterator<Item = Draft>) -> Vec<Stored> {
        let publishing = drafts.into_iter().map(|draft| self.publisher.publish(draft));
        futures::future::try_join_all(publishing).await.unwrap()
    }

    /// A projector, until it is dropped.
    pub async fn projector(&self) -> Projector {
        Projector::start(&self.nats, &self.store).await
    }

    pub async fn state(&self) -> LogState {
        stream::log_state(&self.conductor.jetstream()).await.unwrap()
    }

    /// Everything that LOG holds now.
    pub async fn records(&self) -> Vec<Sequenced> {
        records(&self.conductor).await
    }

    pub async fn sql(&self) -> PgConnection {
        PgConnection::connect_with(&self.database.connect_options()).await.unwrap()
    }

    /// Waits until there are rows for everything in LOG.
    pub async fn caught_up(&self) {
        let last = self.state().await.last;
        self.projected(last).await;
    }

    /// Waits until there are rows up to this number.
    pub async fn projected(&self, through: u64) {
        let mut sql = self.sql().await;
        let epoch = self.state().await.epoch;
        eventually(&format!("rows up to {through}"), async || {
            let row = sqlx::query("SELECT epoch, sequence FROM cursor").fetch_optional(&mut sql).await;
            let row = row.ok().flatten()?;
            (row.get::<String, _>("epoch") == epoch.as_str() && row.get::<i64, _>("sequence") >= through as i64)
                .then_some(())
        })
        .await;
    }

    /// Waits for the rows, and compares them with LOG: the same records, in order, byte for byte.
    pub async fn assert_projected(&self) {
        let records = self.records().await;
        self.projected(records.last().map_or(0, |record| record.sequence)).await;
        dump::assert_rows_are(&mut self.sql().await, &records).await;
    }

    /// A single number.
    pub async fn count(&self, sql: &str) -> i64 {
        let row = sqlx::query(AssertSqlSafe(sql.to_owned())).fetch_one(&mut self.sql().await).await.unwrap();
        row.get(0)
    }
}

/// A running projector with a connection of its own.
pub struct Projector {
    tasks: JoinSet<()>,
    cancel: CancellationToken,
    pub connection: Connection,
}

impl Projector {
    pub async fn start(nats: &Nats, store: &Store) -> Self {
        let connection = user(nats, "projector", "p").await;
        let (store, cancel) = (store.clone(), CancellationToken::new());
        let mut tasks = JoinSet::new();
        let (own, token) = (connection.clone(), cancel.clone());
        tasks.spawn(async move { projector::run(&own, &store, publisher(&own), token).await });
        Self { tasks, cancel, connection }
    }

    /// Ends it where it stands, as a kill would.
    pub async fn abort(mut self) {
        self.tasks.shutdown().await;
    }

    pub async fn stop(mut self) {
        self.cancel.cancel();
        while self.tasks.join_next().await.is_some() {}
    }

    pub fn is_running(&mut self) -> bool {
        self.tasks.try_join_next().is_none()
    }
}

pub fn publisher(connection: &Connection) -> Publisher {
    Publisher::start(connection, Options { wait: PATIENCE, ..Options::default() })
}

pub async fn user(nats: &Nats, user: &str, password: &str) -> Connection {
    let url = format!("nats://{user}:{password}@{}", nats.client_address());
    connect(&url, "test", PATIENCE).await.unwrap()
}

pub async fn records(connection: &Connection) -> Vec<Sequenced> {
    let state = stream::log_state(&connection.jetstream()).await.unwrap();
    let mut reader = Reader::open(connection, Start::Sequence(1), &[]).await.unwrap();
    let mut records: Vec<Sequenced> = Vec::new();
    while state.messages > 0 && records.last().is_none_or(|record| record.sequence < state.last) {
        records.push(tokio::time::timeout(PATIENCE, reader.next()).await.unwrap().unwrap());
    }
    records
}

/// Asks until there is an answer, and fails after a while.
pub async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let asking = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, asking).await.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}
