//! Publishing behind a fence, on a real server.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod channel;

use bus::{
    Draft, Envelope, RecordId, Subject, Token,
    catalogue::{Kind, chat::Said, conductor::Step},
    envelope::now,
    publish::fenced::{Error, MOST_RECORDS, store},
};
use channel::Channel;

fn step(through: u64) -> Draft {
    let step = Step { say: format!("decided up to {through}"), term: 1, through };
    let envelope = Envelope::new(RecordId::new(), Kind::ConductorStep.type_name(), "/test", now(), step);
    Draft::new(Subject::ConductorStep, &envelope).unwrap()
}

fn said(n: usize) -> Draft {
    let (room, who) = ("general".to_owned(), "sam".to_owned());
    let data = Said { say: format!("{n}"), room, who, door: None };
    let envelope = Envelope::new(RecordId::new(), Kind::ChatSaid.type_name(), "/test", now(), data);
    Draft::new(Subject::ChatOperator { room: Token::of("general"), who: Token::of("sam") }, &envelope).unwrap()
}

fn group(count: usize) -> Vec<Draft> {
    std::iter::once(step(0)).chain((1..count).map(said)).collect()
}

#[tokio::test]
async fn a_group_stands_whole_and_in_its_order_behind_its_fence() {
    let channel = Channel::new().await;
    let conductor = channel.connect("conductor").await;
    assert_eq!(store(&conductor, 0, &group(1)).await.unwrap(), 1);
    assert_eq!(store(&conductor, 1, &group(3)).await.unwrap(), 2);
    channel.publish("rig.evt.chat.general.operator.sam", "in between").await;
    let all = group(MOST_RECORDS);
    assert_eq!(store(&conductor, 2, &all).await.unwrap(), 6);
    let stored: Vec<Vec<u8>> = channel.messages("LOG").await.into_iter().skip(5).map(|(_, _, body)| body).collect();
    assert!(stored.iter().eq(all.iter().map(|draft| &draft.body[..])), "{} are there", stored.len());
}

#[tokio::test]
async fn behind_another_fence_nothing_is_stored() {
    let channel = Channel::new().await;
    let conductor = channel.connect("conductor").await;
    store(&conductor, 0, &group(2)).await.unwrap();
    for expected in [0, 2, 7] {
        for count in [1, 4] {
            let refused = store(&conductor, expected, &group(count)).await;
            assert!(matches!(refused, Err(Error::Fenced)), "{expected} {refused:?}");
        }
    }
    assert_eq!(channel.last("LOG").await, 2);
}

#[tokio::test]
async fn more_than_the_server_takes_is_refused_for_good_and_whole() {
    let channel = Channel::new().await;
    let conductor = channel.connect("conductor").await;
    let refused = store(&conductor, 0, &group(MOST_RECORDS + 1)).await;
    assert!(matches!(&refused, Err(Error::Refused { reason, .. }) if reason.contains("too large")), "{refused:?}");
    assert_eq!(channel.last("LOG").await, 0);
}
