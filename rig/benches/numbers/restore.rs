//! Making rows from LOG and LOG from rows, against reading and writing the same by hand, one after the other.

use std::time::{Duration, Instant};

use async_nats::jetstream::consumer::{AckPolicy, pull};
use bus::connect::Connection;
use futures::StreamExt;
use store::restore;

use crate::{
    Scale,
    drafts::{webhook, words},
    drain::pile_up,
    raw::{self, Message},
    row::{Bound, Row, rate},
    rows::{BATCH, Database, Log, Rows, Server, read_log},
    stage::Stage,
};

/// As many records as a restoration puts back in one batch.
const PUT_BACK: usize = 256;

pub async fn run(scale: Scale) -> Vec<Row> {
    let (stage, server) = (Stage::new().await, Server::new().await);
    let count = scale.of(40_000, 256) / 2 * 2;
    pile_up(&stage.connection, count / 2, || words(1 << 10)).await;
    pile_up(&stage.connection, count / 2, || webhook((8 << 10) - 600)).await;
    let operator = stage.connect_as("operator").await;
    let (mut postgres, mut bus) = (Vec::new(), Vec::new());
    for _ in 0..scale.pairs() {
        let database = server.database().await;
        let ours = restore_postgres(&operator, &database).await;
        let read = read_raw(&operator, count).await;
        let insert = Rows::of(&database, BATCH).await.insert_into(&server.database().await).await;
        postgres.push((rate(count, ours), rate(count, read + insert)));

        operator.jetstream().delete_stream("LOG").await.unwrap();
        let ours = restore_bus(&operator, &database).await;
        let begin = Instant::now();
        let log = read_log(&mut database.connect().await).await;
        let read = begin.elapsed();
        let publish = publish_raw(&operator, log).await;
        bus.push((rate(count, ours), rate(count, read + publish)));
        // As it was: the records that were published by hand have no rows.
        operator.jetstream().delete_stream("LOG").await.unwrap();
        restore_bus(&operator, &database).await;
    }
    vec![
        Row::of_pairs("restore postgres", "rec/s", "raw read + raw insert", &postgres, Bound::AtLeast(0.6)),
        Row::of_pairs("restore bus", "rec/s", "raw read + raw publish", &bus, Bound::AtLeast(0.6)),
    ]
}

async fn restore_postgres(connection: &Connection, database: &Database) -> Duration {
    let begin = Instant::now();
    restore::postgres(connection, &database.store, |_| {}).await.unwrap();
    begin.elapsed()
}

async fn restore_bus(connection: &Connection, database: &Database) -> Duration {
    let begin = Instant::now();
    restore::bus(connection, &database.store, &restore::Options::default(), |_| {}).await.unwrap();
    begin.elapsed()
}

/// In order, sent ahead, nothing acknowledged.
async fn read_raw(connection: &Connection, count: usize) -> Duration {
    let begin = Instant::now();
    let config = pull::Config { ack_policy: AckPolicy::None, memory_storage: true, ..pull::Config::default() };
    let consumer = connection.jetstream().create_consumer_on_stream(config, "LOG").await.unwrap();
    let messages =
        consumer.stream().max_messages_per_batch(1024).max_bytes_per_batch(40 << 20).messages().await.unwrap();
    let read = messages.take(count).map(Result::unwrap).count().await;
    assert_eq!(read, count);
    begin.elapsed()
}

async fn publish_raw(connection: &Connection, log: Vec<Log>) -> Duration {
    let message = |row: Log| Message { subject: row.subject, body: row.body.unwrap().into() };
    let messages: Vec<Message> = log.into_iter().map(message).collect();
    let begin = Instant::now();
    for batch in messages.chunks(PUT_BACK) {
        raw::batch(connection.client(), batch.iter().cloned()).await;
    }
    begin.elapsed()
}
