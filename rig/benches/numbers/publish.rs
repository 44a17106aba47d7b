//! Publishing with 256 records in flight, against atomic batches written by hand.

use std::time::{Duration, Instant};

use bus::{
    Draft, Envelope, RecordId, Subject, Token,
    catalogue::{Kind, chat::Said},
    connect::Connection,
    envelope::now,
    publish::{Options, Publisher},
};
use bytes::Bytes;
use futures::{StreamExt, stream};

use crate::{
    Scale,
    row::{Bound, Row, rate},
    stage::Stage,
};

const IN_FLIGHT: usize = 256;

pub async fn run(scale: Scale) -> Vec<Row> {
    let stage = Stage::new().await;
    let count = scale.of(40_000, 512);
    let mut pairs = Vec::new();
    for _ in 0..scale.pairs() {
        let drafts: Vec<Draft> = (0..count).map(|_| words(1024)).collect();
        let ours = ours(&stage.connection, drafts.clone()).await;
        let theirs = raw_batches(&stage.connection, &drafts, IN_FLIGHT).await;
        pairs.push((rate(count, ours), rate(count, theirs)));
    }
    vec![Row::of_pairs("publish, 1 KiB, 256 in flight", "rec/s", "raw batches of 256", &pairs, Bound::AtLeast(0.7))]
}

/// Words whose envelope has about `size` bytes.
pub fn words(size: usize) -> Draft {
    let said = Said { say: "x".repeat(size - 330), room: "general".to_owned(), who: "sam".to_owned(), door: None };
    let subject = Subject::ChatOperator { room: Token::of("general"), who: Token::of("sam") };
    Draft::new(subject, &Envelope::new(RecordId::new(), Kind::ChatSaid.type_name(), "/rig/bench", now(), said)).unwrap()
}

async fn ours(connection: &Connection, drafts: Vec<Draft>) -> Duration {
    let publisher = Publisher::start(connection, Options::default());
    let begin = Instant::now();
    stream::iter(drafts)
        .map(|draft| publisher.publish(draft))
        .buffer_unordered(IN_FLIGHT)
        .for_each(|stored| async { assert!(!stored.unwrap().duplicate) })
        .await;
    begin.elapsed()
}

/// The ceiling: the same bodies, three headers, one batch after the other.
pub async fn raw_batches(connection: &Connection, drafts: &[Draft], size: usize) -> Duration {
    let begin = Instant::now();
    for (n, batch) in drafts.chunks(size).enumerate() {
        raw_batch(connection.client(), &format!("raw-{n}-{}", RecordId::new()), batch).await;
    }
    begin.elapsed()
}

async fn raw_batch(client: &async_nats::Client, id: &str, batch: &[Draft]) {
    let last = batch.len() - 1;
    for (n, draft) in batch.iter().enumerate() {
        let mut headers = async_nats::HeaderMap::new();
        headers.insert("Nats-Batch-Id", id);
        headers.insert("Nats-Batch-Sequence", (n + 1).to_string());
        let (subject, body): (String, Bytes) = (draft.subject.to_string(), draft.body.clone());
        if n < last {
            client.publish_with_headers(subject, headers, body).await.unwrap();
        } else {
            headers.insert("Nats-Batch-Commit", "1");
            let answer = client.request_with_headers(subject, headers, body).await.unwrap();
            let text = String::from_utf8_lossy(&answer.payload).into_owned();
            assert!(!text.contains("error"), "{text}");
        }
    }
}
