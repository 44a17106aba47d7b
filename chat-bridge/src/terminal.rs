//! The terminal's door: what a person types at `rig chat` or `rig say` becomes a record.
//!
//! It is a service, since a terminal holds the operator's credential and would speak on anybody's subject with it: the
//! door alone says who speaks, from its own configuration. It answers after the stream has flushed the record, so that
//! a line without an answer may be asked again under the same id, and stands once.
//!
//! What the conductor says in a room goes the other way (`carry`).

mod carry;
mod client;
mod wire;

use bus::{
    Draft, Envelope, RecordId, Subject, Token, Trust,
    catalogue::{Kind, chat::Said},
    connect::Connection,
    envelope::now,
    publish::{self, Publisher},
};
use futures::{StreamExt as _, TryFutureExt as _};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

pub use client::{Unsaid, health, say};
pub use wire::{Health, Say, Stored};

use crate::{room::Room, words::Words};
use wire::Answer;

/// Where the door is asked to say something.
pub const SAY: &str = "rig.svc.chat.say";

/// Where the door tells how it is.
pub const HEALTH: &str = "rig.svc.chat.health";

/// Both, as the door listens. Several doors share the work.
const SERVICE: &str = "rig.svc.chat.*";
const DOORS: &str = "terminal";

/// Records under way at once; more wait in the connection.
const AT_ONCE: usize = 256;

/// Why the door does not open, or closed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operator has no name that could stand in a record.
    #[error("the operator's name `{0}` cannot be used: set `name` under [operator] in rig.toml, as `nora`")]
    Name(String),
    /// The server lets this user serve nothing.
    #[error("the chat door may not listen on {SERVICE}")]
    Listen(#[source] async_nats::SubscribeError),
    /// The server does not let this user take what the conductor says.
    #[error("the chat door cannot take the conductor's words")]
    Words(#[from] bus::consume::Error),
    /// The subscription ended though nobody cancelled it.
    #[error("the chat door's subscription ended; start it again")]
    Ended,
}

/// Serves `rig.svc.chat.*` until `cancel`: each text becomes a record of `operator`, confirmed when it is flushed. Takes
/// what the conductor says, and tells what became of it.
///
/// # Errors
/// When `operator` is no name, or the server refuses a subscription.
pub async fn serve(
    connection: Connection,
    publisher: Publisher,
    operator: &str,
    cancel: CancellationToken,
) -> Result<(), Error> {
    serve_and_tell(connection, publisher, operator, watch::Sender::new(None), cancel).await
}

/// The same, and tells why the last words were not stored; nothing once some were.
///
/// # Errors
/// As [`serve`].
pub async fn serve_and_tell(
    connection: Connection,
    publisher: Publisher,
    operator: &str,
    trouble: watch::Sender<Option<String>>,
    cancel: CancellationToken,
) -> Result<(), Error> {
    let carried = carry::run(&connection, publisher.clone(), &cancel);
    let door = Door { connection: connection.clone(), publisher, operator: name(operator)?, trouble };
    let client = connection.client();
    let requests = client
        .queue_subscribe(SERVICE, DOORS.to_owned())
        .await
        .map_err(Error::Listen)?
        .take_until(cancel.clone().cancelled_owned());
    tracing::info!(operator, "the terminal's chat door is open");
    let answered = async {
        requests.for_each_concurrent(AT_ONCE, |request| door.answer(request)).await;
        if cancel.is_cancelled() { Ok(()) } else { Err(Error::Ended) }
    };
    futures::try_join!(answered, carried.map_err(Error::from)).map(drop)
}

fn name(operator: &str) -> Result<String, Error> {
    let usable =
        !operator.trim().is_empty() && operator.chars().count() <= 80 && !operator.chars().any(char::is_control);
    if usable { Ok(operator.to_owned()) } else { Err(Error::Name(operator.escape_debug().to_string())) }
}

struct Door {
    connection: Connection,
    publisher: Publisher,
    operator: String,
    /// Why the last words were not stored; nothing once some were.
    trouble: watch::Sender<Option<String>>,
}

impl Door {
    #[expect(clippy::disallowed_methods, reason = "an answer: one that is lost is asked for again, under the same id")]
    async fn answer(&self, request: async_nats::Message) {
        let Some(reply) = request.reply else { return };
        let answer = match request.subject.as_str() {
            SAY => to_bytes(&self.say(&request.payload).await),
            HEALTH => to_bytes(&self.health()),
            other => to_bytes(&Answer::refused(format!("the chat door knows no `{other}`"))),
        };
        if let Err(error) = self.connection.client().publish(reply, answer.into()).await {
            tracing::warn!(%error, "an answer could not be sent; its terminal asks again");
        }
    }

    async fn say(&self, request: &[u8]) -> Answer {
        let draft = match self.draft(request) {
            Ok(draft) => draft,
            Err(sentence) => return Answer::refused(sentence),
        };
        let id = draft.id;
        match self.publisher.publish(draft).await {
            Ok(stored) => {
                self.note(None);
                Answer::Stored(Stored { sequence: stored.sequence, id })
            }
            Err(error) => {
                tracing::warn!(%error, %id, "words were not stored");
                self.note(Some(error.to_string()));
                Answer::not_stored(error.to_string(), is_for_later(&error))
            }
        }
    }

    fn note(&self, trouble: Option<String>) {
        self.trouble.send_replace(trouble);
    }

    fn draft(&self, request: &[u8]) -> Result<Draft, String> {
        let Say { room, text, id } = serde_json::from_slice(request)
            .map_err(|error| format!("the request is not {{room, text, id?}}: {error}"))?;
        let room: Room = room.parse().map_err(|error| format!("Not said: {error}."))?;
        let words = Words::try_from(text).map_err(|error| format!("Not said: {error}."))?;
        self.record(room, words, id.unwrap_or_default()).map_err(|error| error.to_string())
    }

    fn record(&self, room: Room, words: Words, id: RecordId) -> Result<Draft, serde_json::Error> {
        let subject = Subject::ChatOperator { room: room.token(), who: Token::of(&self.operator) };
        let said = Said {
            say: words.into_string(),
            room: room.as_str().to_owned(),
            who: self.operator.clone(),
            door: Some("terminal".to_owned()),
        };
        let mut envelope = Envelope::new(id, Kind::ChatSaid.type_name(), "/rig/chat", now(), said);
        envelope.actor = Some(self.operator.as_str().into());
        envelope.trust = Trust::Operator;
        Draft::new(subject, &envelope)
    }

    fn health(&self) -> Health {
        let trouble = self.trouble.borrow().clone();
        Health { up: self.connection.is_up(), operator: self.operator.clone(), trouble }
    }
}

/// Whether the same words under the same id may be stored another time.
const fn is_for_later(error: &publish::Error) -> bool {
    match error {
        publish::Error::Unreachable(_) | publish::Error::Full | publish::Error::Stopped => true,
        publish::Error::TooLarge { .. } | publish::Error::Refused { .. } => false,
    }
}

fn to_bytes<T: serde::Serialize>(answer: &T) -> Vec<u8> {
    // These types hold strings, numbers and booleans: there is no value that cannot be written.
    serde_json::to_vec(answer).unwrap_or_default()
}
