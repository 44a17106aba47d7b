//! Several tasks that publish at once, into each of the streams.

use std::sync::Arc;

use bus::{
    Draft, Envelope, RecordId, Subject, Token,
    catalogue::{Kind, chat::Said, due::Deadline},
    clock,
    envelope::now,
    publish::{Options, Publisher},
};
use bytes::Bytes;
use time::{Duration, OffsetDateTime};
use tokio::task::JoinSet;

use super::{AGENT, Channel};
use crate::ledger::Ledger;

/// Something the channel said is stored.
#[derive(Clone, Debug)]
pub(crate) enum Stored {
    Log(Place),
    Voice(Place),
    /// The item whose deadline was set.
    Clock(String),
}

impl Stored {
    pub(crate) const fn stream(&self) -> &'static str {
        match self {
            Self::Log(_) => "LOG",
            Self::Voice(_) => "VOICE",
            Self::Clock(_) => "CLOCK",
        }
    }
}

/// A record where the channel said it stands.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) id: RecordId,
    pub(crate) sequence: u64,
    pub(crate) body: Bytes,
}

/// Groups and singles into LOG, words of an agent into VOICE, deadlines into CLOCK; until the
/// server is gone for good.
pub(crate) async fn start(channel: &Channel, ledger: &Arc<Ledger<Stored>>, seed: u64) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    let groups = Publisher::start(&channel.user("chat").await, Options::default());
    let singles = Publisher::start(&channel.user("chat").await, Options { batches: false, ..Options::default() });
    for task in 0..12 {
        let publisher = if task < 8 { groups.clone() } else { singles.clone() };
        tasks.spawn(speak(publisher, operator, Stored::Log, seed * 100 + task, Arc::clone(ledger)));
    }
    let agent = Publisher::start(&channel.user(AGENT).await, Options { batches: false, ..Options::default() });
    for task in 12..14 {
        tasks.spawn(speak(agent.clone(), said_by_agent, Stored::Voice, seed * 100 + task, Arc::clone(ledger)));
    }
    let js = channel.user("conductor").await.jetstream();
    tasks.spawn(set_deadlines(js, seed, Arc::clone(ledger)));
    tasks
}

pub(crate) fn operator() -> Subject {
    Subject::ChatOperator { room: Token::of("general"), who: Token::of("sam") }
}

pub(crate) fn said_by_agent() -> Subject {
    Subject::SayChat { room: Token::of("general"), name: Token::of(AGENT) }
}

async fn speak(
    publisher: Publisher,
    subject: fn() -> Subject,
    stored: fn(Place) -> Stored,
    task: u64,
    ledger: Arc<Ledger<Stored>>,
) {
    for n in 0.. {
        let draft = words(subject(), task, n);
        let (id, body) = (draft.id, draft.body.clone());
        let Ok(answer) = publisher.publish(draft).await else { return };
        ledger.note([stored(Place { id, sequence: answer.sequence, body })]);
    }
}

/// Mostly short, some long, so that records end within pages and span several.
pub(crate) fn words(subject: Subject, task: u64, n: usize) -> Draft {
    let id = RecordId::of_delivery(&format!("{task}-{n}"));
    let size = [80, 300, 1000, 200, 5000, 100, 40, 600, 20_000, 150][n % 10];
    let said = Said {
        say: format!("{task} says {n}: {}", "x".repeat(size)),
        room: "general".to_owned(),
        who: "sam".to_owned(),
        door: None,
    };
    Draft::new(subject, &Envelope::new(id, Kind::ChatSaid.type_name(), "/rig/test", now(), said)).unwrap()
}

async fn set_deadlines(js: async_nats::jetstream::Context, seed: u64, ledger: Arc<Ledger<Stored>>) {
    for n in 0.. {
        let item = format!("acme/site#{seed}-{n}");
        let deadline = Deadline {
            say: "nobody answered".to_owned(),
            key: None,
            item: item.clone(),
            what: "answer".to_owned(),
            generation: 1,
            due_at: OffsetDateTime::UNIX_EPOCH + Duration::days(40_000),
        };
        if clock::set(&js, "/rig/test", &deadline).await.is_err() {
            return;
        }
        ledger.note([Stored::Clock(item)]);
    }
}
