//! A nats-server with the accounts that the table makes, and a connection for each of its users.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    missing_docs,
    dead_code,
    unreachable_pub,
    reason = "shared by tests"
)]

use std::{future::Future, time::Duration};

use async_nats::jetstream::{
    self, Context,
    consumer::{DeliverPolicy, pull},
    stream::Info,
};
use bus::{
    Draft, Envelope, RecordId, Sequenced, Subject, Token,
    accounts::{self, Password, User},
    catalogue::{Kind, chat::Said},
    connect::{Connection, connect},
    envelope::now,
    read::{Reader, Start},
    roles::{Name, Role, Skill},
    stream::{self, Overrides},
};
use servers::{
    nats::Nats,
    testing::{self, Owned},
};

pub const PATIENCE: Duration = Duration::from_secs(30);

pub struct Channel {
    pub nats: Owned<Nats>,
    pub users: Vec<User>,
    pub operator: Connection,
}

impl Channel {
    /// The users who are there from the beginning, two agents of different pools, and a subscriber.
    pub async fn new() -> Self {
        Self::with(everybody(), &Overrides::default()).await
    }

    pub async fn with(users: Vec<User>, overrides: &Overrides) -> Self {
        let channel = Self::bare(users).await;
        stream::apply(&channel.js(), overrides).await.unwrap();
        for user in &channel.users {
            stream::add_durable(&channel.js(), &user.role, &user.name).await.unwrap();
        }
        channel
    }

    /// With no stream yet.
    pub async fn bare(users: Vec<User>) -> Self {
        let conf = conf(&users);
        Self::of(&conf, users).await
    }

    /// With a configuration that a test has changed.
    pub async fn of(conf: &str, users: Vec<User>) -> Self {
        let nats = testing::nats(conf).await;
        let operator = connect(&url(&nats, "operator"), "test", PATIENCE).await.unwrap();
        Self { nats, users, operator }
    }

    pub fn js(&self) -> Context {
        self.operator.jetstream()
    }

    pub async fn connect(&self, name: &str) -> Connection {
        connect(&url(&self.nats, name), "test", PATIENCE).await.unwrap()
    }

    pub async fn info(&self, stream: &str) -> Info {
        self.js().get_stream(stream).await.unwrap().cached_info().clone()
    }

    pub async fn last(&self, stream: &str) -> u64 {
        self.info(stream).await.state.last_sequence
    }

    /// Every message of a stream now: its number, its subject, its body.
    pub async fn messages(&self, stream: &str) -> Vec<(u64, String, Vec<u8>)> {
        self.messages_after(stream, 0).await
    }

    /// Every message of a stream after this number.
    pub async fn messages_after(&self, stream: &str, number: u64) -> Vec<(u64, String, Vec<u8>)> {
        use futures::StreamExt;
        let deliver_policy = DeliverPolicy::ByStartSequence { start_sequence: number + 1 };
        let config = pull::OrderedConfig { deliver_policy, ..pull::OrderedConfig::default() };
        let consumer = self.js().create_consumer_on_stream(config, stream).await.unwrap();
        let (name, mut left) = (consumer.cached_info().name.clone(), consumer.cached_info().num_pending);
        let mut messages = consumer.messages().await.unwrap();
        let mut found = Vec::new();
        while left > 0 {
            let next = tokio::time::timeout(PATIENCE, messages.next()).await.unwrap();
            let message = next.unwrap().unwrap();
            let info = message.info().unwrap();
            left = info.pending;
            found.push((info.stream_sequence, message.subject.to_string(), message.payload.to_vec()));
        }
        drop(messages);
        self.js().delete_consumer_from_stream(&name, stream).await.unwrap();
        found
    }

    /// Everything that LOG holds now, as a reader of ours finds it.
    pub async fn records(&self) -> Vec<Sequenced> {
        let last = self.last("LOG").await;
        let mut reader = Reader::open(&self.operator, Start::Sequence(1), &[]).await.unwrap();
        let mut records = Vec::new();
        while records.last().is_none_or(|record: &Sequenced| record.sequence < last) && last > 0 {
            records.push(tokio::time::timeout(PATIENCE, reader.next()).await.unwrap().unwrap());
        }
        records
    }

    /// Bytes of memory that the server holds.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.nats.pid())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    }

    pub async fn publish(&self, subject: &str, body: impl Into<bytes::Bytes>) -> u64 {
        self.js().publish(subject.to_owned(), body.into()).await.unwrap().await.unwrap().sequence
    }

    /// Deletes a stream as somebody might, by hand.
    pub async fn delete(&self, stream: &str) {
        self.js().delete_stream(stream).await.unwrap();
    }

    /// Waits until LOG has given this number.
    pub async fn until_last(&self, number: u64) {
        until(&format!("LOG has {number}"), || async { self.last("LOG").await >= number }).await;
    }
}

pub fn conf(users: &[User]) -> String {
    format!("{}{}", accounts::SERVER, accounts::render(users).unwrap())
}

pub fn everybody() -> Vec<User> {
    let mut users: Vec<User> =
        Role::STATIC.into_iter().map(|role| user(role.clone(), role.only_user().unwrap().as_str())).collect();
    users.push(agent("dev-e", "implement", "linux"));
    users.push(agent("review-e", "review", "macos"));
    users.push(subscriber("ci-lamp", &["rig.evt.work.>", "rig.evt.github.>"]));
    users
}

pub fn agent(name: &str, role: &str, pool: &str) -> User {
    user(Role::Agent { role: Skill::of(role).unwrap(), pool: Name::of(pool).unwrap() }, name)
}

pub fn subscriber(name: &str, filters: &[&str]) -> User {
    user(Role::Subscriber { filters: filters.iter().map(|filter| filter.parse().unwrap()).collect() }, name)
}

pub fn user(role: Role, name: &str) -> User {
    User { role, name: Name::of(name).unwrap(), password: password(name) }
}

fn password(name: &str) -> Password {
    format!("the-password-of-{name}").parse().unwrap()
}

pub fn url(nats: &Nats, name: &str) -> String {
    format!("nats://{name}:{}@{}", password(name).expose(), nats.client_address())
}

/// Words of `size` bytes in a room.
pub fn words(id: RecordId, room: &str, size: usize) -> Draft {
    let said = Said { say: "x".repeat(size), room: room.to_owned(), who: "sam".to_owned(), door: None };
    let subject = Subject::ChatOperator { room: Token::of(room), who: Token::of("sam") };
    Draft::new(subject, &Envelope::new(id, Kind::ChatSaid.type_name(), "/rig/test", now(), said)).unwrap()
}

/// An id that a test can make again.
pub fn id(task: usize, n: usize) -> RecordId {
    RecordId::of_delivery(&format!("{task}-{n}"))
}

/// Waits for a condition, with a deadline.
pub async fn until<F, R>(what: &str, mut condition: F)
where
    F: FnMut() -> R,
    R: Future<Output = bool>,
{
    let wait = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, wait).await.is_ok(), "waited {PATIENCE:?} in vain: {what}");
}

/// The records of a durable, as a worker in another language would fetch them: bound without asking about it.
pub async fn fetch(connection: &Connection, consumer: &str, most: usize) -> Vec<jetstream::Message> {
    use futures::StreamExt;
    let client = connection.client();
    let inbox = client.new_inbox();
    let mut answers = client.subscribe(inbox.clone()).await.unwrap();
    let request = format!(r#"{{"batch":{most},"expires":2000000000}}"#);
    let subject = format!("$JS.API.CONSUMER.MSG.NEXT.LOG.{consumer}");
    client.publish_with_reply(subject, inbox, request.into()).await.unwrap();
    let mut records = Vec::new();
    while records.len() < most {
        let Ok(Some(message)) = tokio::time::timeout(Duration::from_secs(5), answers.next()).await else { break };
        if message.status.is_some() {
            break;
        }
        records.push(jetstream::Message { message, context: connection.jetstream() });
    }
    records
}
