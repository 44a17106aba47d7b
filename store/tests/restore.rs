//! Rows from LOG, LOG from rows: nothing lost, and the same to the byte.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod stage;

use std::time::Duration;

use async_nats::HeaderMap;
use bus::{
    Trust,
    read::{Position, Reader, Start},
    stream::{self, Overrides},
};
use servers::testing;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use stage::{
    PATIENCE, Stage,
    drafts::{agent, delivery, delivery_of, id, operator, parked, raw, retried, said, words},
    draw::Draw,
    dump::{assert_same, dump, headers_of},
    eventually,
};
use store::{
    Store,
    restore::{self, Error, Options},
};

/// Records of every sort that rows and LOG must both keep.
async fn publish_all_sorts(stage: &Stage, seed: u64) {
    let mut draw = Draw::new(seed);
    let name = |n: u64| format!("{seed} {n}");
    let mut drafts = Vec::new();
    for n in 0..400 {
        let text = draw.text(usize::try_from(n).unwrap() * 3);
        drafts.push(match n % 8 {
            0 | 1 => {
                let room = *draw.one(&["general", "ops", "Über uns"]);
                words(&name(n), room, "sam", &text)
            }
            2 => said(agent("general", "dev-e"), &name(n), "general", "dev-e", &text, Trust::Agent),
            3 => delivery(&name(n), &serde_json::json!({ "text": text }).to_string()),
            4 => delivery_of(&name(n), "acme/api", 8, r#"{"a":"\u0000","b":"\ud800"}"#),
            5 => parked(&name(n), "door-chat", n),
            6 => retried(&name(n), "door-chat", id(&name(n - 1)), n),
            _ => raw(operator("general", "sam"), &name(n), [b"\xff\0", text.as_bytes()].concat()),
        });
    }
    stage.publish(drafts).await;
    publish_with_headers(stage).await;
}

/// What any client may send: headers of its own, and such as a restoration writes.
async fn publish_with_headers(stage: &Stage) {
    let mut headers = HeaderMap::new();
    headers.append("Traceparent", "one");
    headers.append("Traceparent", "two");
    headers.insert("Rig-Stored-At", "2020-01-01T00:00:00Z");
    headers.insert("Rig-Was-Nats-Msg-Id", "forged");
    headers.insert("Nul", "a\0b");
    let draft = words("with headers", "general", "sam", "with headers");
    let js = stage.conductor.jetstream();
    let sent = js.publish_with_headers(draft.subject.to_string(), headers, draft.body).await.unwrap();
    sent.await.unwrap();
    js.publish("rig.say.agent.dev-e.alive", "not an envelope".into()).await.unwrap().await.unwrap();
    js.publish("rig.evt.\0", "".into()).await.unwrap().await.unwrap();
}

/// A stage with all sorts of records, all of which have rows; no projector runs any more.
async fn filled(seed: u64) -> Stage {
    let stage = Stage::new().await;
    let projector = stage.projector().await;
    publish_all_sorts(&stage, seed).await;
    settle(&stage).await;
    projector.stop().await;
    stage
}

/// Until what gave no row is told, and all of it has rows.
async fn settle(stage: &Stage) {
    eventually("everything to be told", async || {
        let untold = "SELECT count(*) FROM log WHERE refused IS NOT NULL AND NOT EXISTS
            (SELECT FROM dead WHERE consumer = 'projector' AND about_sequence = log.sequence)";
        stage.caught_up().await;
        (stage.count(untold).await == 0).then_some(())
    })
    .await;
}

async fn lose_log(stage: &Stage) {
    stage.conductor.jetstream().delete_stream("LOG").await.unwrap();
}

async fn restore_bus(stage: &Stage) -> Result<restore::Restored, Error> {
    restore::bus(&stage.conductor, &stage.store, &Options::default(), |_| {}).await
}

async fn restore_postgres(stage: &Stage, store: &Store) -> Result<u64, Error> {
    restore::postgres(&stage.conductor, store, |_| {}).await
}

#[tokio::test(flavor = "multi_thread")]
async fn f_163_replay_gives_identical_read_models() {
    let stage = filled(1).await;
    let before = dump(&mut stage.sql().await).await;
    let mut heard = 0;
    let through = restore::postgres(&stage.conductor, &stage.store, |progress| heard = progress.done).await.unwrap();
    assert!(heard == through && through > 400, "{heard} {through}");
    assert_same(&before, &dump(&mut stage.sql().await).await);

    // A database that is gone is a database without rows.
    let fresh = testing::database().await;
    let store = Store::connect(&fresh.url()).unwrap();
    let _projector = stage::Projector::start(&stage.nats, &store).await;
    let mut sql = PgConnection::connect_with(&fresh.connect_options()).await.unwrap();
    let rows = i64::try_from(through).unwrap();
    eventually("rows in the new database", async || {
        let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM log").fetch_one(&mut sql).await;
        (count.unwrap_or_default() >= rows).then_some(())
    })
    .await;
    assert_same(&before, &dump(&mut sql).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn views_made_anew_are_the_same_and_a_wrong_row_is_put_right() {
    let stage = filled(2).await;
    let mut sql = stage.sql().await;
    let before = dump(&mut sql).await;
    for spoil in [
        "UPDATE chat_message SET say = 'forged' WHERE sequence % 3 = 0",
        "DELETE FROM dead WHERE sequence % 2 = 0",
        "INSERT INTO github_delivery SELECT 999999, stored_at, 1, id, epoch, 'x', NULL, 'x', NULL, NULL FROM log LIMIT 1",
        "UPDATE log SET refused = 'an older version could not read it', id = NULL, type = NULL WHERE sequence = 5",
    ] {
        sqlx::query(spoil).execute(&mut sql).await.unwrap();
    }
    let count = store::views::rebuild(&stage.store, |_| {}).await.unwrap();
    assert_eq!(count, before["log"].len() as u64);
    assert_same(&before, &dump(&mut sql).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_another_version_are_made_anew_when_the_projector_starts() {
    let stage = filled(3).await;
    let mut sql = stage.sql().await;
    let before = dump(&mut sql).await;
    sqlx::query("DELETE FROM chat_message").execute(&mut sql).await.unwrap();
    sqlx::query("UPDATE projection SET version = 0 WHERE name = 'chat_message'").execute(&mut sql).await.unwrap();
    let _projector = stage.projector().await;
    eventually("the words", async || (stage.count("SELECT count(*) FROM chat_message").await > 0).then_some(())).await;
    assert_same(&before, &dump(&mut sql).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_log_comes_back_with_its_numbers_times_and_headers() {
    let stage = filled(4).await;
    let (before, rows) = (stage.records().await, dump(&mut stage.sql().await).await);
    let old = stage.state().await;
    lose_log(&stage).await;
    let restored = restore_bus(&stage).await.unwrap();
    assert_eq!((restored.first, restored.through, restored.gaps.len()), (1, old.last, 0));

    let after = stage.records().await;
    for (was, is) in before.iter().zip(&after) {
        let subject = was.subject.replace('\0', "\u{fffd}");
        assert_eq!((is.sequence, &is.subject, is.stored_at), (was.sequence, &subject, was.stored_at));
        assert_eq!(headers_of(is), headers_of(was), "{}", was.sequence);
        assert!(is.body == was.body, "{}", was.sequence);
    }
    let word = &after[before.len()];
    assert_eq!((word.sequence, word.subject.as_str()), (old.last + 1, "rig.evt.bus.restored"));
    assert_ne!(stage.state().await.epoch, old.epoch);
    assert_same(&rows, &dump(&mut stage.sql().await).await);

    // And from there to rows again, in a database that knows nothing.
    let fresh = testing::database().await;
    let store = Store::connect(&fresh.url()).unwrap();
    let through = restore_postgres(&stage, &store).await.unwrap();
    let mut sql = PgConnection::connect_with(&fresh.connect_options()).await.unwrap();
    let _projector = stage.projector().await;
    stage.projected(through).await;
    let mut both = [dump(&mut stage.sql().await).await, dump(&mut sql).await];
    for rows in &mut both {
        rows.get_mut("log").unwrap().truncate(after.len());
    }
    assert_same(&both[0], &both[1]);
}

/// A clock that is set back gives times that go back. The number alone orders.
#[tokio::test(flavor = "multi_thread")]
async fn a_restored_record_older_than_its_predecessor_keeps_its_place() {
    let stage = filled(13).await;
    let mut sql = stage.sql().await;
    let back = "UPDATE log SET stored_at = stored_at - interval '1 day' WHERE sequence BETWEEN 100 AND 200";
    sqlx::query(back).execute(&mut sql).await.unwrap();
    store::views::rebuild(&stage.store, |_| {}).await.unwrap();
    lose_log(&stage).await;
    restore_bus(&stage).await.unwrap();
    let records = stage.records().await;
    assert!(records[99].stored_at < records[98].stored_at && records[200].stored_at > records[199].stored_at);
    let before = dump(&mut sql).await;
    restore_postgres(&stage, &stage.store).await.unwrap();
    let mut after = dump(&mut sql).await;
    after.get_mut("log").unwrap().truncate(before["log"].len());
    after.get_mut("epoch").unwrap().truncate(1);
    assert_same(&before, &after);
}

#[tokio::test(flavor = "multi_thread")]
async fn positions_of_the_former_life_keep_their_meaning() {
    let stage = filled(5).await;
    let old = stage.state().await;
    lose_log(&stage).await;
    restore_bus(&stage).await.unwrap();
    let after = |sequence| Start::After(Position { epoch: old.epoch.clone(), sequence });
    let mut reader = Reader::open(&stage.conductor, after(100), &[]).await.unwrap();
    assert_eq!(reader.next().await.unwrap().sequence, 101);
    let mut reader = Reader::open(&stage.conductor, after(old.last), &[]).await.unwrap();
    assert_eq!(reader.next().await.unwrap().subject, "rig.evt.bus.restored");
    let further = Reader::open(&stage.conductor, after(old.last + 1), &[]).await;
    assert!(matches!(further, Err(bus::read::Error::Epoch { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_rows_lack_is_named_at_its_number() {
    let stage = filled(6).await;
    let mut sql = stage.sql().await;
    let last = stage.state().await.last;
    sqlx::query("DELETE FROM log WHERE sequence IN (7, 8, 9, 200)").execute(&mut sql).await.unwrap();
    lose_log(&stage).await;
    let restored = restore_bus(&stage).await.unwrap();
    assert_eq!((restored.gaps, restored.through), (vec![(7, 9), (200, 200)], last));
    let records = stage.records().await;
    let subjects = |number: usize| records[number - 1].subject.as_str();
    assert_eq!([7, 8, 9, 200].map(subjects), ["rig.evt.bus.gap"; 4]);
    let (_, envelope) = records[199].decode().unwrap();
    assert_eq!(envelope.say(), "Record 200 is lost: neither LOG nor PostgreSQL has it.");
    let (_, envelope) = records[usize::try_from(last).unwrap()].decode().unwrap();
    assert!(envelope.say().contains(&format!("records 1 to {last}, 4 of them are lost")), "{}", envelope.say());

    // The records that stand there now get rows, so the next restoration finds no gap.
    let _projector = stage.projector().await;
    stage.assert_projected().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_a_restoration_that_is_cut_off_again_and_again_ends_the_same() {
    let stage = filled(7).await;
    let before = stage.records().await;
    lose_log(&stage).await;
    let mut draw = Draw::new(7);
    let mut ended = None;
    let mut cuts = 0;
    while ended.is_none() {
        let moment = Duration::from_micros(draw.below(60_000));
        tokio::select! {
            end = restore_bus(&stage) => ended = Some(end.unwrap()),
            () = tokio::time::sleep(moment), if cuts < 40 => cuts += 1,
        }
        if cuts % 10 == 9 {
            stage.nats.kill().await;
            stage.nats.restart().await.unwrap();
            stage.conductor.wait_until_up(PATIENCE).await.unwrap();
            cuts += 1;
        }
    }
    assert!(cuts > 5, "it was not cut off");
    let after = stage.records().await;
    assert!(before.iter().zip(&after).all(|(was, is)| was.sequence == is.sequence && was.body == is.body));
    assert_eq!(after.iter().filter(|record| record.subject == "rig.evt.bus.restored").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_rows_dropped_and_cut_off_again_and_again_end_the_same() {
    let stage = filled(8).await;
    let before = dump(&mut stage.sql().await).await;
    let mut draw = Draw::new(8);
    for _ in 0..20 {
        let moment = Duration::from_micros(draw.below(80_000));
        tokio::select! {
            end = restore_postgres(&stage, &stage.store) => drop(end.unwrap()),
            () = tokio::time::sleep(moment) => {}
        }
    }
    restore_postgres(&stage, &stage.store).await.unwrap();
    assert_same(&before, &dump(&mut stage.sql().await).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_projector_refolds_what_was_dropped() {
    let stage = filled(9).await;
    let before = dump(&mut stage.sql().await).await;
    let _projector = stage.projector().await;
    restore_postgres(&stage, &stage.store).await.unwrap();
    assert_same(&before, &dump(&mut stage.sql().await).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn log_made_anew_gets_rows_beside_the_old_ones_and_both_come_back() {
    let stage = filled(10).await;
    let old = stage.records().await;
    lose_log(&stage).await;
    stream::apply(&stage.conductor.jetstream(), &Overrides::default()).await.unwrap();
    let projector = stage.projector().await;
    stage.publish((0..30).map(|n| words(&format!("anew {n}"), "general", "sam", "anew"))).await;
    settle(&stage).await;
    assert_eq!(stage.count("SELECT count(*) FROM log WHERE epoch = 1").await, old.len() as i64);
    assert!(stage.count("SELECT count(*) FROM log WHERE epoch = 2 AND sequence = 1").await == 1);
    assert!(matches!(restore_postgres(&stage, &stage.store).await, Err(Error::OnlyInRows(_))));
    assert!(matches!(restore_bus(&stage).await, Err(Error::ProjectorRuns)));

    // What is said while nobody makes rows must come back too.
    projector.stop().await;
    stage.publish([words("unseen", "general", "sam", "unseen")]).await;
    let anew = stage.records().await;
    let restored = restore_bus(&stage).await.unwrap();
    assert_eq!(restored.through, (old.len() + anew.len()) as u64);
    let rows = dump(&mut stage.sql().await).await;
    let all = stage.records().await;
    for (n, (was, is)) in old.iter().chain(&anew).zip(&all).enumerate() {
        assert_eq!(is.sequence, n as u64 + 1);
        assert!(is.body == was.body && is.stored_at == was.stored_at && headers_of(is) == headers_of(was), "{n}");
    }
    assert_eq!(all[old.len() + anew.len()].subject, "rig.evt.bus.restored");

    let fresh = testing::database().await;
    let store = Store::connect(&fresh.url()).unwrap();
    restore_postgres(&stage, &store).await.unwrap();
    let mut sql = PgConnection::connect_with(&fresh.connect_options()).await.unwrap();
    let mut again = dump(&mut sql).await;
    again.get_mut("log").unwrap().truncate(rows["log"].len());
    again.get_mut("epoch").unwrap().truncate(2);
    assert_same(&rows, &again);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_lost_its_tail_begins_a_new_life_and_loses_no_row() {
    let stage = Stage::new().await;
    let projector = stage.projector().await;
    stage.publish((0..100).map(|n| words(&n.to_string(), "general", "sam", "before"))).await;
    stage.caught_up().await;
    projector.stop().await;
    // A server that is put back from an old copy has the same epoch and gives the same numbers again.
    let js = stage.conductor.jetstream();
    let state = stage.state().await;
    let kept = stage.records().await;
    lose_log(&stage).await;
    stream::create_log(&js, &Overrides::default(), 1, &state.epoch, &state.lineage).await.unwrap();
    stream::open_log(&js, &Overrides::default(), &[]).await.unwrap();
    let mut sql = stage.sql().await;
    for record in &kept[..60] {
        let sent =
            js.publish_with_headers(record.subject.clone(), HeaderMap::new(), record.body.clone()).await.unwrap();
        sent.await.unwrap();
    }
    for record in stage.records().await.iter().take(60) {
        let text = format!(
            "UPDATE log SET stored_at = '{}', nanos = {} WHERE sequence = {}",
            record.stored_at - time::Duration::nanoseconds((record.stored_at.nanosecond() % 1000).into()),
            record.stored_at.nanosecond() % 1000,
            record.sequence
        );
        sqlx::query(AssertSqlSafe(text)).execute(&mut sql).await.unwrap();
    }
    stage.publish((0..90).map(|n| words(&format!("after {n}"), "general", "sam", "after"))).await;

    let _projector = stage.projector().await;
    eventually("a new epoch", async || (stage.state().await.epoch != state.epoch).then_some(())).await;
    stage.caught_up().await;
    let lineage = stage.state().await.lineage;
    assert_eq!(lineage.through(), 60);
    assert_eq!(stage.count("SELECT count(*) FROM chat_message WHERE say = 'before'").await, 100);
    assert_eq!(stage.count("SELECT count(*) FROM chat_message WHERE say = 'after'").await, 90);
    assert_eq!(stage.count("SELECT min(sequence) FROM log WHERE epoch = 2").await, 61);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_stands_is_replaced_only_when_told() {
    let stage = filled(11).await;
    let before = stage.records().await;
    assert!(matches!(restore_bus(&stage).await, Err(Error::Stands { first: 1, .. })));
    let options = Options { replace: true, from: Some(200), ..Options::default() };
    // Said after the rows end: it must not be lost with the old LOG.
    stage.publish([words("late", "general", "sam", "late")]).await;
    let restored = restore::bus(&stage.conductor, &stage.store, &options, |_| {}).await.unwrap();
    assert_eq!(restored.first, 200);
    let after = stage.records().await;
    assert_eq!(after[0].sequence, 200);
    assert!(before[199..].iter().zip(&after).all(|(was, is)| was.sequence == is.sequence && was.body == is.body));
    assert!(after.iter().any(|record| record.body == words("late", "general", "sam", "late").body));
    // The oldest are in rows alone now.
    assert!(matches!(restore_postgres(&stage, &stage.store).await, Err(Error::OnlyInRows(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_waits_while_log_is_restored() {
    let stage = filled(12).await;
    let js = stage.conductor.jetstream();
    let state = stage.state().await;
    stream::close_log(&js).await.unwrap();
    let (stored, restored) =
        tokio::join!(stage.publisher.publish(words("patient", "general", "sam", "patient")), restore_bus(&stage));
    let (stored, restored) = (stored.unwrap(), restored.unwrap());
    assert_eq!(restored.through, state.last);
    assert!(stored.sequence > restored.through + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_words_are_taken_over_from_where_the_rows_end() {
    let stage = Stage::new().await;
    let projector = stage.projector().await;
    let js = stage.conductor.jetstream();
    let say =
        async |n: u32| js.publish("rig.say.agent.dev-e.alive", n.to_string().into()).await.unwrap().await.unwrap();
    for n in 0..5 {
        say(n).await;
    }
    let words = "SELECT count(*) FROM log WHERE subject = 'rig.evt.agent.dev-e.alive'";
    eventually("five words", async || (stage.count(words).await == 5).then_some(())).await;
    settle(&stage).await;
    projector.stop().await;
    lose_log(&stage).await;
    say(5).await;
    restore_bus(&stage).await.unwrap();
    say(6).await;
    let _projector = stage.projector().await;
    eventually("seven words", async || (stage.count(words).await == 7).then_some(())).await;
    let bodies = "SELECT string_agg(body, '' ORDER BY epoch, sequence) FROM log WHERE subject LIKE '%dev-e.alive'";
    let bodies = sqlx::query_scalar::<_, String>(bodies).fetch_one(&mut stage.sql().await).await.unwrap();
    assert_eq!(bodies, "0123456");
}
