//! Starting, stopping, killing: with the real servers.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use servers::testing;
use sqlx::{ConnectOptions as _, Connection as _};

#[tokio::test]
async fn nats_starts_and_stops() {
    let nats = testing::nats("jetstream {}").await;
    assert!(nats.client_url().starts_with("nats://127.0.0.1:"));
    nats.stop(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn postgres_starts_and_stops() {
    let postgres = testing::postgres().await;
    let mut connection = postgres.connect_options("rig").connect().await.unwrap();
    let fsync: String = sqlx::query_scalar("SHOW fsync")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(fsync, "on");
    connection.close().await.unwrap();
    postgres.stop(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn a_database_a_test() {
    let database = testing::database().await;
    let mut connection = database.connect_options().connect().await.unwrap();
    sqlx::query("CREATE TABLE t (n int)")
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}
