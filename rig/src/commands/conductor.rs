//! Asking the conductor.

use std::time::Duration;

use bus::{Subject, ask::Which, connect::Connection, service};
use serde::{Serialize, de::DeserializeOwned};

use crate::exit::{Failure, sentence};

/// How long an answer from memory may take.
pub(super) const SOON: Duration = Duration::from_secs(5);

/// Asks the conductor that leads.
pub(super) async fn ask<Q, A>(
    connection: &Connection,
    subject: &Subject,
    question: &Q,
    within: Duration,
) -> Result<A, Failure>
where
    Q: Serialize + Sync,
    A: DeserializeOwned,
{
    service::ask(connection, subject, question, within).await.map_err(|error| match error {
        service::Error::Refused(why) => Failure::refused(why),
        service::Error::Nobody(_) => Failure::unreachable("no conductor answers").advice(
            "One runs where rig.toml names a repository and the three Apps; after a crash the next needs some seconds.\n\
             `rig status` says how it is.",
        ),
        error @ (service::Error::Late { .. } | service::Error::Unasked { .. }) => {
            Failure::unreachable(sentence(&error)).advice("Ask again; `rig status` says how the rig is.")
        }
        error @ service::Error::Unreadable { .. } => Failure::failed(sentence(&error)),
    })
}

/// An item as people name it.
pub(super) fn item(text: &str) -> Result<Which, String> {
    Which::named(text).ok_or_else(|| "an item is named 3, #3, !5 or acme/hello.site#3".to_owned())
}
