//! The channel, as the operator and a terminal see it.

use std::time::Duration;

use bus::{
    RecordId, Sequenced,
    connect::{Connection, connect},
    read::{Batch, Reader, Start},
    stream::log_state,
};
use chat_bridge::terminal::{self, Say, Stored, Unsaid};

use super::{PATIENCE, Rig, until};

/// How long one request may take.
const ONCE: Duration = Duration::from_secs(5);

impl Rig {
    /// The operator's connection to its channel.
    pub async fn operator(&self) -> Connection {
        connect(&self.line("nats_url"), "test", PATIENCE).await.unwrap()
    }

    /// The number of the last record in LOG.
    pub async fn last(&self) -> u64 {
        log_state(&self.operator().await.jetstream()).await.unwrap().last
    }

    /// Every record in LOG, in order.
    pub async fn records(&self) -> Vec<Sequenced> {
        let operator = self.operator().await;
        let state = log_state(&operator.jetstream()).await.unwrap();
        let mut reader = Reader::open(&operator, Start::Sequence(1), &[]).await.unwrap();
        let mut records = Vec::new();
        while (records.len() as u64) < state.messages {
            records.extend(reader.next_batch(Batch { records: 1000, bytes: 64 << 20 }).await.unwrap());
        }
        records
    }

    /// Has the chat door say something, again under the same id while it cannot; returns when it is a record.
    pub async fn say(&self, room: &str, text: &str) -> Stored {
        let operator = self.operator().await;
        let say = Say { room: room.to_owned(), text: text.to_owned(), id: Some(RecordId::new()) };
        until("words to be a record", async || match terminal::say(&operator, &say, ONCE).await {
            Ok(stored) => Some(stored),
            Err(Unsaid::Later(_)) => None,
            Err(refused @ Unsaid::Refused(_)) => panic!("{refused}"),
        })
        .await
    }
}
