//! As many subjects as a busy rig has in years: each work item has one, each agent several.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod channel;

use std::time::Duration;

use bus::{
    Draft, Envelope, Subject, Token,
    catalogue::{Kind, chat::Said},
    envelope::now,
    publish::{Options, Publisher},
    read::{Reader, Start},
    stream::log_state,
};
use channel::{Channel, PATIENCE, id};
use futures::{StreamExt, stream};

/// Words in room `n`, so that each has a subject of its own.
fn words_in_room(n: usize) -> Draft {
    let room = format!("room-{n}");
    let said = Said { say: "hello".to_owned(), room: room.clone(), who: "sam".to_owned(), door: None };
    let subject = Subject::ChatOperator { room: Token::of(&room), who: Token::of("sam") };
    Draft::new(subject, &Envelope::new(id(0, n), Kind::ChatSaid.type_name(), "/rig/test", now(), said)).unwrap()
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a test is told its size by its environment")]
async fn soak_slice_one_subject_among_hundreds_of_thousands_is_found_at_once() {
    let full = std::env::var_os("RIG_SOAK").is_some_and(|soak| soak == "full");
    let subjects = if full { 400_000 } else { 4_000 };
    let channel = Channel::new().await;
    let before = channel.memory();
    let publisher = Publisher::start(&channel.operator, Options { wait: PATIENCE, ..Options::default() });
    stream::iter(0..subjects)
        .map(|n| publisher.publish(words_in_room(n)))
        .buffer_unordered(1024)
        .for_each(|stored| async { assert!(!stored.unwrap().duplicate) })
        .await;
    let state = log_state(&channel.operator.jetstream()).await.unwrap();
    // The clock ticks meanwhile, and each tick is a record too.
    assert!(state.messages >= subjects as u64, "{state:?}");

    let filter = [format!("rig.evt.chat.room-{}.operator.*", subjects - 1)];
    let mut reader = Reader::open(&channel.operator, Start::Sequence(1), &filter).await.unwrap();
    let found = tokio::time::timeout(Duration::from_secs(10), reader.next()).await.unwrap().unwrap();
    assert!(found.subject.contains(&format!("room-{}.", subjects - 1)));

    let grown = channel.memory().saturating_sub(before);
    eprintln!("{subjects} subjects: the server grew by {} KiB", grown >> 10);
    let most = 64 * 1024 * 1024 + subjects as u64 * 1024;
    assert!(grown < most, "the server grew by {grown} bytes");
}
