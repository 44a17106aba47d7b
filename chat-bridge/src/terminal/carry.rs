//! What the conductor says in a room: taken, and answered with its outcome.
//!
//! A terminal reads LOG, so that the words are in their room as soon as they are stored, and stand there once however
//! often they are delivered. What is left to the door is to say so, or that no such room can be.

use bus::{
    Draft, Envelope, Sequenced, Subject, Token,
    catalogue::{
        cmd::{self, Verb},
        outcome::{End, Left, Outcome, Refusal},
    },
    connect::Connection,
    consume::{self, Verdict},
    envelope::{Sealed, now},
    publish::Publisher,
};
use futures::FutureExt as _;
use tokio_util::sync::CancellationToken;

use crate::room::Room;

/// The durable consumer of this door.
const CONSUMER: &str = "door-chat";

/// How many are taken at once: there is nothing to do for one but to say that it is there.
const AHEAD: usize = 16;

pub(super) async fn run(
    connection: &Connection,
    publisher: Publisher,
    cancel: &CancellationToken,
) -> Result<(), consume::Error> {
    let options = consume::Options { ahead: AHEAD, ..consume::Options::default() };
    let dead = publisher.clone();
    // It owns what it works on, so that the loop may move between threads.
    let handler = move |record: &Sequenced, _: u64| {
        let (publisher, record) = (publisher.clone(), record.clone());
        async move { carry(&publisher, &record).await }.boxed()
    };
    consume::run(connection, CONSUMER, &options, Some(&dead), handler, cancel).await
}

async fn carry(publisher: &Publisher, record: &Sequenced) -> Verdict {
    let draft = match outcome(record) {
        Ok(draft) => draft,
        Err(why) => return Verdict::Poison(why),
    };
    match publisher.publish(draft).await {
        Ok(_) => Verdict::Done,
        Err(error) => Verdict::Retry(error.to_string()),
    }
}

fn outcome(record: &Sequenced) -> Result<Draft, String> {
    let (subject, envelope) = record.decode().map_err(|refusal| refusal.to_string())?;
    let Subject::CmdChat { room, .. } = &subject else {
        return Err(format!("{subject} is no order for the chat door"));
    };
    envelope.open::<cmd::Say>().map_err(|error| format!("its data is not {{say, push?}}: {error}"))?;
    told(&envelope, ended(room)).map_err(|error| format!("the outcome cannot be written: {error}"))
}

/// How it ends: a sentence, and what the conductor takes from it.
fn ended(room: &Token) -> (String, End) {
    match Room::of_token(room) {
        Some(room) => (format!("said in {room}"), End::Done { left: Left::Nothing }),
        None => {
            let answer = format!("`{room}` is no room");
            (format!("not said: {answer}"), End::Refused { why: Refusal::Invalid, answer })
        }
    }
}

fn told(command: &Sealed<'_>, (say, end): (String, End)) -> Result<Draft, serde_json::Error> {
    let outcome = Outcome { say, command: command.id, end };
    let id = command.id.outcome();
    let mut envelope = Envelope::new(id, Verb::Say.outcome_type_name(), "/rig/chat", now(), outcome);
    envelope.cause = Some(command.id);
    Draft::new(Subject::Outcome { door: Token::of("chat"), verb: Token::of(Verb::Say.name()) }, &envelope)
}
