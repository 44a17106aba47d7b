//! Services: questions that are answered at once, and in no stream.
//!
//! A question that is not answered is asked again; so an answer is only sent, never confirmed. Who asks is said by the
//! server where asker and service are on different sides of the wall ([`Question::asker`]).

pub mod run;
pub mod why;

use std::time::Duration;

use async_nats::{Client, HeaderMap, Message, RequestError, RequestErrorKind, Subscriber};
use bytes::Bytes;
use futures::StreamExt;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{connect::Connection, subject::Subject, token::Token};

/// In which header the server names the asker. It replaces whatever the asker wrote there.
const ASKER: &str = "Nats-Request-Info";

/// How long the server has to take a subscription.
const TAKEN_WITHIN: Duration = Duration::from_secs(10);

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody serves this: the server says so at once.
    #[error("nobody answers on {0}")]
    Nobody(String),
    /// Nobody answered in time.
    #[error("no answer on {subject} within {within:?}")]
    Late {
        /// Where it was asked.
        subject: String,
        /// How long was waited.
        within: Duration,
    },
    /// The channel is away, or does not let this user ask here.
    #[error("the question on {subject} could not be asked: {reason}")]
    Unasked {
        /// Where it was to be asked.
        subject: String,
        /// The client's words.
        reason: String,
    },
    /// The service does not answer this question.
    #[error("{0}")]
    Refused(String),
    /// What was answered is no answer to this question.
    #[error("the answer on {subject} cannot be read")]
    Unreadable {
        /// Where it was asked.
        subject: String,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
}

/// The subject `rig.svc.<service>.<verb>`.
#[must_use]
pub fn subject(service: &str, verb: &str) -> Subject {
    Subject::Svc { service: Token::of(service), verb: Token::of(verb) }
}

/// An answer as it is sent.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Sent<T> {
    Refused { error: String },
    Answered(T),
}

/// Asks, and waits for the answer. Where the connection breaks meanwhile, the next one is asked: whoever serves answers a
/// question that comes twice.
///
/// # Errors
/// When nobody answers in time, the service refuses, or the answer is none.
pub async fn ask<Q, A>(connection: &Connection, subject: &Subject, question: &Q, within: Duration) -> Result<A, Error>
where
    Q: Serialize + Sync,
    A: DeserializeOwned,
{
    let subject = subject.to_string();
    let body = serde_json::to_vec(question)
        .map_err(|error| Error::Unasked { subject: subject.clone(), reason: error.to_string() })?;
    let asked = tokio::time::timeout(within, request(connection, &subject, body.into()));
    let message = match asked.await {
        Ok(Ok(message)) => message,
        Ok(Err(error)) => {
            return Err(match error.kind() {
                RequestErrorKind::NoResponders => Error::Nobody(subject),
                RequestErrorKind::TimedOut => Error::Late { subject, within },
                _ => Error::Unasked { subject, reason: error.to_string() },
            });
        }
        Err(_) => return Err(Error::Late { subject, within }),
    };
    match serde_json::from_slice(&message.payload) {
        Ok(Sent::Answered(answer)) => Ok(answer),
        Ok(Sent::Refused { error }) => Err(Error::Refused(error)),
        Err(source) => Err(Error::Unreadable { subject, source }),
    }
}

async fn request(connection: &Connection, subject: &str, body: Bytes) -> Result<Message, RequestError> {
    let mut link = connection.link();
    loop {
        let generation = link.borrow().generation;
        tokio::select! {
            answer = connection.client().request(subject.to_owned(), body.clone()) => return answer,
            _ = link.wait_for(|link| link.up && link.generation != generation) => {}
        }
    }
}

/// What is asked of a service. Dropped, it is no longer served.
pub struct Questions {
    connection: Connection,
    asked: Subscriber,
}

/// A question, waiting for its answer.
pub struct Question {
    connection: Connection,
    message: Message,
}

/// Begins to serve `rig.svc.<service>.*`, or one verb of it. Returns once the server knows: who asks from then on is not
/// told that nobody answers. Only for the channel's own side, who may write to their own inbox.
///
/// # Errors
/// When the subscription cannot be made, or the server does not say in time that it took it.
pub async fn serve(connection: &Connection, service: &str, verb: Option<&str>) -> Result<Questions, Error> {
    let subject = match verb {
        Some(verb) => subject(service, verb).to_string(),
        None => format!("rig.svc.{}.*", Token::of(service)),
    };
    let unasked = |reason: String| Error::Unasked { subject: subject.clone(), reason };
    let asked = connection.client().subscribe(subject.clone()).await.map_err(|error| unasked(error.to_string()))?;
    match tokio::time::timeout(TAKEN_WITHIN, round_trip(connection.client())).await {
        Ok(Ok(())) => Ok(Questions { connection: connection.clone(), asked }),
        Ok(Err(error)) => Err(unasked(error.to_string())),
        Err(_) => Err(unasked(format!("the server did not take the subscription within {TAKEN_WITHIN:?}"))),
    }
}

/// Waits until the server has taken all that was sent to it: it answers in order. A flush of the client only writes to
/// the socket.
#[expect(clippy::disallowed_methods, reason = "nothing is said by it: only the order counts")]
async fn round_trip(client: &Client) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let inbox = client.new_inbox();
    let mut echo = client.subscribe(inbox.clone()).await?;
    client.publish(inbox, Bytes::new()).await?;
    echo.next().await.map(drop).ok_or_else(|| "the connection was closed".into())
}

impl Questions {
    /// The next question; nothing once the connection is closed for good. May be dropped while it waits.
    pub async fn next(&mut self) -> Option<Question> {
        let message = self.asked.next().await?;
        Some(Question { connection: self.connection.clone(), message })
    }
}

#[derive(Deserialize)]
struct Asker {
    user: String,
}

impl Question {
    /// Which of the service's questions it is; nothing where the subject is none of ours.
    #[must_use]
    pub fn verb(&self) -> Option<String> {
        match self.message.subject.parse() {
            Ok(Subject::Svc { verb, .. }) => verb.text(),
            _ => None,
        }
    }

    /// Who asks, as the server says; nothing where the asker is on the service's own side of the wall.
    #[must_use]
    pub fn asker(&self) -> Option<String> {
        self.message.headers.as_ref().and_then(asker)
    }

    /// What is asked.
    ///
    /// # Errors
    /// When it is not of that type.
    pub fn open<Q: DeserializeOwned>(&self) -> Result<Q, serde_json::Error> {
        let body: &Bytes = &self.message.payload;
        serde_json::from_slice(if body.is_empty() { b"null" } else { body })
    }

    /// Answers.
    pub async fn answer<A: Serialize>(self, answer: A) {
        self.send(&Sent::Answered(answer)).await;
    }

    /// Answers that this cannot be answered, and why.
    pub async fn refuse(self, error: impl ToString) {
        self.send(&Sent::<()>::Refused { error: error.to_string() }).await;
    }

    #[expect(clippy::disallowed_methods, reason = "an answer: whoever asked asks again if it is lost")]
    async fn send<A: Serialize>(self, answer: &Sent<A>) {
        let Some(reply) = self.message.reply else { return };
        match serde_json::to_vec(answer) {
            Ok(body) => drop(self.connection.client().publish(reply, body.into()).await),
            Err(error) => tracing::error!(%error, "an answer cannot be written as JSON"),
        }
    }
}

/// The one that the server wrote: it writes the last of this name, and the only one.
fn asker(headers: &HeaderMap) -> Option<String> {
    let mut named = headers.get_all(ASKER);
    let asker: Asker = serde_json::from_str(named.next()?.as_str()).ok()?;
    named.next().is_none().then_some(asker.user)
}
