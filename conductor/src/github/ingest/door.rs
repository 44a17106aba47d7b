//! The way of one delivery: its signature, then its record, then its answer.

use std::{fmt, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing,
};
use bus::{
    Draft, RecordId,
    envelope::now,
    publish::{Error, Publisher, Stored},
};
use serde::Serialize;
use tokio::time::Instant;

use super::{
    PATH,
    counts::Counter,
    health::Health,
    intake::{Intake, Taken},
    outage::Outages,
    refusals::Refusals,
    room::Room,
};
use crate::github::{
    Refused, inbound,
    signature::{self, Secrets},
};

/// Everything a delivery meets on its way.
pub(super) struct Door {
    pub(super) secrets: Secrets,
    pub(super) intake: Intake,
    pub(super) publisher: Publisher,
    pub(super) room: Room,
    pub(super) outages: Arc<Outages>,
    pub(super) refusals: Refusals,
    pub(super) counter: Counter,
    pub(super) health: Health,
    pub(super) wait: Duration,
}

/// What a delivery is told that was stored.
#[derive(Debug, Serialize)]
struct Accepted {
    id: RecordId,
    sequence: u64,
    duplicate: bool,
}

/// The door's address, and friendly words at every other.
pub(super) fn router(door: Arc<Door>) -> Router {
    let deliveries = routing::post(receive).fallback(not_a_post);
    Router::new().route(PATH, deliveries).fallback(elsewhere).with_state(door)
}

async fn receive(State(door): State<Arc<Door>>, request: Request) -> Response {
    match door.take(request).await {
        Ok(accepted) => {
            door.counter.taken(accepted.duplicate);
            (StatusCode::ACCEPTED, Json(accepted)).into_response()
        }
        Err(refused) => {
            door.note(&refused);
            refused.into_response()
        }
    }
}

async fn not_a_post() -> Response {
    let refused = Refused::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "this is the Rig's address for GitHub's webhooks, and it takes POST only",
        "you have found it; now set it as the payload URL in the webhook's settings at GitHub",
    );
    let mut response = refused.into_response();
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
    response
}

async fn elsewhere() -> Refused {
    Refused::new(StatusCode::NOT_FOUND, "there is nothing here", "GitHub's webhooks are posted to /webhooks/github")
}

impl Door {
    async fn take(&self, request: Request) -> Result<Accepted, Refused> {
        let begin = Instant::now();
        let (head, body) = request.into_parts();
        if let Err(refused) = signature::claimed(&head.headers) {
            self.intake.discard(body.into_data_stream()).await;
            return Err(refused);
        }
        let Taken { bytes, share } = self.intake.read(&head.headers, body).await?;
        let verified = self.secrets.verify(&head.headers, bytes)?;
        let draft = inbound::draft(&head.headers, verified.bytes(), now())?;
        drop(verified);
        let id = draft.id;
        let stored = self.store(draft, begin + self.wait).await?;
        drop(share);
        self.outages.stored(now);
        Ok(Accepted { id, sequence: stored.sequence, duplicate: stored.duplicate })
    }

    async fn store(&self, draft: Draft, deadline: Instant) -> Result<Stored, Refused> {
        if let Some(percent) = self.room.exhausted() {
            return Err(full(format!("LOG is {percent} % full, and the rest is kept for those who work it off")));
        }
        let begin = Instant::now();
        let published = tokio::time::timeout_at(deadline, self.publisher.publish(draft)).await;
        self.health.took(begin.elapsed());
        published.unwrap_or(Err(Error::Unreachable(self.wait))).map_err(unstored)
    }

    /// Whether a record could be stored now, as far as can be told without storing one.
    pub(super) fn can_store(&self) -> bool {
        self.health.connection().is_up() && self.room.exhausted().is_none()
    }

    /// What was refused for now is an outage; what was refused for good is the sender's affair.
    fn note(&self, refused: &Refused) {
        self.counter.refused(refused);
        if refused.retry_after.is_some() {
            self.outages.refused(now(), &refused.to_string());
        } else {
            self.refusals.tell(refused);
        }
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door").field("health", &self.health).finish_non_exhaustive()
    }
}

/// In words for who reads GitHub's list of deliveries; nothing of ours is in them.
fn unstored(error: Error) -> Refused {
    match error {
        Error::Unreachable(_) | Error::Stopped => Refused::for_now(
            "the channel did not confirm the record in time; it may have been stored all the same",
            "have GitHub redeliver it; one that was stored is recognised",
            10,
        ),
        Error::Full => full("LOG is full".to_owned()),
        Error::TooLarge { size, most } => Refused::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("the record has {size} bytes and the channel takes {most}"),
            "raise max_payload of the NATS server to 32 MB",
        ),
        Error::Refused { reason, .. } => {
            tracing::error!(reason, "the server refuses what ingest publishes");
            Refused::for_now(
                "the channel refused the record",
                "the operator finds the reason in the log of `rig up`",
                60,
            )
        }
    }
}

fn full(error: String) -> Refused {
    Refused::for_now(
        error,
        "the operator raises max_bytes of LOG and runs `rig bus apply`; then have GitHub redeliver it",
        60,
    )
}
