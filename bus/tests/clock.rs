//! Deadlines on a real server.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod channel;

use std::time::Duration;

use bus::{
    Envelope, Sequenced,
    catalogue::due::Deadline,
    clock,
    envelope::now,
    read::{Reader, Start},
    stream::{self, Overrides},
};
use channel::{Channel, PATIENCE, until};
use time::OffsetDateTime;

const SOURCE: &str = "/rig/conductor";

fn due_in(millis: i64, generation: u64) -> Deadline {
    due_at(now() + time::Duration::milliseconds(millis), generation)
}

fn due_at(due_at: OffsetDateTime, generation: u64) -> Deadline {
    Deadline {
        say: "dev-e did not answer in time".to_owned(),
        item: "acme/hello.site#42".to_owned(),
        key: None,
        what: "answer".to_owned(),
        generation,
        due_at,
    }
}

/// The alarms that LOG has, as records.
async fn rung(channel: &Channel) -> Vec<(Sequenced, Deadline)> {
    let last = channel.last("LOG").await;
    let filter = "rig.evt.due.deadline".to_owned();
    let mut reader = Reader::open(&channel.operator, Start::Sequence(1), &[filter]).await.unwrap();
    let mut found = Vec::new();
    let count = bodies(channel).await;
    while found.len() < count {
        let record = tokio::time::timeout(PATIENCE, reader.next()).await.unwrap().unwrap();
        let (_, envelope) = record.decode().unwrap();
        let deadline = envelope.open().unwrap();
        assert!(record.sequence <= last || found.len() < count);
        found.push((record, deadline));
    }
    found
}

async fn bodies(channel: &Channel) -> usize {
    channel.messages("LOG").await.iter().filter(|(_, subject, _)| subject == "rig.evt.due.deadline").count()
}

async fn until_rung(channel: &Channel, count: usize) {
    until(&format!("{count} alarms rang"), || async { bodies(channel).await >= count }).await;
}

/// The deadlines that CLOCK still holds.
async fn pending(channel: &Channel) -> usize {
    let messages = channel.messages("CLOCK").await;
    messages.iter().filter(|(_, subject, _)| subject.starts_with("rig.sched.deadline.")).count()
}

#[tokio::test]
async fn a_deadline_rings_as_a_record_of_log() {
    let channel = Channel::new().await;
    let deadline = due_in(300, 7);
    clock::set(&channel.js(), SOURCE, &deadline).await.unwrap();
    until_rung(&channel, 1).await;
    let (record, rang) = rung(&channel).await.remove(0);
    assert_eq!(rang, deadline);
    assert!(record.stored_at >= deadline.due_at, "it rang {} early", deadline.due_at - record.stored_at);
    let late = record.stored_at - deadline.due_at;
    assert!(late < time::Duration::seconds(5), "it rang {late} late");
    let envelope: Envelope<'_, Deadline> = serde_json::from_slice(&record.body).unwrap();
    assert_eq!(envelope.source, SOURCE);
    assert_eq!(envelope.subject.as_deref(), Some("acme/hello.site#42"));
    assert_eq!(pending(&channel).await, 0, "what has rung is not pending");
}

#[tokio::test]
async fn a_deadline_that_has_passed_rings_at_once() {
    let channel = Channel::new().await;
    clock::set(&channel.js(), SOURCE, &due_in(-3_600_000, 1)).await.unwrap();
    until_rung(&channel, 1).await;
}

#[tokio::test]
async fn a_moved_deadline_rings_once_at_its_last_time() {
    let channel = Channel::new().await;
    let first = due_in(4000, 1);
    let moved = due_in(1000, 1);
    clock::set(&channel.js(), SOURCE, &first).await.unwrap();
    clock::set(&channel.js(), SOURCE, &moved).await.unwrap();
    assert_eq!(pending(&channel).await, 1);
    // Set after both: when it has rung, the first would have.
    let other = Deadline { item: "acme/hello.site#43".to_owned(), ..due_in(5000, 1) };
    clock::set(&channel.js(), SOURCE, &other).await.unwrap();
    until_rung(&channel, 2).await;
    let rang: Vec<Deadline> = rung(&channel).await.into_iter().map(|(_, deadline)| deadline).collect();
    assert_eq!(rang, [moved, other]);
}

#[tokio::test]
async fn a_cancelled_deadline_does_not_ring() {
    let channel = Channel::new().await;
    let cancelled = due_in(4000, 1);
    let kept = Deadline { what: "lease".to_owned(), ..due_in(5000, 1) };
    clock::set(&channel.js(), SOURCE, &cancelled).await.unwrap();
    clock::set(&channel.js(), SOURCE, &kept).await.unwrap();
    assert!(clock::cancel(&channel.js(), &cancelled.item, &cancelled.what).await.unwrap());
    assert!(!clock::cancel(&channel.js(), &cancelled.item, &cancelled.what).await.unwrap());
    until_rung(&channel, 1).await;
    assert_eq!(rung(&channel).await[0].1, kept);
}

#[tokio::test]
async fn deadlines_survive_a_killed_server() {
    let channel = Channel::new().await;
    for n in 0..20 {
        let deadline = Deadline { item: format!("acme/site#{n}"), ..due_in(1500, n) };
        clock::set(&channel.js(), SOURCE, &deadline).await.unwrap();
    }
    channel.nats.kill().await;
    channel.nats.restart().await.unwrap();
    until_rung(&channel, 20).await;
    let mut generations: Vec<u64> = rung(&channel).await.iter().map(|(_, deadline)| deadline.generation).collect();
    generations.sort_unstable();
    assert_eq!(generations, (0..20).collect::<Vec<_>>());
}

/// What fell due while the server was down rings when it is back.
#[tokio::test]
async fn what_fell_due_while_the_server_was_away_rings_when_it_is_back() {
    let channel = Channel::new().await;
    let deadline = due_in(500, 1);
    clock::set(&channel.js(), SOURCE, &deadline).await.unwrap();
    channel.nats.kill().await;
    until("the deadline has passed", || async { now() > deadline.due_at }).await;
    channel.nats.restart().await.unwrap();
    until_rung(&channel, 1).await;
    assert_eq!(rung(&channel).await[0].1, deadline);
}

#[tokio::test]
async fn the_tick_comes_again_and_again_as_a_record() {
    let channel = Channel::new().await;
    clock::set_tick(&channel.js(), Duration::from_secs(1)).await.unwrap();
    let mut reader =
        Reader::open(&channel.operator, Start::Sequence(1), &["rig.evt.due.tick".to_owned()]).await.unwrap();
    let mut before = None;
    for _ in 0..3 {
        let tick = tokio::time::timeout(PATIENCE, reader.next()).await.unwrap().unwrap();
        assert_eq!(tick.decode().unwrap().1.type_name, "rig.due.tick.v1");
        assert!(before.replace(tick.stored_at) < Some(tick.stored_at));
    }
    let told = stream::apply(&channel.js(), &Overrides::default()).await.unwrap();
    assert_eq!(told[0].done(), r#"the tick in CLOCK: schedule "@every 1000ms" → "@every 30000ms""#);
    assert_eq!(stream::diff(&channel.js(), &Overrides::default()).await.unwrap(), []);
}

/// An alarm that rings twice says the same both times, so whoever compares it with its state acts once.
#[tokio::test]
async fn alarms_that_log_made_anew_takes_over_again_say_the_same() {
    let channel = Channel::new().await;
    clock::set(&channel.js(), SOURCE, &due_in(200, 3)).await.unwrap();
    let later = Deadline { what: "lease".to_owned(), ..due_in(3000, 3) };
    clock::set(&channel.js(), SOURCE, &later).await.unwrap();
    until_rung(&channel, 1).await;
    let first = rung(&channel).await.remove(0);
    channel.delete("LOG").await;
    stream::apply(&channel.js(), &Overrides::default()).await.unwrap();
    until_rung(&channel, 2).await;
    let again = rung(&channel).await;
    assert_eq!(again[0].0.body, first.0.body, "the same record to the byte: id, item, what, generation, due_at");
    assert_eq!(again[1].1, later, "what was pending rings in the new LOG");
    assert_eq!(again.len(), 2);
}

/// CLOCK is no truth: whoever keeps the deadlines sets them again, and each rings once.
#[tokio::test]
async fn clock_made_anew_forgets_alarms_and_takes_new_ones_at_once() {
    let channel = Channel::new().await;
    let deadline = due_in(4000, 5);
    clock::set(&channel.js(), SOURCE, &deadline).await.unwrap();
    channel.delete("CLOCK").await;
    let missing = clock::set(&channel.js(), SOURCE, &deadline).await.unwrap_err();
    assert_eq!(missing.to_string(), "there is no stream CLOCK on the server; `rig bus apply` makes it");
    stream::apply(&channel.js(), &Overrides::default()).await.unwrap();
    clock::set(&channel.js(), SOURCE, &deadline).await.unwrap();
    clock::set(&channel.js(), SOURCE, &deadline).await.unwrap();
    until_rung(&channel, 1).await;
    let other = Deadline { what: "lease".to_owned(), ..due_in(200, 5) };
    clock::set(&channel.js(), SOURCE, &other).await.unwrap();
    until_rung(&channel, 2).await;
    let rang: Vec<Deadline> = rung(&channel).await.into_iter().map(|(_, deadline)| deadline).collect();
    assert_eq!(rang, [deadline, other]);
}
