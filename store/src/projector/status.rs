//! `rig.svc.status.log`: how LOG and its rows stand, for whoever may ask.

use bus::{
    connect::Connection,
    stream::{self, LogState},
};
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tokio::sync::watch;

use super::progress::Progress;

/// Where it is asked.
pub const SUBJECT: &str = "rig.svc.status.log";

/// Of several projectors one answers.
const QUEUE: &str = "projector";

/// How LOG and its rows stand.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Status {
    /// LOG's life.
    pub epoch: String,
    /// The first number that LOG holds.
    pub first: u64,
    /// The last number that it gave.
    pub last: u64,
    /// Bytes that it holds.
    pub bytes: u64,
    /// Bytes that it may hold.
    pub max_bytes: u64,
    /// The last number of which there are rows; nothing before the projector knows.
    pub projected_through: Option<u64>,
    /// When these were committed.
    #[serde(with = "time::serde::rfc3339::option")]
    pub projected_at: Option<OffsetDateTime>,
    /// Why no rows are written now; nothing while they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits: Option<String>,
}

/// What is answered when LOG cannot be looked at.
#[derive(Serialize)]
struct Failed {
    error: String,
}

impl Status {
    fn new(state: LogState, progress: &Progress) -> Self {
        let through = progress.through.as_ref().filter(|through| through.epoch == state.epoch);
        Self {
            epoch: state.epoch.to_string(),
            first: state.first,
            last: state.last,
            bytes: state.bytes,
            max_bytes: state.max_bytes,
            projected_through: through.map(|through| through.sequence),
            projected_at: progress.at,
            waits: progress.waits.clone(),
        }
    }
}

/// Answers until it is dropped.
pub(super) async fn serve(connection: Connection, progress: watch::Receiver<Progress>) {
    loop {
        match connection.client().queue_subscribe(SUBJECT, QUEUE.to_owned()).await {
            Ok(mut requests) => {
                while let Some(request) = requests.next().await {
                    if let Some(reply) = request.reply {
                        answer(&connection, reply, &progress).await;
                    }
                }
            }
            Err(error) => tracing::error!(%error, "cannot answer on {SUBJECT}"),
        }
        tokio::time::sleep(super::PAUSE).await;
    }
}

#[expect(clippy::disallowed_methods, reason = "an answer: whoever asked asks again if it is lost")]
async fn answer(connection: &Connection, reply: async_nats::Subject, progress: &watch::Receiver<Progress>) {
    let body = match stream::log_state(&connection.jetstream()).await {
        Ok(state) => serde_json::to_vec(&Status::new(state, &progress.borrow())),
        Err(error) => serde_json::to_vec(&Failed { error: error.to_string() }),
    };
    match body {
        Ok(body) => drop(connection.client().publish(reply, body.into()).await),
        Err(error) => tracing::error!(%error, "the status cannot be written as JSON"),
    }
}
