//! Asking for records: one request stands at the server at any time.
//!
//! The client library's own pull streams ask about the consumer when they reconnect, which nobody outside the account
//! RIG may do. This asks for nothing but records.

use std::time::Duration;

use async_nats::{Message, StatusCode, Subscriber, jetstream};
use futures::{FutureExt, StreamExt};
use serde::Serialize;
use tokio::sync::watch;

use super::Error;
use crate::{
    connect::{Connection, Link},
    intake::Intake,
    stream::LOG,
};

/// How long one request stands at the server.
const EXPIRES: Duration = Duration::from_secs(30);

/// How often the server says that the request still stands. Missing two of them, it is made again.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// How long to wait before asking again when the server did not take the request.
const PAUSE: Duration = Duration::from_millis(200);

/// What a request for records says. Durations in nanoseconds.
#[derive(Serialize)]
struct Request {
    batch: usize,
    expires: u128,
    idle_heartbeat: u128,
}

pub(super) struct Pull {
    connection: Connection,
    consumer: String,
    subject: String,
    inbox: String,
    answers: Subscriber,
    link: watch::Receiver<Link>,
    ahead: usize,
    outstanding: usize,
}

impl Pull {
    pub(super) async fn open(connection: &Connection, consumer: &str, ahead: usize) -> Result<Self, Error> {
        let inbox = connection.client().new_inbox();
        let answers = connection
            .client()
            .subscribe(inbox.clone())
            .await
            .map_err(|source| Error { user: connection.user().to_owned(), source })?;
        Ok(Self {
            consumer: consumer.to_owned(),
            subject: format!("$JS.API.CONSUMER.MSG.NEXT.{LOG}.{consumer}"),
            inbox,
            answers,
            link: connection.link(),
            connection: connection.clone(),
            ahead: ahead.max(1),
            outstanding: 0,
        })
    }

    /// The next delivery; waits for it.
    pub(super) async fn next(&mut self) -> jetstream::Message {
        loop {
            if self.outstanding == 0 {
                self.ask().await;
            }
            self.notes(Intake::asks);
            let generation = self.link.borrow().generation;
            let answer = tokio::select! {
                answer = tokio::time::timeout(HEARTBEAT * 2, self.answers.next()) => answer.ok().flatten(),
                _ = self.link.wait_for(|link| link.up && link.generation != generation) => None,
            };
            match answer {
                Some(message) if message.status.is_none() => {
                    self.outstanding = self.outstanding.saturating_sub(1);
                    self.notes(Intake::takes);
                    return jetstream::Message { message, context: self.connection.jetstream() };
                }
                Some(message) => self.note(&message).await,
                None => self.outstanding = 0,
            }
        }
    }

    /// A status ends the request, but for the heartbeat.
    async fn note(&mut self, message: &Message) {
        match message.status {
            Some(StatusCode::IDLE_HEARTBEAT) => self.notes(Intake::hears),
            Some(StatusCode::TIMEOUT | StatusCode::NOT_FOUND) => {
                self.outstanding = 0;
                self.notes(Intake::hears);
            }
            _ => {
                self.outstanding = 0;
                let refusal = message.description.clone().unwrap_or_else(|| "nobody knows of the consumer".to_owned());
                self.notes(|intake| intake.is_refused(refusal));
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    fn notes(&self, what: impl FnOnce(&mut Intake)) {
        self.connection.note_intake(&self.consumer, what);
    }

    #[expect(clippy::disallowed_methods, reason = "a request: it is made again when its heartbeat stays away")]
    async fn ask(&mut self) {
        let request = Request { batch: self.ahead, expires: EXPIRES.as_nanos(), idle_heartbeat: HEARTBEAT.as_nanos() };
        // Durations and a count always have a JSON form.
        let body = serde_json::to_vec(&request).unwrap_or_default();
        let asked =
            self.connection.client().publish_with_reply(self.subject.clone(), self.inbox.clone(), body.into()).await;
        match asked {
            Ok(()) => self.outstanding = self.ahead,
            Err(error) => {
                tracing::debug!(%error, "records could not be asked for");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    /// Hands back what was delivered and not begun, so that another takes it at once.
    pub(super) async fn hand_back(mut self) {
        let _ = self.answers.unsubscribe().await;
        while let Some(Some(message)) = self.answers.next().now_or_never() {
            if message.status.is_none() {
                let message = jetstream::Message { message, context: self.connection.jetstream() };
                let _ = message.ack_with(jetstream::AckKind::Nak(None)).await;
            }
        }
        let _ = self.connection.client().flush().await;
    }
}

/// Who asks no more waits for no answer.
impl Drop for Pull {
    fn drop(&mut self) {
        self.notes(Intake::takes);
    }
}
