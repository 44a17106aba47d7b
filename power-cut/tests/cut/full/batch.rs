//! An atomic batch on a disk that fills up: while the server gathers it, while it stores it, and after both.

use std::time::Duration;

use async_nats::{
    HeaderMap, Request,
    header::{NATS_BATCH_COMMIT, NATS_BATCH_ID, NATS_BATCH_SEQUENCE},
};
use bus::connect::Connection;
use futures::TryStreamExt;
use power_cut::Entries;

use crate::{
    channel::{ALWAYS, Channel},
    machine::Machine,
};

const RECORDS: u64 = 12;
const RECORD: usize = 32_000;
const SUBJECT: &str = "rig.evt.chat.general.operator.sam";
const ENOUGH: u64 = 64 << 20;

/// Room for a fourth of the batch; for it once and a little, and a lot, of the second time it is written; for both.
const ROOMS: [u64; 5] = [100_000, 420_000, 520_000, 700_000, 1_000_000];

/// How long an answer is waited for that does not come from a disk that is full.
const WAIT: Duration = Duration::from_secs(3);

/// Publishes the batch; whether the server said that it is stored.
async fn publish(connection: &Connection) -> bool {
    let body = vec![b'x'; RECORD];
    for n in 1..RECORDS {
        connection.client().publish_with_headers(SUBJECT, headers(n), body.clone().into()).await.unwrap();
    }
    let mut headers = headers(RECORDS);
    headers.insert(NATS_BATCH_COMMIT, "1");
    let request = Request::new().headers(headers).payload(body.into()).timeout(Some(WAIT));
    let answer = connection.client().send_request(SUBJECT, request).await;
    answer.is_ok_and(|answer| serde_json::from_slice::<serde_json::Value>(&answer.payload).unwrap()["error"].is_null())
}

fn headers(n: u64) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(NATS_BATCH_ID, "batch");
    headers.insert(NATS_BATCH_SEQUENCE, n.to_string());
    headers
}

/// How many of the batch LOG holds. A tick may stand beside them.
async fn left(channel: &Channel) -> u64 {
    let log = channel.user("conductor").await.jetstream().get_stream("LOG").await.unwrap();
    let subjects = log.info_with_subjects(SUBJECT).await.unwrap().try_collect::<Vec<_>>().await.unwrap();
    subjects.iter().map(|(_, count)| *count as u64).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_a_batch_on_a_full_disk_is_stored_whole_or_not_at_all() {
    let mut outcomes = Vec::new();
    for room in ROOMS {
        let machine = Machine::new(Entries::WithFile);
        let channel = Channel::start(&machine, ALWAYS).await;
        machine.fill_up_after(room);
        let stored = publish(&channel.user("conductor").await).await;
        machine.fill_up_after(ENOUGH);
        channel.restart().await;
        let left = left(&channel).await;
        assert!(left == 0 && !stored || left == RECORDS, "{room} bytes of room: stored {stored}, and left are {left}");
        outcomes.push((stored, left));
    }
    assert_eq!(outcomes.first(), Some(&(false, 0)), "too little room to gather it");
    assert_eq!(outcomes.last(), Some(&(true, RECORDS)), "room for all of it");
}
