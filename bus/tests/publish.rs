//! Publishing against a real server: nothing acknowledged is lost, nothing is there twice.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod channel;

use std::{collections::HashMap, time::Duration};

use bus::{
    Draft, Envelope, RecordId, Subject, Token,
    catalogue::{Kind, chat::Said},
    envelope::now,
    publish::{Error, Options, Publisher, Stored},
    stream::Overrides,
};
use channel::{Channel, PATIENCE, everybody, id, words};
use futures::{StreamExt, future::join_all, stream::FuturesUnordered};

fn patient() -> Options {
    Options { wait: PATIENCE, ..Options::default() }
}

/// How often each id stands in LOG, and where.
async fn places(channel: &Channel) -> HashMap<RecordId, Vec<u64>> {
    let mut places: HashMap<RecordId, Vec<u64>> = HashMap::new();
    for record in channel.records().await {
        let (_, envelope) = record.decode().unwrap();
        places.entry(envelope.id).or_default().push(record.sequence);
    }
    places
}

#[tokio::test]
async fn many_tasks_publish_at_once_and_each_keeps_its_order() {
    let channel = Channel::new().await;
    let publisher = Publisher::start(&channel.operator, patient());
    let tasks = (0..40).map(|task| {
        let publisher = publisher.clone();
        async move {
            let mut sequences = Vec::new();
            for n in 0..50 {
                sequences.push(publisher.publish(words(id(task, n), "lobby", 100)).await.unwrap().sequence);
            }
            sequences
        }
    });
    let published = join_all(tasks).await;
    let places = places(&channel).await;
    for (task, sequences) in published.iter().enumerate() {
        assert!(sequences.is_sorted(), "task {task} kept its order");
        for (n, sequence) in sequences.iter().enumerate() {
            assert_eq!(places[&id(task, n)], [*sequence], "the answer names the place");
        }
    }
}

#[tokio::test]
async fn few_and_many_stand_in_the_order_in_which_they_were_handed_over() {
    let channel = Channel::new().await;
    for (task, batches) in [true, false].into_iter().enumerate() {
        let publisher = Publisher::start(&channel.operator, Options { batches, ..patient() });
        let mut sequences = Vec::new();
        for (round, at_once) in [3, 16, 17, 30].repeat(5).into_iter().enumerate() {
            // As many as are polled in their order.
            let drafts = (0..at_once).map(|n| words(id(task, round * 100 + n), "lobby", 100));
            let stored = join_all(drafts.map(|draft| publisher.publish(draft))).await;
            sequences.extend(stored.into_iter().map(|stored| stored.unwrap().sequence));
        }
        assert!(sequences.is_sorted(), "batches: {batches}: {sequences:?}");
    }
    assert!(places(&channel).await.values().all(|places| places.len() == 1));
}

#[tokio::test]
async fn a_record_that_comes_again_is_answered_with_its_first_place() {
    let channel = Channel::new().await;
    let first = Publisher::start(&channel.operator, patient());
    let stored = first.publish(words(id(0, 0), "lobby", 10)).await.unwrap();
    let again = Publisher::start(&channel.operator, patient()).publish(words(id(0, 0), "lobby", 10)).await.unwrap();
    assert_eq!(again, Stored { sequence: stored.sequence, duplicate: true });
}

#[tokio::test]
async fn nobody_can_occupy_anothers_id() {
    let channel = Channel::new().await;
    let thief = Publisher::start(&channel.connect("chat").await, patient());
    thief.publish(words(id(0, 0), "lobby", 10)).await.unwrap();
    let owner = Publisher::start(&channel.operator, patient());
    assert!(!owner.publish(words(id(0, 0), "lobby", 10)).await.unwrap().duplicate);
}

#[tokio::test]
async fn a_group_with_stored_ids_in_it_is_stored_once() {
    let channel = Channel::new().await;
    let before = Publisher::start(&channel.operator, patient());
    for n in [3, 50, 51, 99] {
        before.publish(words(id(0, n), "lobby", 10)).await.unwrap();
    }
    let after = Publisher::start(&channel.operator, patient());
    let all = join_all((0..100).map(|n| after.publish(words(id(0, n), "lobby", 10)))).await;
    let duplicates = all.into_iter().filter(|stored| stored.as_ref().unwrap().duplicate).count();
    assert_eq!(duplicates, 4);
    assert!(places(&channel).await.values().all(|places| places.len() == 1));
}

#[tokio::test]
async fn a_server_killed_under_load_loses_nothing_acknowledged_and_doubles_nothing() {
    let channel = Channel::new().await;
    let publisher = Publisher::start(&channel.operator, patient());
    let mut publishing: FuturesUnordered<_> = (0..2000)
        .map(|n| {
            let publisher = publisher.clone();
            async move { publisher.publish(words(id(1, n), "lobby", 500)).await }
        })
        .collect();
    let mut count = 0;
    while let Some(stored) = publishing.next().await {
        stored.unwrap();
        count += 1;
        if [200, 900].contains(&count) {
            channel.nats.kill().await;
            channel.nats.restart().await.unwrap();
        }
    }
    let places = places(&channel).await;
    assert_eq!(places.len(), 2000);
    assert!(places.values().all(|places| places.len() == 1));
}

#[tokio::test]
async fn while_the_server_is_away_a_record_waits_and_then_its_publisher_is_told() {
    let channel = Channel::new().await;
    let short = Options { wait: Duration::from_millis(300), ..Options::default() };
    let publisher = Publisher::start(&channel.operator, short);
    channel.nats.kill().await;
    let refused = publisher.publish(words(id(0, 0), "lobby", 10)).await;
    assert!(matches!(refused, Err(Error::Unreachable(_))), "{refused:?}");
    channel.nats.restart().await.unwrap();
    channel.operator.wait_until_up(PATIENCE).await.unwrap();
    let patient = Publisher::start(&channel.operator, patient());
    patient.publish(words(id(0, 0), "lobby", 10)).await.unwrap();
    assert_eq!(places(&channel).await[&id(0, 0)].len(), 1);
}

#[tokio::test]
async fn f_031_a_full_log_tells_the_publisher_and_keeps_what_it_has() {
    let channel = Channel::with(everybody(), &Overrides { log_max_bytes: Some(1 << 20), ..Overrides::default() }).await;
    let publisher = Publisher::start(&channel.operator, patient());
    let mut stored = 0;
    let refused = loop {
        match publisher.publish(words(id(0, stored), "lobby", 50_000)).await {
            Ok(_) => stored += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, Error::Full), "{refused:?}");
    assert!(refused.to_string().contains("rig bus apply"), "it says what to do");
    assert_eq!(places(&channel).await.len(), stored);
}

#[tokio::test]
async fn what_can_never_be_stored_is_refused_and_its_neighbours_are_stored() {
    let channel = Channel::new().await;
    let chat = channel.connect("chat").await;
    let publisher = Publisher::start(&chat, Options { bytes_waiting: 128 << 20, ..patient() });
    let drafts = (0..20).map(|n| match n {
        7 => words(id(0, n), "lobby", 33 << 20),
        13 => agents_words(id(0, n)),
        _ => words(id(0, n), "lobby", 10),
    });
    let answers = join_all(drafts.map(|draft| publisher.publish(draft))).await;
    for (n, answer) in answers.into_iter().enumerate() {
        match n {
            7 => assert!(matches!(answer, Err(Error::TooLarge { .. })), "{answer:?}"),
            13 => assert!(matches!(answer, Err(Error::Refused { .. })), "{answer:?}"),
            _ => assert!(answer.is_ok(), "{n}: {answer:?}"),
        }
    }
    assert_eq!(places(&channel).await.len(), 18);
}

/// What the chat door may not say.
fn agents_words(id: RecordId) -> Draft {
    let said = Said { say: "x".to_owned(), room: "lobby".to_owned(), who: "dev-e".to_owned(), door: None };
    let subject = Subject::SayChat { room: Token::of("lobby"), name: Token::of("dev-e") };
    Draft::new(subject, &Envelope::new(id, Kind::ChatSaid.type_name(), "/rig/test", now(), said)).unwrap()
}
