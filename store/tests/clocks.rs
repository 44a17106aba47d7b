//! Times in records are what somebody's clock said. Nothing is put in order by them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod stage;

use bus::{
    Draft,
    read::{Reader, Start},
};
use sqlx::Row;
use stage::{
    PATIENCE, Stage,
    drafts::{delivery, made, words},
};
use time::{Duration, OffsetDateTime, macros::datetime};

/// What our clock says one after the other: years to and fro, the first and the last that a record can bear.
const JUMPS: [OffsetDateTime; 8] = [
    datetime!(2026-11-22 10:00 UTC),
    datetime!(1970-01-01 00:00 UTC),
    datetime!(2038-01-19 03:14:08 UTC),
    datetime!(2026-11-22 09:59:59.999 UTC),
    datetime!(0001-01-01 00:00 UTC),
    datetime!(9999-12-31 23:59:59 UTC),
    datetime!(2026-11-22 10:00:01 UTC),
    datetime!(2020-02-29 12:00 UTC),
];

fn say(n: usize, at: OffsetDateTime) -> Draft {
    made(at, words(&format!("{n}"), "general", "sam", &format!("words {n}")))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_jump_of_our_own_clock_reorders_nothing() {
    let stage = Stage::new().await;
    let _projector = stage.projector().await;
    let drafts: Vec<_> = JUMPS.into_iter().cycle().take(64).enumerate().map(|(n, at)| say(n, at)).collect();
    let mut stored = Vec::new();
    for draft in drafts.clone() {
        stored.extend(stage.publish([draft]).await);
    }
    // Again, with a clock that was set meanwhile: known by their ids.
    for (first, n) in stored.iter().zip(0..) {
        let again = stage.publish([say(n, datetime!(1999-12-31 23:59 UTC))]).await[0];
        assert!(again.duplicate && again.sequence == first.sequence, "{again:?}");
    }

    // Read in their order, with the server's times.
    let records = stage.records().await;
    assert!(records.iter().map(|record| &record.body).eq(drafts.iter().map(|draft| &draft.body)));
    assert!(records.is_sorted_by_key(|record| record.stored_at));
    let took = records[63].stored_at - records[0].stored_at;
    assert!(took < Duration::hours(1), "{took}");
    let since = Start::Time(records[40].stored_at);
    let mut reader = Reader::open(&stage.conductor, since, &[]).await.unwrap();
    let next = tokio::time::timeout(PATIENCE, reader.next()).await.unwrap().unwrap();
    assert_eq!(next.sequence, records[40].sequence);

    // Rows stand in the same order; what our clock said is kept as what was said.
    stage.assert_projected().await;
    let rows = sqlx::query("SELECT say, said_at, stored_at FROM chat_message ORDER BY epoch, sequence");
    let rows = rows.fetch_all(&mut stage.sql().await).await.unwrap();
    assert_eq!(rows.len(), 64);
    for ((n, row), at) in rows.iter().enumerate().zip(JUMPS.into_iter().cycle()) {
        assert_eq!(row.get::<String, _>("say"), format!("words {n}"));
        assert_eq!(row.get::<OffsetDateTime, _>("said_at"), at);
    }
    assert!(rows.is_sorted_by_key(|row| row.get::<OffsetDateTime, _>("stored_at")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_older_than_its_predecessor_keeps_its_place() {
    let stage = Stage::new().await;
    let _projector = stage.projector().await;
    let new = made(datetime!(2026-11-22 10:00 UTC), delivery("new", "{}"));
    let old = made(datetime!(2019-05-05 10:00 UTC), delivery("old", "{}"));
    let stored = stage.publish([new, old]).await;
    assert!(stored[0].sequence < stored[1].sequence);
    stage.assert_projected().await;
    let rows = sqlx::query("SELECT guid FROM github_delivery ORDER BY epoch, sequence");
    let rows = rows.fetch_all(&mut stage.sql().await).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.get::<String, _>("guid")).collect::<Vec<_>>(), ["new", "old"]);

    // The newest delivery is the one that came last, and its age is the server's.
    let newest = store::query::delivery::newest(&stage.store, 10).await.unwrap();
    assert_eq!(newest.iter().map(|newest| newest.sequence).collect::<Vec<_>>(), [stored[1].sequence]);
    assert_eq!(newest[0].at.unix_timestamp(), stage.records().await[1].stored_at.unix_timestamp());
}
