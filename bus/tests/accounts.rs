//! The accounts on a real server: what works through the wall, and how a refusal is told.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "tests")]

mod channel;

use std::{collections::BTreeSet, time::Duration};

use async_nats::HeaderMap;
use bus::{
    Draft, Envelope, RecordId, Subject, Token,
    accounts::{Password, User},
    connect::{self, Connection},
    envelope::now,
    publish::{Options, Publisher},
    roles::{Account, Name, Role},
    stream,
    subject::FAMILIES,
};
use channel::{Channel, PATIENCE, agent, conf, everybody, fetch, subscriber, until, user};
use futures::StreamExt;
use serde_json::Value;
use tokio::task::JoinSet;

fn outside(users: &[User]) -> impl Iterator<Item = &User> {
    users.iter().filter(|user| matches!(user.role.account(), Account::Edge | Account::Guest))
}

/// Every service is answered by its user, with its own name.
async fn services(channel: &Channel) -> JoinSet<()> {
    let mut serving = JoinSet::new();
    for user in &channel.users {
        for service in user.role.grants(&user.name).serves {
            let connection = channel.connect(user.name.as_str()).await;
            let mut requests = connection.client().subscribe(service).await.unwrap();
            connection.client().flush().await.unwrap();
            let name = user.name.to_string();
            serving.spawn(async move {
                while let Some(request) = requests.next().await {
                    connection.client().publish(request.reply.unwrap(), name.clone().into()).await.unwrap();
                }
            });
        }
    }
    serving
}

/// The refusal that a connection hears for one attempt.
async fn refusal_of(connection: &Connection, subject: &str, attempt: impl AsyncFnOnce()) -> String {
    let mut refusals = connection.refusals();
    attempt().await;
    let heard = async {
        loop {
            let refusal = refusals.recv().await.unwrap();
            if refusal.contains(subject) {
                return refusal;
            }
        }
    };
    tokio::time::timeout(PATIENCE, heard).await.unwrap()
}

#[tokio::test]
async fn every_service_is_answered_to_those_who_may_ask_across_the_wall() {
    let channel = Channel::new().await;
    let _serving = services(&channel).await;
    let mut answered = 0;
    for user in channel.users.iter().filter(|user| user.role != Role::Sys) {
        let connection = channel.connect(user.name.as_str()).await;
        for service in user.role.grants(&user.name).asks {
            let server = channel.users.iter().find(|other| other.role.grants(&other.name).serves.contains(&service));
            let request = service.replace('*', "ask");
            let answer = connection.client().request(request.clone(), "".into()).await;
            let answer = answer.unwrap_or_else(|error| panic!("{} asked {request}: {error}", user.name));
            assert_eq!(answer.payload.as_ref(), server.unwrap().name.as_str().as_bytes());
            answered += 1;
        }
    }
    assert!(answered > 20, "{answered}");
}

#[tokio::test]
async fn every_durable_is_bound_and_acknowledged_across_the_wall_without_asking_about_it() {
    let channel = Channel::new().await;
    for user in outside(&channel.users) {
        let Some(durable) = user.role.grants(&user.name).durable else { continue };
        let subject = durable.filters[0].replace('*', "x").replace('>', "x.y.1.z");
        let number = channel.publish(&subject, "work").await;
        let connection = channel.connect(user.name.as_str()).await;
        let delivery = fetch(&connection, &durable.name, 1).await.remove(0);
        delivery.double_ack().await.unwrap();
        let log = channel.js().get_stream("LOG").await.unwrap();
        let info = log.consumer_info(&durable.name).await.unwrap();
        assert_eq!((info.ack_floor.stream_sequence, info.num_ack_pending), (number, 0), "{}", durable.name);
    }
}

/// What invariant 8 says of records holds for requests too.
#[tokio::test]
async fn who_asks_is_said_by_the_server_whatever_the_asker_says() {
    let channel = Channel::new().await;
    let conductor = channel.connect("conductor").await;
    let mut requests = conductor.client().subscribe("rig.svc.run.*").await.unwrap();
    conductor.client().flush().await.unwrap();
    let agent = channel.connect("dev-e").await;
    let mut headers = HeaderMap::new();
    headers.insert("Nats-Request-Info", r#"{"user":"review-e"}"#);
    agent.client().publish_with_headers("rig.svc.run.next", headers, "{}".into()).await.unwrap();
    let request = tokio::time::timeout(PATIENCE, requests.next()).await.unwrap().unwrap();
    let values: Vec<_> = request.headers.iter().flat_map(|headers| headers.get_all("Nats-Request-Info")).collect();
    assert_eq!(values.len(), 1, "{values:?}");
    let info: Value = serde_json::from_str(values[0].as_str()).unwrap();
    assert_eq!((&info["user"], &info["acc"]), (&"dev-e".into(), &"GUEST-dev-e".into()));
}

/// The publisher groups records, from EDGE too.
#[tokio::test]
async fn an_atomic_batch_crosses_the_wall_whole() {
    let channel = Channel::new().await;
    let ingest = channel.connect("ingest").await;
    let subject = "rig.evt.github.acme.site.push";
    for n in 1..=3 {
        let mut headers = HeaderMap::new();
        headers.insert("Nats-Batch-Id", "one");
        headers.insert("Nats-Batch-Sequence", n.to_string());
        if n < 3 {
            ingest.client().publish_with_headers(subject, headers, format!("{n}").into()).await.unwrap();
            continue;
        }
        headers.insert("Nats-Batch-Commit", "1");
        let answer = ingest.client().request_with_headers(subject, headers, "3".into()).await.unwrap();
        let answer: Value = serde_json::from_slice(&answer.payload).unwrap();
        assert_eq!((&answer["stream"], &answer["seq"], &answer["count"]), (&"LOG".into(), &3.into(), &3.into()));
    }
    let bodies: Vec<_> = channel.messages("LOG").await.into_iter().map(|(_, _, body)| body).collect();
    assert_eq!(bodies, [b"1", b"2", b"3"]);
}

#[tokio::test]
async fn f_226_an_agent_that_speaks_as_another_is_refused_and_told() {
    let channel = Channel::new().await;
    let agent = channel.connect("dev-e").await;
    for subject in [
        "rig.evt.agent.review-e.finished",
        "rig.say.agent.review-e.finished",
        "rig.say.chat.general.review-e",
        "rig.evt.chat.general.operator.nora",
        "rig.evt.work.acme.site.1.merged",
        "rig.cmd.github.acme.site.merge",
        "rig.evt.outcome.github.merge",
        "rig.trace.review-e.run",
    ] {
        let refusal = refusal_of(&agent, subject, async || {
            agent.client().publish(subject, "I approve this".into()).await.unwrap();
        })
        .await;
        assert_eq!(refusal.to_lowercase(), format!("nats: permissions violation for publish to \"{subject}\""));
        let logged = format!("\"GUEST-dev-e/user:dev-e\" - Publish Violation - Subject \"{subject}\"");
        until("the server's log names speaker and subject", || async {
            std::fs::read_to_string(channel.nats.log()).unwrap().contains(&logged)
        })
        .await;
    }
    assert_eq!(channel.messages("LOG").await, []);
    assert_eq!(channel.messages("VOICE").await, []);
    let sent = agent.jetstream().publish("rig.say.agent.dev-e.finished", "mine".into()).await.unwrap();
    assert_eq!(sent.await.unwrap().stream, "VOICE");
}

/// Nobody outside listens to the channel itself, nor to anybody's answers but its own.
#[tokio::test]
async fn nobody_outside_hears_what_is_not_for_it() {
    let channel = Channel::new().await;
    let names: Vec<String> = channel.users.iter().map(|user| user.name.to_string()).collect();
    let mut ears = Vec::new();
    let mut connections = Vec::new();
    for user in outside(&channel.users) {
        let connection = channel.connect(user.name.as_str()).await;
        let serves: BTreeSet<String> = user.role.grants(&user.name).serves.into_iter().collect();
        let families = FAMILIES.iter().map(|family| star(family.pattern));
        let inboxes = names.iter().filter(|name| **name != user.name.as_str()).map(|name| format!("_INBOX.{name}.>"));
        let wide = [">", "rig.>", "_INBOX.>", "_INBOX.*.>", "$JS.>", "$SYS.>", "_R_.>"].map(str::to_owned);
        for pattern in wide.into_iter().chain(families).chain(inboxes).filter(|pattern| !serves.contains(pattern)) {
            refusal_of(&connection, &format!("\"{pattern}\""), async || {
                ears.push((user.name.clone(), connection.client().subscribe(pattern.clone()).await.unwrap()));
            })
            .await;
        }
        connections.push(connection);
    }
    for family in FAMILIES {
        channel.operator.client().publish(star(family.pattern).replace('*', "x"), "secret".into()).await.unwrap();
    }
    for name in &names {
        channel.operator.client().publish(format!("_INBOX.{name}.x"), "secret".into()).await.unwrap();
    }
    channel.publish("rig.evt.bus.filling", "last").await;
    for (name, ear) in &mut ears {
        // A refused subscription ends or stays silent; either way nothing is in it.
        let heard = futures::FutureExt::now_or_never(ear.next()).flatten();
        assert!(heard.is_none(), "{name} heard {heard:?}");
    }
}

fn star(pattern: &str) -> String {
    pattern.split('.').map(|part| if part.starts_with('<') { "*" } else { part }).collect::<Vec<_>>().join(".")
}

/// A subscriber is added while others work; nobody loses a connection, an answer or a record.
fn push() -> Draft {
    let [owner, repo, kind] = ["acme", "site", "push"].map(Token::of);
    let envelope =
        Envelope::new(RecordId::new(), "rig.github.push.v1", "/rig/test", now(), serde_json::json!({"say": ""}));
    Draft::new(Subject::Github { owner, repo, kind }, &envelope).unwrap()
}

#[tokio::test]
async fn a_user_who_is_added_disturbs_nobody() {
    let channel = Channel::new().await;
    let ingest = channel.connect("ingest").await;
    let before = *ingest.link().borrow();
    let publisher = Publisher::start(&ingest, Options::default());
    let mut working = JoinSet::new();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    working.spawn(async move {
        let (mut stored, mut stopped) = (0, stopped);
        while stopped.try_recv().is_err() {
            publisher.publish(push()).await.unwrap();
            stored += 1;
        }
        stored
    });
    let mut users = everybody();
    for n in 0..5 {
        users.push(subscriber(&format!("late-{n}"), &["rig.evt.github.>"]));
        // An account that a reload makes reaches no other one before the next reload (2.15.1).
        for _ in 0..2 {
            channel.nats.reload(&conf(&users)).await.unwrap();
        }
        let late = users.last().unwrap();
        stream::add_durable(&channel.js(), &late.role, &late.name).await.unwrap();
        let connection = channel.connect(late.name.as_str()).await;
        assert_eq!(fetch(&connection, &format!("sub-late-{n}"), 1).await.len(), 1);
    }
    stop.send(()).unwrap();
    let stored = tokio::time::timeout(PATIENCE, working.join_next()).await.unwrap().unwrap().unwrap();
    assert_eq!(channel.messages("LOG").await.len(), stored);
    assert_eq!(*ingest.link().borrow(), before, "the connection was lost");
}

#[tokio::test]
async fn the_password_is_asked_for() {
    let channel = Channel::new().await;
    let url = format!("nats://chat:not-the-password@{}", channel.nats.client_address());
    let refused = connect::connect(&url, "test", PATIENCE).await;
    assert!(matches!(refused, Err(connect::Error::Refused { .. })));
    let url = format!("nats://{}", channel.nats.client_address());
    assert!(async_nats::connect(url).await.is_err(), "somebody without a name came in");
}

/// Names at their limits, and passwords with every character they may have.
#[tokio::test]
async fn the_server_reads_what_is_written_for_it() {
    let all = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    let names = ["0", "a", "0x1f", "1e9", "10mb", "true", "null", "on", "x-y", &"z".repeat(32)];
    let mut users = vec![user(Role::Operator, "operator")];
    for (n, name) in names.into_iter().enumerate() {
        let password: Password = format!("{}{}", &all[n..], &all[..n]).parse().unwrap();
        users.push(User { password, ..agent(name, "implement", "linux") });
    }
    let channel = Channel::bare(users).await;
    for user in channel.users.iter().skip(1) {
        let url = format!("nats://{}:{}@{}", user.name, user.password.expose(), channel.nats.client_address());
        let connection = connect::connect(&url, "test", Duration::from_secs(10)).await;
        assert!(connection.is_ok(), "{}", user.name);
    }
    let missing = stream::remove_subscriber(&channel.js(), &Name::of("nobody").unwrap()).await;
    assert!(!missing.unwrap());
}
