//! A nats-server with the streams, and hands to work on it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    dead_code,
    unreachable_pub,
    reason = "shared by tests"
)]

use std::time::Duration;

use bus::{
    Draft, Envelope, RecordId, Sequenced, Subject, Token,
    catalogue::{Kind, chat::Said},
    connect::{Connection, connect},
    envelope::now,
    read::{Reader, Start},
    stream::{self, Overrides},
};
use servers::{
    nats::Nats,
    testing::{self, Owned},
};

pub const PATIENCE: Duration = Duration::from_secs(20);

/// Two users of one account, one of whom may speak in one room only.
const CONF: &str = r#"
max_payload: 32MB
jetstream { sync_interval: always, max_mem: 64MB, max_file: 20GB }
accounts {
  RIG {
    jetstream: enabled
    users: [
      { user: conductor, password: c }
      { user: narrow, password: n, permissions: { publish: { allow: ["rig.evt.chat.lobby.>"] } } }
    ]
  }
}
"#;

pub struct Stage {
    pub nats: Owned<Nats>,
    pub conductor: Connection,
}

impl Stage {
    pub async fn new() -> Self {
        Self::with(Overrides::default()).await
    }

    pub async fn with(overrides: Overrides) -> Self {
        let nats = testing::nats(CONF).await;
        let conductor = user(&nats, "conductor", "c").await;
        stream::apply(&conductor.jetstream(), &overrides).await.unwrap();
        Self { nats, conductor }
    }

    pub async fn narrow(&self) -> Connection {
        user(&self.nats, "narrow", "n").await
    }

    /// Bytes of memory that the server holds.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.nats.pid())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    }

    /// Everything that LOG holds now.
    pub async fn records(&self) -> Vec<Sequenced> {
        let last = stream::log_state(&self.conductor.jetstream()).await.unwrap().last;
        let mut reader = Reader::open(&self.conductor, Start::Sequence(1), &[]).await.unwrap();
        let mut records = Vec::new();
        while records.last().is_none_or(|record: &Sequenced| record.sequence < last) && last > 0 {
            records.push(tokio::time::timeout(PATIENCE, reader.next()).await.unwrap().unwrap());
        }
        records
    }
}

pub async fn user(nats: &Nats, user: &str, password: &str) -> Connection {
    let url = format!("nats://{user}:{password}@{}", nats.client_address());
    connect(&url, "test", PATIENCE).await.unwrap()
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
