//! The streams on a real server: made, compared, full, made anew.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod channel;

use std::time::Duration;

use async_nats::{HeaderMap, jetstream::context::PublishErrorKind};
use bus::{
    lineage::Lineage,
    roles::{Name, Role},
    stream::{self, Change, Epoch, Error, Overrides, Resume, Taken},
};
use channel::{Channel, everybody, fetch, subscriber, until};

fn sentences(changes: &[Change]) -> Vec<String> {
    changes.iter().map(ToString::to_string).collect()
}

fn small(bytes: u64) -> Overrides {
    Overrides { log_max_bytes: Some(bytes), ..Overrides::default() }
}

#[tokio::test]
async fn applying_makes_everything_and_applying_again_nothing() {
    let channel = Channel::bare(everybody()).await;
    let missing = stream::diff(&channel.js(), &Overrides::default()).await.unwrap();
    let made = stream::apply(&channel.js(), &Overrides::default()).await.unwrap();
    assert_eq!(sentences(&made), sentences(&missing));
    assert_eq!(
        made.iter().map(Change::done).collect::<Vec<_>>(),
        [
            "made stream VOICE",
            "made stream CLOCK",
            "made stream TRACE",
            "made stream LOG",
            "made the tick in CLOCK",
            "made consumer door-github",
            "made consumer door-chat",
            "made consumer door-deploy",
        ]
    );
    assert_eq!(stream::diff(&channel.js(), &Overrides::default()).await.unwrap(), []);
    assert_eq!(stream::apply(&channel.js(), &Overrides::default()).await.unwrap(), []);
}

#[tokio::test]
async fn what_somebody_changed_by_hand_is_told_and_put_right() {
    let channel = Channel::new().await;
    let epoch = stream::log_state(&channel.js()).await.unwrap().epoch;
    let mut log = channel.info("LOG").await.config;
    log.max_bytes = 1 << 20;
    log.max_messages = 7;
    channel.js().update_stream(log).await.unwrap();
    channel.js().delete_consumer_from_stream("door-chat", "LOG").await.unwrap();

    let told = stream::diff(&channel.js(), &Overrides::default()).await.unwrap();
    assert_eq!(
        sentences(&told),
        [
            "stream LOG: max_bytes is 1048576 on the server and should be 8589934592",
            "stream LOG: max_msgs is 7 on the server and should be -1",
            "consumer door-chat is missing",
        ]
    );
    assert_eq!(stream::apply(&channel.js(), &Overrides::default()).await.unwrap(), told);
    assert_eq!(stream::diff(&channel.js(), &Overrides::default()).await.unwrap(), []);
    assert_eq!(stream::log_state(&channel.js()).await.unwrap().epoch, epoch);
}

#[tokio::test]
async fn log_is_what_the_design_says_and_names_its_life() {
    let channel = Channel::new().await;
    let log = channel.info("LOG").await.config;
    assert!(log.deny_delete && log.deny_purge && log.allow_atomic_publish && !log.allow_rollup);
    assert_eq!(log.duplicate_window, Duration::from_secs(120));
    assert!(log.max_age.is_zero());
    let state = stream::log_state(&channel.js()).await.unwrap();
    assert_eq!(log.metadata.get("rig.epoch").map(String::as_str), Some(state.epoch.as_str()));
    assert_eq!(state.max_bytes, 8 << 30);
}

#[tokio::test]
async fn a_stream_is_not_made_smaller_than_what_it_holds() {
    let channel = Channel::new().await;
    for _ in 0..4 {
        channel.publish("rig.evt.bus.filling", vec![b'x'; 100_000]).await;
    }
    let refusal = stream::apply(&channel.js(), &small(200_000)).await.unwrap_err();
    assert!(matches!(refusal, Error::TooSmall { asked: 200_000, .. }), "{refusal}");
    assert_eq!(channel.messages("LOG").await.len(), 4);
}

#[tokio::test]
async fn a_subscriber_has_its_durable_until_it_is_removed() {
    let channel = Channel::new().await;
    let name = Name::of("ledger").unwrap();
    let filters = ["rig.evt.work.*.*.*.merged".parse().unwrap(), "rig.evt.work.*.*.*.live".parse().unwrap()];
    let made = stream::add_subscriber(&channel.js(), &name, &filters).await.unwrap();
    assert_eq!(sentences(&made), ["consumer sub-ledger is missing"]);
    assert_eq!(stream::add_subscriber(&channel.js(), &name, &filters).await.unwrap(), []);
    let changed = stream::add_subscriber(&channel.js(), &name, &filters[..1]).await.unwrap();
    assert!(sentences(&changed)[0].contains("filter_subject"), "{changed:?}");
    assert_eq!(stream::diff(&channel.js(), &Overrides::default()).await.unwrap(), []);
    assert!(stream::remove_subscriber(&channel.js(), &name).await.unwrap());
    assert!(!stream::remove_subscriber(&channel.js(), &name).await.unwrap());
}

#[tokio::test]
async fn a_durable_that_nobody_asked_for_is_told_and_left() {
    let channel = Channel::new().await;
    let stranger = async_nats::jetstream::consumer::pull::Config {
        durable_name: Some("stranger".to_owned()),
        ..Default::default()
    };
    channel.js().create_consumer_on_stream(stranger, "LOG").await.unwrap();
    let told = stream::diff(&channel.js(), &Overrides::default()).await.unwrap();
    assert_eq!(sentences(&told), ["consumer stranger is on the server and nothing here asks for it"]);
    assert_eq!(stream::apply(&channel.js(), &Overrides::default()).await.unwrap(), []);
    assert_eq!(stream::diff(&channel.js(), &Overrides::default()).await.unwrap(), told);
}

#[tokio::test]
async fn f_030_messages_before_the_first_worker_are_delivered() {
    let channel = Channel::new().await;
    for n in 0..3 {
        channel.publish("rig.cmd.agent.implement.linux.offer", format!("offer {n}")).await;
    }
    let worker = channel.connect("dev-e").await;
    let mut got = Vec::new();
    for _ in 0..3 {
        for record in fetch(&worker, "agent-implement-linux", 1).await {
            got.push(String::from_utf8(record.payload.to_vec()).unwrap());
            record.double_ack().await.unwrap();
        }
    }
    assert_eq!(got, ["offer 0", "offer 1", "offer 2"]);
}

#[tokio::test]
async fn f_031_a_full_log_refuses_what_is_new_and_never_trims_what_is_unread() {
    let channel = Channel::with(everybody(), &small(100_000)).await;
    let ingest = channel.connect("ingest").await;
    let mut kept = 0;
    let refusal = loop {
        let sent =
            ingest.jetstream().publish("rig.evt.github.acme.site.push", vec![b'x'; 20_000].into()).await.unwrap();
        match sent.await {
            Ok(_) => kept += 1,
            Err(error) => break error,
        }
        assert!(kept < 10, "LOG never became full");
    };
    assert_eq!(refusal.kind(), PublishErrorKind::Other);
    assert!(refusal.to_string().contains("maximum bytes exceeded"), "{refusal}");

    let agent = channel.connect("dev-e").await;
    let waiting = 5;
    for n in 0..waiting {
        let word = format!("word {n} {}", "y".repeat(10_000));
        let sent = agent.jetstream().publish("rig.say.agent.dev-e.asked", word.into()).await.unwrap();
        assert_eq!(sent.await.unwrap().stream, "VOICE", "a full LOG refused an agent's word");
    }
    let unread = channel.messages("LOG").await;
    assert_eq!(unread.iter().filter(|(_, subject, _)| subject.starts_with("rig.evt.github.")).count(), kept);
    assert_eq!(unread[0].0, 1);

    stream::apply(&channel.js(), &small(10_000_000)).await.unwrap();
    let words = || async {
        let words = channel.messages("LOG").await;
        words.into_iter().filter(|(_, subject, _)| subject == "rig.evt.agent.dev-e.asked").collect::<Vec<_>>()
    };
    until("the words that waited are in LOG", || async { words().await.len() >= waiting }).await;
    for (n, (_, _, body)) in words().await.into_iter().enumerate() {
        assert!(body.starts_with(format!("word {n} ").as_bytes()), "out of order or twice at {n}");
    }
}

#[tokio::test]
async fn i_24_an_ack_never_deletes() {
    let channel = Channel::new().await;
    let chat = channel.connect("chat").await;
    for n in 0..5 {
        channel.publish("rig.cmd.chat.general.say", format!("{n}")).await;
    }
    let records = fetch(&chat, "door-chat", 5).await;
    assert_eq!(records.len(), 5);
    for record in &records {
        record.double_ack().await.unwrap();
    }
    assert!(fetch(&chat, "door-chat", 1).await.is_empty());
    assert_eq!(channel.messages("LOG").await.len(), 5);
}

#[tokio::test]
async fn i_27_consumers_exist_before_the_scaler_asks() {
    let channel = Channel::new().await;
    channel.publish("rig.cmd.agent.implement.linux.offer", "one").await;
    let log = channel.js().get_stream("LOG").await.unwrap();
    for user in &channel.users {
        let Some(durable) = user.role.grants(&user.name).durable else { continue };
        let info = log.consumer_info(&durable.name).await.unwrap();
        let expected = u64::from(durable.name == "agent-implement-linux");
        assert_eq!((info.num_pending, info.num_ack_pending), (expected, 0), "{}", durable.name);
        assert_eq!(info.config.max_deliver, -1);
    }
    let missing = log.consumer_info("agent-implement-windows").await.unwrap_err();
    assert!(missing.to_string().contains("consumer not found"), "{missing}");
}

#[tokio::test]
async fn clock_made_anew_goes_on_without_loss() {
    let channel = Channel::new().await;
    let before = channel.last("LOG").await;
    for n in 0..5 {
        channel.publish("rig.due.deadline", format!("before {n}")).await;
    }
    channel.until_last(before + 5).await;
    channel.delete("CLOCK").await;
    let made = stream::apply(&channel.js(), &Overrides::default()).await.unwrap();
    assert!(sentences(&made).contains(&"stream CLOCK is missing".to_owned()), "{made:?}");
    for n in 0..3 {
        channel.publish("rig.due.deadline", format!("after {n}")).await;
    }
    until("all three are taken over", || async { bodies(&channel, "rig.evt.due.deadline").await.len() == 8 }).await;
    assert_eq!(bodies(&channel, "rig.evt.due.deadline").await[5..], ["after 0", "after 1", "after 2"]);
}

#[tokio::test]
async fn log_made_anew_takes_over_everything_that_is_still_there() {
    let channel = Channel::new().await;
    let first_life = stream::log_state(&channel.js()).await.unwrap().epoch;
    channel.publish("rig.say.agent.dev-e.finished", "a word").await;
    channel.publish("rig.due.deadline", "an alarm").await;
    channel.until_last(2).await;
    channel.delete("LOG").await;
    stream::apply(&channel.js(), &Overrides::default()).await.unwrap();
    channel.until_last(2).await;
    assert_eq!(bodies(&channel, "rig.evt.agent.dev-e.finished").await, ["a word"]);
    assert_eq!(bodies(&channel, "rig.evt.due.deadline").await, ["an alarm"]);
    assert_ne!(stream::log_state(&channel.js()).await.unwrap().epoch, first_life);
}

/// What a program that restores LOG from rows does, in small.
async fn restore(channel: &Channel, rows: &[(u64, String, Vec<u8>)], first: u64) -> Epoch {
    let epoch = Epoch::new();
    stream::create_log(&channel.js(), &Overrides::default(), first, &epoch, &Lineage::default()).await.unwrap();
    for (sequence, subject, body) in rows {
        let mut headers = HeaderMap::new();
        headers.insert("Nats-Expected-Last-Sequence", (sequence - 1).to_string());
        let subject = stream::restoring_subject(subject);
        let sent = channel.js().publish_with_headers(subject, headers, body.clone().into()).await.unwrap();
        assert_eq!(sent.await.unwrap().sequence, *sequence);
    }
    epoch
}

async fn taken_from(channel: &Channel, stream: &str) -> Resume {
    let log = channel.js().get_stream("LOG").await.unwrap();
    let mut found = None;
    for sequence in 1..=log.cached_info().state.last_sequence {
        let message = log.get_raw_message(sequence).await.unwrap();
        if let Some(taken) = Taken::of(&message.headers).filter(|taken| taken.stream == stream) {
            found = Some(Resume { taken, stored_at: message.time });
        }
    }
    found.unwrap()
}

#[tokio::test]
async fn a_restored_log_has_the_old_numbers_and_takes_over_only_what_it_lacks() {
    let channel = Channel::new().await;
    for n in 0..4 {
        channel.publish("rig.say.agent.dev-e.alive", format!("word {n}")).await;
        channel.publish("rig.due.deadline", format!("alarm {n}")).await;
    }
    channel.until_last(8).await;
    let rows = channel.messages("LOG").await;
    let resume = [taken_from(&channel, "VOICE").await, taken_from(&channel, "CLOCK").await];
    channel.delete("LOG").await;
    channel.publish("rig.say.agent.dev-e.alive", "word 4").await;

    let epoch = restore(&channel, &rows[2..], 3).await;
    let refusal = stream::apply(&channel.js(), &Overrides::default()).await.unwrap_err();
    assert!(matches!(refusal, Error::Closed), "{refusal}");
    let meanwhile = channel.js().publish("rig.evt.conductor.step", "meanwhile".into()).await.unwrap().await;
    assert_eq!(meanwhile.unwrap_err().kind(), PublishErrorKind::StreamNotFound);
    stream::open_log(&channel.js(), &Overrides::default(), &resume).await.unwrap();
    channel.until_last(9).await;
    let after = channel.messages("LOG").await;
    assert_eq!(after[..6], rows[2..]);
    assert_eq!((after[6].0, after[6].2.as_slice()), (9, &b"word 4"[..]));
    assert_eq!(stream::log_state(&channel.js()).await.unwrap().epoch, epoch);

    // A number is named as long as it is needed: CLOCK gave nothing since, VOICE did.
    stream::apply(&channel.js(), &Overrides::default()).await.unwrap();
    let sources = channel.info("LOG").await.config.sources.unwrap();
    let start = |name: &str| sources.iter().find(|source| source.name == name).unwrap().start_sequence;
    assert_eq!(start("VOICE"), None);
    assert!(start("CLOCK").is_some());
    channel.nats.kill().await;
    channel.nats.restart().await.unwrap();
    let before = bodies(&channel, "rig.evt.due.deadline").await;
    channel.publish("rig.due.deadline", "alarm 4").await;
    let expected = [before, vec!["alarm 4".to_owned()]].concat();
    until("the new alarm is taken over", || async {
        bodies(&channel, "rig.evt.due.deadline").await.contains(&"alarm 4".to_owned())
    })
    .await;
    assert_eq!(bodies(&channel, "rig.evt.due.deadline").await, expected);
}

/// Where the source names a number, the server would wait for that number in the new stream and lose what comes before.
#[tokio::test]
async fn voice_made_anew_after_a_restore_loses_no_word() {
    let channel = Channel::new().await;
    for n in 0..5 {
        channel.publish("rig.say.agent.dev-e.alive", format!("word {n}")).await;
    }
    channel.until_last(5).await;
    let rows = channel.messages("LOG").await;
    let resume = [taken_from(&channel, "VOICE").await];
    channel.delete("LOG").await;
    restore(&channel, &rows, 1).await;
    stream::open_log(&channel.js(), &Overrides::default(), &resume).await.unwrap();
    channel.delete("VOICE").await;
    stream::apply(&channel.js(), &Overrides::default()).await.unwrap();
    channel.publish("rig.say.agent.dev-e.alive", "first of the new").await;
    until("it is taken over", || async { bodies(&channel, "rig.evt.agent.dev-e.alive").await.len() == 6 }).await;
    assert_eq!(bodies(&channel, "rig.evt.agent.dev-e.alive").await[5], "first of the new");
}

/// Rows of an older VOICE say nothing about the numbers of the one that is there.
#[tokio::test]
async fn an_origin_that_is_younger_than_the_rows_is_taken_over_from_its_beginning() {
    let channel = Channel::new().await;
    for n in 0..5 {
        channel.publish("rig.say.agent.dev-e.alive", format!("word {n}")).await;
    }
    channel.until_last(5).await;
    let rows = channel.messages("LOG").await;
    let resume = [taken_from(&channel, "VOICE").await];
    channel.delete("LOG").await;
    channel.delete("VOICE").await;
    restore(&channel, &rows, 1).await;
    let voice = stream::specs().iter().find(|spec| spec.name == "VOICE").unwrap();
    channel.js().create_stream(voice.config(&Overrides::default())).await.unwrap();
    for n in 0..7 {
        channel.publish("rig.say.agent.dev-e.alive", format!("new {n}")).await;
    }
    stream::open_log(&channel.js(), &Overrides::default(), &resume).await.unwrap();
    until("all seven are taken over", || async { bodies(&channel, "rig.evt.agent.dev-e.alive").await.len() == 12 })
        .await;
}

/// A word that no transform carries on must not be acknowledged.
#[tokio::test]
async fn a_word_on_a_subject_that_leads_nowhere_is_answered_by_nobody() {
    let channel = Channel::new().await;
    for subject in ["rig.say.agent.dev-e.a.b", "rig.say.chat.general", "rig.due.a.b", "rig.trace.dev-e"] {
        let sent = channel.js().publish(subject, "lost".into()).await.unwrap().await;
        assert_eq!(sent.unwrap_err().kind(), PublishErrorKind::StreamNotFound, "{subject}");
    }
}

#[tokio::test]
async fn log_refuses_what_would_change_its_past() {
    let channel = Channel::new().await;
    channel.publish("rig.evt.bus.filling", "kept").await;
    let log = channel.js().get_stream("LOG").await.unwrap();
    assert!(log.delete_message(1).await.is_err());
    assert!(log.purge().await.is_err());
    for (name, value) in [
        ("Nats-Rollup", "all"),
        ("Nats-TTL", "1s"),
        ("Nats-Schedule", "@every 1s"),
        ("Nats-Stream-Source", "VOICE 9999 > > rig.say.agent.dev-e.alive"),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(name, value);
        let sent = channel.js().publish_with_headers("rig.evt.bus.filling", headers, "x".into()).await.unwrap();
        assert!(sent.await.is_err(), "{name} was taken");
    }
    assert_eq!(channel.messages("LOG").await.len(), 1);
}

#[tokio::test]
async fn errors_say_what_to_do() {
    let channel = Channel::bare(everybody()).await;
    let missing = stream::log_state(&channel.js()).await.unwrap_err();
    assert_eq!(missing.to_string(), "there is no stream LOG on the server; `rig bus apply` makes it");
    let closed = stream::add_durable(&channel.js(), &Role::Chat, &Name::of("chat").unwrap()).await.unwrap_err();
    assert!(matches!(closed, Error::Missing { .. }), "{closed:?}");
    stream::apply(&channel.js(), &Overrides::default()).await.unwrap();
    let push = async_nats::jetstream::consumer::push::Config {
        durable_name: Some("sub-two".to_owned()),
        deliver_subject: "somewhere".to_owned(),
        ..Default::default()
    };
    channel.js().create_consumer_on_stream(push, "LOG").await.unwrap();
    let two = subscriber("two", &["rig.evt.work.>"]);
    let refused = stream::add_durable(&channel.js(), &two.role, &two.name).await.unwrap_err();
    assert!(matches!(&refused, Error::Refused { what, .. } if what == "consumer sub-two"), "{refused:?}");
}

async fn bodies(channel: &Channel, subject: &str) -> Vec<String> {
    let messages = channel.messages("LOG").await.into_iter().filter(|(_, other, _)| other == subject);
    messages.map(|(_, _, body)| String::from_utf8(body).unwrap()).collect()
}
