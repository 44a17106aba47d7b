//! Publishing with 256 records in flight, against atomic batches written by hand.

use std::time::{Duration, Instant};

use bus::{
    Draft,
    connect::Connection,
    publish::{Options, Publisher},
};
use futures::{StreamExt, stream};

use crate::{
    Scale,
    drafts::words,
    raw::{self, Message},
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
        let messages: Vec<Message> = drafts.iter().map(Message::from).collect();
        let ours = ours(&stage.connection, drafts).await;
        let theirs = raw_batches(&stage.connection, &messages).await;
        pairs.push((rate(count, ours), rate(count, theirs)));
    }
    vec![Row::of_pairs("publish, 1 KiB, 256 in flight", "rec/s", "raw batches of 256", &pairs, Bound::AtLeast(0.7))]
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

/// One batch after the other, as many in flight as ours.
async fn raw_batches(connection: &Connection, messages: &[Message]) -> Duration {
    let begin = Instant::now();
    for batch in messages.chunks(IN_FLIGHT) {
        raw::batch(connection.client(), batch.iter().cloned()).await;
    }
    begin.elapsed()
}
