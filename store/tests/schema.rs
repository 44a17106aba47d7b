//! The schema: each migration keeps the rows it finds, and what the compiler checked statements against is the schema.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use servers::testing::{self, Database};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqlSafeStr, migrate::Migrator};
use store::{Store, views};

/// Rows of all tables, and the tables that make them from `log`.
const TABLES: [&str; 8] =
    ["epoch", "log", "cursor", "projection", "restoration", "chat_message", "github_delivery", "dead"];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

async fn migrations() -> Migrator {
    Migrator::new(folder("../migrations")).await.unwrap()
}

fn rows_after(version: i64) -> String {
    let file = folder("../migrations/rows").join(format!("{version:04}.sql"));
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}: a migration comes with rows", file.display()))
}

async fn sql(database: &Database) -> PgConnection {
    PgConnection::connect_with(&database.connect_options()).await.unwrap()
}

/// The rows of the tables that are there.
async fn contents(sql: &mut PgConnection) -> BTreeMap<&'static str, Vec<String>> {
    let mut contents = BTreeMap::new();
    for table in TABLES {
        let text = format!("SELECT row_to_json(t)::text FROM {table} t ORDER BY 1");
        if let Ok(rows) = sqlx::query_scalar(AssertSqlSafe(text)).fetch_all(&mut *sql).await {
            contents.insert(table, rows);
        }
    }
    contents
}

#[tokio::test]
async fn f_249_rows_of_every_version_survive_every_later_migration() {
    let migrations = migrations().await;
    let versions: Vec<i64> = migrations.iter().map(|migration| migration.version).collect();
    assert_eq!(versions, (1..=versions.len() as i64).collect::<Vec<_>>());
    for upto in &versions {
        let database = testing::database().await;
        let mut sql = sql(&database).await;
        for version in versions.iter().filter(|version| *version <= upto) {
            migrations.run_to(*version, &mut sql).await.unwrap();
            sqlx::raw_sql(AssertSqlSafe(rows_after(*version))).execute(&mut sql).await.unwrap();
        }
        let before = contents(&mut sql).await;
        let store = Store::connect(&database.url()).unwrap();
        store.migrate().await.unwrap();
        store.migrate().await.unwrap();
        let after = contents(&mut sql).await;
        for (table, rows) in &before {
            assert_eq!(&after[table], rows, "{table} of version {upto}");
        }
        sqlx::query("SELECT * FROM delivery, repository_delivery, as_of").fetch_all(&mut sql).await.unwrap();
        // Tables that came later are made from `log`.
        views::rebuild(&store, |_| {}).await.unwrap();
        let made = contents(&mut sql).await;
        assert_eq!(["chat_message", "github_delivery", "dead"].map(|table| made[table].len()), [1, 1, 1]);
        assert_eq!(made["log"], before["log"]);
    }
}

#[tokio::test]
async fn what_the_compiler_knows_is_the_schema() {
    let database = testing::database().await;
    Store::connect(&database.url()).unwrap().migrate().await.unwrap();
    let mut sql = sql(&database).await;
    let sources = sources(&folder("src"));
    let mut count = 0;
    for file in fs::read_dir(folder(".sqlx")).unwrap() {
        let known: serde_json::Value = serde_json::from_slice(&fs::read(file.unwrap().path()).unwrap()).unwrap();
        let text = known["query"].as_str().unwrap().to_owned();
        assert!(
            sources.contains(text.strip_suffix("ON CONFLICT DO NOTHING").unwrap_or(&text)),
            "no source holds this statement any more; run `make sqlx`: {text}"
        );
        let found = sql
            .describe(AssertSqlSafe(text.clone()).into_sql_str())
            .await
            .unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(serde_json::to_value(&found).unwrap(), known["describe"], "run `make sqlx`: {text}");
        count += 1;
    }
    assert!(count > 20, "{count}");
}

fn sources(folder: &Path) -> String {
    let mut all = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        all += &if path.is_dir() { sources(&path) } else { fs::read_to_string(&path).unwrap() };
    }
    all
}

#[tokio::test]
async fn two_that_migrate_at_once_wait_for_each_other() {
    let database = testing::database().await;
    let stores = [(); 4].map(|()| Store::connect(&database.url()).unwrap());
    let migrating = stores.iter().map(Store::migrate);
    futures::future::try_join_all(migrating).await.unwrap();
}

#[tokio::test]
async fn an_older_program_runs_on_a_newer_schema() {
    let database = testing::database().await;
    let store = Store::connect(&database.url()).unwrap();
    store.migrate().await.unwrap();
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
        VALUES (9999, 'of a newer program', true, '\\x00', 0)";
    sqlx::query(newer).execute(&mut sql(&database).await).await.unwrap();
    store.migrate().await.unwrap();
}
