//! One ephemeral consumer, for as long as it delivers without a gap.

use std::time::Duration;

use async_nats::jetstream::{
    consumer::{AckPolicy, DeliverPolicy, pull},
    stream::{ConsumerError, ConsumerErrorKind},
};
use futures::StreamExt;
use tokio::sync::watch;

use super::{Error, Start};
use crate::{
    connect::{Connection, Link},
    record::Sequenced,
    stream::{self, LOG},
};

/// How many records the server sends ahead.
const AHEAD: usize = 1024;

/// How many bytes the server sends ahead: one record of the greatest size, and some more.
const AHEAD_BYTES: usize = 40 << 20;

/// How long the server keeps a consumer nobody asks.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(60);

/// How long one request to the server stands.
const EXPIRES: Duration = Duration::from_secs(20);

/// How often the server says that it is still there.
const HEARTBEAT: Duration = Duration::from_secs(5);

pub(super) struct Source {
    messages: pull::Stream,
    consumed: u64,
    link: watch::Receiver<Link>,
    generation: u64,
}

impl Source {
    pub(super) async fn open(connection: &Connection, start: &Start, filters: &[String]) -> Result<Self, Error> {
        let link = connection.link();
        let generation = link.borrow().generation;
        let messages = connection
            .jetstream()
            .create_consumer_on_stream(config(start, filters), LOG)
            .await
            .map_err(refused)?
            .stream()
            .max_messages_per_batch(AHEAD)
            .max_bytes_per_batch(AHEAD_BYTES)
            .expires(EXPIRES)
            .heartbeat(HEARTBEAT)
            .messages()
            .await
            .map_err(unreachable)?;
        Ok(Self { messages, consumed: 0, link, generation })
    }

    /// The next record, or nothing where this consumer can no longer be trusted to give it: the connection is a new
    /// one, the server forgot the consumer, or a number was skipped.
    pub(super) async fn next(&mut self) -> Option<Sequenced> {
        let generation = self.generation;
        let message = tokio::select! {
            biased;
            message = self.messages.next() => message?.ok()?,
            _ = self.link.wait_for(|link| link.generation != generation) => return None,
        };
        let (sequence, consumed, stored_at) = {
            let info = message.info().ok()?;
            (info.stream_sequence, info.consumer_sequence, info.published)
        };
        if consumed != self.consumed + 1 {
            return None;
        }
        self.consumed = consumed;
        let message = message.message;
        Some(Sequenced {
            sequence,
            subject: message.subject.into_string(),
            headers: message.headers.unwrap_or_default(),
            body: message.payload,
            stored_at,
        })
    }
}

fn config(start: &Start, filters: &[String]) -> pull::Config {
    pull::Config {
        deliver_policy: match start {
            Start::Sequence(sequence) => DeliverPolicy::ByStartSequence { start_sequence: (*sequence).max(1) },
            Start::Time(start_time) => DeliverPolicy::ByStartTime { start_time: *start_time },
            Start::New | Start::After(_) => DeliverPolicy::New,
        },
        filter_subjects: filters.to_vec(),
        ack_policy: AckPolicy::None,
        memory_storage: true,
        inactive_threshold: FORGOTTEN_AFTER,
        ..pull::Config::default()
    }
}

fn refused(error: ConsumerError) -> Error {
    match error.kind() {
        ConsumerErrorKind::JetStream(refusal) if refusal.code() == 404 => {
            stream::Error::Missing { what: format!("stream {LOG}") }.into()
        }
        ConsumerErrorKind::JetStream(refusal) if refusal.code() != 503 => Error::Filter(refusal.to_string()),
        _ => unreachable(error),
    }
}

fn unreachable(source: impl std::error::Error + Send + Sync + 'static) -> Error {
    stream::Error::Unreachable { what: format!("records of {LOG}"), source: source.into() }.into()
}
