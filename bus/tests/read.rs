//! Reading by position against a real server.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod channel;

use bus::{
    lineage::Lineage,
    publish::{Options, Publisher},
    read::{Batch, Error, Position, Reader, Start},
    stream::{self, Epoch, Overrides},
};
use channel::{Channel, PATIENCE, id, words};

async fn publish(channel: &Channel, from: usize, count: usize) {
    let publisher = Publisher::start(&channel.operator, Options { wait: PATIENCE, ..Options::default() });
    let publishing =
        (from..from + count).map(|n| publisher.publish(words(id(0, n), if n % 2 == 0 { "even" } else { "odd" }, 10)));
    for stored in futures::future::join_all(publishing).await {
        stored.unwrap();
    }
}

/// LOG deleted and made again, empty.
async fn log_anew(channel: &Channel, epoch: &Epoch) {
    let js = channel.operator.jetstream();
    js.delete_stream("LOG").await.unwrap();
    let overrides = Overrides::default();
    stream::create_log(&js, &overrides, 1, epoch, &Lineage::default()).await.unwrap();
    stream::open_log(&js, &overrides, &[]).await.unwrap();
}

async fn take(reader: &mut Reader, count: usize) -> Vec<u64> {
    let mut sequences = Vec::new();
    while sequences.len() < count {
        let batch = Batch { records: count - sequences.len(), bytes: 1 << 20 };
        let records = tokio::time::timeout(PATIENCE, reader.next_batch(batch)).await.unwrap().unwrap();
        sequences.extend(records.iter().map(|record| record.sequence));
    }
    sequences
}

#[tokio::test]
async fn every_start_begins_where_it_says() {
    let channel = Channel::new().await;
    publish(&channel, 0, 10).await;
    let epoch = stream::log_state(&channel.operator.jetstream()).await.unwrap().epoch;
    let mut after = Reader::open(&channel.operator, Start::After(Position { epoch, sequence: 4 }), &[]).await.unwrap();
    assert_eq!(take(&mut after, 6).await, [5, 6, 7, 8, 9, 10]);
    let mut sequence = Reader::open(&channel.operator, Start::Sequence(9), &[]).await.unwrap();
    assert_eq!(take(&mut sequence, 2).await, [9, 10]);
    let mut new = Reader::open(&channel.operator, Start::New, &[]).await.unwrap();
    publish(&channel, 10, 1).await;
    assert_eq!(take(&mut new, 1).await, [11]);
    let eleventh = channel.records().await[10].stored_at;
    let mut time = Reader::open(&channel.operator, Start::Time(eleventh), &[]).await.unwrap();
    assert_eq!(take(&mut time, 1).await, [11]);
}

#[tokio::test]
async fn filters_are_kept_and_a_wrong_one_is_named() {
    let channel = Channel::new().await;
    publish(&channel, 0, 6).await;
    let filters = ["rig.evt.chat.even.>".to_owned()];
    let mut even = Reader::open(&channel.operator, Start::Sequence(1), &filters).await.unwrap();
    let sequences = take(&mut even, 3).await;
    assert!(sequences.is_sorted());
    let wrong = ["rig..chat".to_owned()];
    let refused = Reader::open(&channel.operator, Start::Sequence(1), &wrong).await;
    assert!(matches!(refused, Err(Error::Filter(_))), "{:?}", refused.err());
}

#[tokio::test]
async fn a_reader_goes_on_at_the_next_number_after_the_server_was_killed() {
    let channel = Channel::new().await;
    publish(&channel, 0, 3000).await;
    let mut reader = Reader::open(&channel.operator, Start::Sequence(1), &[]).await.unwrap();
    let mut sequences = take(&mut reader, 1500).await;
    channel.nats.kill().await;
    channel.nats.restart().await.unwrap();
    publish(&channel, 3000, 10).await;
    sequences.extend(take(&mut reader, 1510).await);
    assert_eq!(sequences, (1..=3010).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_log_made_anew_is_said_and_never_read_as_the_old_one() {
    let channel = Channel::new().await;
    publish(&channel, 0, 5).await;
    let mut reader = Reader::open(&channel.operator, Start::Sequence(1), &[]).await.unwrap();
    take(&mut reader, 5).await;
    log_anew(&channel, &Epoch::new()).await;
    publish(&channel, 5, 9).await;
    let end = tokio::time::timeout(PATIENCE, reader.next()).await.unwrap();
    assert!(matches!(end, Err(Error::Epoch { .. })), "{end:?}");
}

#[tokio::test]
async fn a_log_that_lost_its_tail_is_said() {
    let channel = Channel::new().await;
    publish(&channel, 0, 5).await;
    let js = channel.operator.jetstream();
    let epoch = stream::log_state(&js).await.unwrap().epoch;
    log_anew(&channel, &epoch).await;
    publish(&channel, 5, 2).await;
    let behind = Reader::open(&channel.operator, Start::After(Position { epoch, sequence: 5 }), &[]).await;
    assert!(matches!(behind, Err(Error::Behind { position: 5, last: 2 })), "{:?}", behind.err());
}
