//! The terminal's side: asking the door.

use std::time::Duration;

use async_nats::{Request, RequestErrorKind};
use bus::connect::Connection;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    HEALTH, SAY,
    wire::{Answer, Health, Say, Stored},
};

/// Why words are not known to be stored.
#[derive(Debug, thiserror::Error)]
pub enum Unsaid {
    /// They never will be: the door refused them.
    #[error("{0}")]
    Refused(String),
    /// They may be later, and may be already: ask again under the same id.
    #[error("not stored yet: {0}")]
    Later(String),
}

/// Has the door say something; returns when it is a record.
///
/// # Errors
/// [`Unsaid::Later`] is to be asked again, with the same id; [`Unsaid::Refused`] is not.
pub async fn say(connection: &Connection, say: &Say, patience: Duration) -> Result<Stored, Unsaid> {
    match ask(connection, SAY, say, patience).await? {
        Answer::Stored(stored) => Ok(stored),
        Answer::Not { error, later: false } => Err(Unsaid::Refused(error)),
        Answer::Not { error, later: true } => Err(Unsaid::Later(error)),
    }
}

/// Asks the door how it is.
///
/// # Errors
/// When no door answers within `patience`.
pub async fn health(connection: &Connection, patience: Duration) -> Result<Health, Unsaid> {
    ask(connection, HEALTH, &(), patience).await
}

async fn ask<T, V>(connection: &Connection, subject: &'static str, request: &T, patience: Duration) -> Result<V, Unsaid>
where
    T: Serialize + Sync,
    V: DeserializeOwned,
{
    let payload = serde_json::to_vec(request).map_err(|error| Unsaid::Refused(error.to_string()))?;
    let request = Request::new().payload(payload.into()).timeout(Some(patience));
    let answer = connection.client().send_request(subject, request).await.map_err(|error| {
        Unsaid::Later(match error.kind() {
            RequestErrorKind::NoResponders => "no chat door is open".to_owned(),
            RequestErrorKind::TimedOut => format!("no answer within {patience:?}"),
            _ => error.to_string(),
        })
    })?;
    serde_json::from_slice(&answer.payload)
        .map_err(|error| Unsaid::Later(format!("the chat door's answer cannot be read: {error}")))
}
