//! The alarm that LOG fills up, long before it is full.

use std::time::Duration;

use async_nats::jetstream;
use bus::{
    Draft, Envelope, RecordId, Subject, Token, Trust,
    catalogue::{Kind, bus::Fill},
    connect::Connection,
    envelope::now,
    publish::Publisher,
    read::{Which, lookup},
    stream::{self, LogState},
};
use uuid::Uuid;

/// How often LOG is looked at.
const EVERY: Duration = Duration::from_secs(5);

/// Per cent of its room at which LOG is said to fill up.
const FILLING: u64 = 70;

/// Per cent of its room below which LOG is said to have room again.
const RELIEVED: u64 = 65;

/// The two things to say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Word {
    Filling,
    Relieved,
}

impl Word {
    const fn kind(self) -> Kind {
        match self {
            Self::Filling => Kind::BusFilling,
            Self::Relieved => Kind::BusRelieved,
        }
    }

    fn subject(self) -> Subject {
        let kind = match self {
            Self::Filling => "filling",
            Self::Relieved => "relieved",
        };
        Subject::Bus { kind: Token::of(kind) }
    }

    fn sentence(self, state: &LogState) -> String {
        let per_cent = per_cent(state);
        match self {
            Self::Filling => format!(
                "LOG is {per_cent} % full. Intake stops at 85 %; raise `[bus] log_max_bytes` in rig.toml, then `rig bus apply`."
            ),
            Self::Relieved => format!("LOG has room again: {per_cent} % full."),
        }
    }
}

/// Looks at LOG until it is dropped. What was said last stands in LOG, so nothing is said twice after a restart.
pub(super) async fn watch(connection: Connection, publisher: Publisher) {
    loop {
        tokio::time::sleep(EVERY).await;
        if let Err(error) = look(&connection, &publisher).await {
            tracing::debug!(%error, "how full LOG is could not be told");
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Stream(#[from] stream::Error),
    #[error(transparent)]
    Publish(#[from] bus::publish::Error),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

async fn look(connection: &Connection, publisher: &Publisher) -> Result<(), Error> {
    let js = connection.jetstream();
    let state = stream::log_state(&js).await?;
    let filling = last(&js, Word::Filling).await?;
    let relieved = last(&js, Word::Relieved).await?;
    let Some(word) = next(&state, filling > relieved) else { return Ok(()) };
    // After what was said last, so that saying it again after a lost answer is saying it once.
    let id = RecordId::from(Uuid::new_v5(&Uuid::NAMESPACE_OID, state.epoch.as_str().as_bytes()))
        .named(&format!("{word:?} after {}", filling.max(relieved)));
    let data = Fill { say: word.sentence(&state), bytes: state.bytes, max_bytes: state.max_bytes };
    let mut envelope = Envelope::new(id, word.kind().type_name(), "/rig/projector", now(), data);
    envelope.trust = Trust::Operator;
    publisher.publish(Draft::new(word.subject(), &envelope)?).await?;
    tracing::warn!("{}", word.sentence(&state));
    Ok(())
}

/// The number of the record that said it last; 0 where none did.
async fn last(js: &jetstream::Context, word: Word) -> Result<u64, Error> {
    let record = lookup(js, Which::Last(&word.subject().to_string())).await?;
    Ok(record.map_or(0, |record| record.sequence))
}

fn next(state: &LogState, said_filling: bool) -> Option<Word> {
    match per_cent(state) {
        FILLING.. if !said_filling => Some(Word::Filling),
        ..RELIEVED if said_filling => Some(Word::Relieved),
        _ => None,
    }
}

fn per_cent(state: &LogState) -> u64 {
    state.bytes.saturating_mul(100).checked_div(state.max_bytes).unwrap_or_default()
}
