//! Rows: a PostgreSQL of our own with the settings of production, and inserts written by hand.

mod batch;

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use futures::TryStreamExt;
use servers::{
    Postgres,
    testing::{self, Owned},
};
use sqlx::{
    AssertSqlSafe, Connection, FromRow, PgConnection,
    postgres::{PgConnectOptions, PgListener},
};
use store::Store;

pub use self::batch::Log;
use self::batch::{Batch, Delivery, Words};

/// As many rows as our own projector commits at once.
pub const BATCH: usize = 1024;

/// A PostgreSQL that flushes what is committed.
pub struct Server {
    postgres: Owned<Postgres>,
    databases: AtomicU32,
}

impl Server {
    pub async fn new() -> Self {
        Self { postgres: testing::postgres().await, databases: AtomicU32::new(0) }
    }

    /// An empty database with our tables.
    pub async fn database(&self) -> Database {
        let name = format!("bench_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let mut admin = PgConnection::connect_with(&self.postgres.connect_options("postgres")).await.unwrap();
        sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut admin).await.unwrap();
        // What was written before is not to be flushed while something is measured.
        sqlx::query("CHECKPOINT").execute(&mut admin).await.unwrap();
        let url = self.postgres.url();
        let store = Store::connect(&format!("{}/{name}", url.rsplit_once('/').unwrap().0)).unwrap();
        store.migrate().await.unwrap();
        Database { options: self.postgres.connect_options(&name), store }
    }
}

/// A database with our tables.
pub struct Database {
    options: PgConnectOptions,
    pub store: Store,
}

impl Database {
    pub async fn connect(&self) -> PgConnection {
        PgConnection::connect_with(&self.options).await.unwrap()
    }

    /// Hears of each commit that moves the cursor.
    pub async fn commits(&self) -> Commits {
        let mut rows = self.connect().await;
        let tell = "CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM pg_notify('moved', NEW.sequence::text); RETURN NULL; END $$";
        let when = "CREATE TRIGGER moved AFTER INSERT OR UPDATE ON cursor FOR EACH ROW EXECUTE FUNCTION tell()";
        for statement in [tell, when] {
            sqlx::query(statement).execute(&mut rows).await.unwrap();
        }
        let pool = sqlx::postgres::PgPoolOptions::new().max_connections(1).connect_lazy_with(self.options.clone());
        let mut listener = PgListener::connect_with(&pool).await.unwrap();
        listener.listen("moved").await.unwrap();
        Commits(listener)
    }
}

/// The commits of the projector, heard as PostgreSQL tells them: after they are flushed.
pub struct Commits(PgListener);

impl Commits {
    /// Up to which record there are rows, and when that was heard.
    pub async fn next(&mut self) -> (u64, Instant) {
        let heard = tokio::time::timeout(Duration::from_secs(60), self.0.recv()).await.expect("no commit in a minute");
        (heard.unwrap().payload().parse().unwrap(), Instant::now())
    }

    /// Waits for the rows up to this record.
    pub async fn reach(&mut self, through: u64) {
        while self.next().await.0 < through {}
    }
}

/// What our tables hold, ready to be inserted in batches.
pub struct Rows(Vec<Batch>);

/// All records, read by hand.
pub async fn read_log(connection: &mut PgConnection) -> Vec<Log> {
    let text = "SELECT * FROM log ORDER BY epoch, sequence";
    sqlx::query_as::<_, Log>(text).fetch(connection).try_collect().await.unwrap()
}

impl Rows {
    /// What the projector made of the records, in batches of this many records.
    pub async fn of(database: &Database, batch: usize) -> Self {
        let mut connection = database.connect().await;
        let mut words = all::<Words>(&mut connection, "chat_message").await.into_iter().peekable();
        let mut deliveries = all::<Delivery>(&mut connection, "github_delivery").await.into_iter().peekable();
        let mut batches = Vec::new();
        let mut log = read_log(&mut connection).await.into_iter().peekable();
        while log.peek().is_some() {
            let log: Vec<Log> = log.by_ref().take(batch).collect();
            let last = log.last().unwrap().sequence;
            batches.push(Batch {
                words: std::iter::from_fn(|| words.next_if(|row| row.sequence <= last)).collect(),
                deliveries: std::iter::from_fn(|| deliveries.next_if(|row| row.sequence <= last)).collect(),
                log,
            });
        }
        Self(batches)
    }

    /// Inserts them into the same tables of another database, one transaction a batch.
    pub async fn insert_into(&self, database: &Database) -> Duration {
        let mut connection = database.connect().await;
        self.prepare(&mut connection).await;
        let begin = Instant::now();
        for batch in 0..self.0.len() {
            self.insert(&mut connection, batch).await;
        }
        begin.elapsed()
    }

    /// The parts of `log` that they need.
    pub async fn prepare(&self, connection: &mut PgConnection) {
        for part in [
            "CREATE TABLE log_0 (LIKE log INCLUDING ALL)",
            "ALTER TABLE log ATTACH PARTITION log_0 FOR VALUES FROM (0) TO (1000000)",
        ] {
            sqlx::query(part).execute(&mut *connection).await.unwrap();
        }
    }

    /// Inserts one batch.
    pub async fn insert(&self, connection: &mut PgConnection, batch: usize) {
        self.0[batch].insert(connection).await;
    }
}

async fn all<R>(connection: &mut PgConnection, table: &str) -> Vec<R>
where
    R: for<'r> FromRow<'r, sqlx::postgres::PgRow> + Send + Unpin,
{
    let text = format!("SELECT * FROM {table} ORDER BY epoch, sequence");
    sqlx::query_as(AssertSqlSafe(text)).fetch_all(connection).await.unwrap()
}
