//! Telling people of what gave no row.
//!
//! Never in the way of the rows: LOG may be full or away while rows are written. What is still to be told is seen from
//! the rows themselves: a record with a reason in `log`, and none in `dead` that is about it. That can be seen only
//! when rows reach as far as LOG does: before, what was told long ago may just not have its row yet.

use std::{collections::HashSet, sync::Arc, time::Duration};

use bus::{
    Draft, Envelope, RecordId, Subject, Token, Trust,
    catalogue::{Kind, dead::Parked},
    connect::Connection,
    envelope::now,
    publish::{self, Publisher},
    read::Position,
    stream::{self, Epoch},
};
use sqlx::PgConnection;
use tokio::sync::{Notify, watch};
use uuid::Uuid;

use super::progress::Progress;
use crate::{
    Error, Store,
    place::{Place, number},
};

/// How consumers' dead letters name the projector.
pub const CONSUMER: &str = "projector";

/// How many are looked at together.
const AT_ONCE: i64 = 256;

/// How long to wait before telling is tried again.
const PAUSE: Duration = Duration::from_secs(1);

/// A record that gave no row.
struct Refused {
    place: Place,
    epoch: Epoch,
    id: Option<Uuid>,
    subject: String,
    reason: String,
}

#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error(transparent)]
    Store(#[from] Error),
    #[error(transparent)]
    Publish(#[from] publish::Error),
    #[error(transparent)]
    Stream(#[from] stream::Error),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// Tells of what is not told yet.
pub(super) struct Teller {
    pub(super) store: Store,
    pub(super) connection: Connection,
    pub(super) publisher: Publisher,
    /// How far the rows are.
    pub(super) progress: watch::Receiver<Progress>,
    /// Woken when there may be something to tell.
    pub(super) wake: Arc<Notify>,
}

impl Teller {
    /// Tells until it is dropped.
    pub(super) async fn run(mut self) {
        let mut told = Place { epoch: 0, sequence: 0 };
        loop {
            self.wake.notified().await;
            while let Err(error) = self.tell(&mut told).await {
                tracing::debug!(%error, "what gave no row could not be told yet");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    async fn tell(&mut self, told: &mut Place) -> Result<(), Failed> {
        let state = stream::log_state(&self.connection.jetstream()).await?;
        let caught_up = |progress: &Progress| {
            let through = progress.through.as_ref();
            through.is_some_and(|through| through.epoch != state.epoch || through.sequence >= state.last)
        };
        if self.progress.wait_for(caught_up).await.is_err() {
            return Ok(());
        }
        loop {
            let refused = next(&mut *self.store.acquire().await?, *told).await?;
            let Some(last) = refused.last().map(|record| record.place) else { return Ok(()) };
            let ids: Vec<_> = refused.iter().map(|record| record.parking().uuid()).collect();
            let known = known(&mut *self.store.acquire().await?, &ids).await?;
            for record in refused.iter().filter(|record| !known.contains(&record.parking().uuid())) {
                let place = number(record.place.sequence);
                let number = state.lineage.number_of(&record.position()).unwrap_or(place);
                self.publisher.publish(record.draft(number)?).await?;
                tracing::warn!(record = number, reason = record.reason, "a record gave no row; see `rig dead list`");
            }
            *told = last;
        }
    }
}

/// The next ones. The projector's own dead letters are left out: a dead letter about a dead letter would have no end.
async fn next(connection: &mut PgConnection, after: Place) -> Result<Vec<Refused>, Error> {
    let rows = sqlx::query!(
        r#"SELECT log.epoch, log.sequence, epoch.id AS epoch_id, log.id, log.subject, log.refused AS "refused!"
        FROM log JOIN epoch ON epoch.ordinal = log.epoch
        WHERE log.refused IS NOT NULL AND (log.epoch, log.sequence) > ($1, $2)
            AND log.subject <> 'rig.evt.dead.projector'
        ORDER BY log.epoch, log.sequence LIMIT $3"#,
        after.epoch,
        after.sequence,
        AT_ONCE,
    )
    .fetch_all(connection)
    .await?;
    let refused = rows.into_iter().map(|row| Refused {
        place: Place { epoch: row.epoch, sequence: row.sequence },
        epoch: Epoch::from(row.epoch_id),
        id: row.id,
        subject: row.subject,
        reason: row.refused,
    });
    Ok(refused.collect())
}

async fn known(connection: &mut PgConnection, ids: &[Uuid]) -> Result<HashSet<Uuid>, Error> {
    let known = sqlx::query_scalar!("SELECT id FROM dead WHERE id = ANY($1)", ids).fetch_all(connection).await?;
    Ok(known.into_iter().collect())
}

impl Refused {
    fn position(&self) -> Position {
        Position { epoch: self.epoch.clone(), sequence: number(self.place.sequence) }
    }

    /// The id of the record that tells of it: the same whenever it is told.
    fn parking(&self) -> RecordId {
        let epoch = RecordId::from(Uuid::new_v5(&Uuid::NAMESPACE_OID, self.epoch.as_str().as_bytes()));
        epoch.named(&format!("{CONSUMER} {}", self.place.sequence))
    }

    fn draft(&self, number: u64) -> Result<Draft, serde_json::Error> {
        let data = Parked {
            say: format!("Record {number} gave no row: {}", self.reason),
            consumer: CONSUMER.to_owned(),
            sequence: number,
            subject: self.subject.clone(),
            record: self.id.map(RecordId::from),
            deliveries: 1,
            errors: vec![self.reason.clone()],
        };
        let type_name = Kind::DeadParked.type_name();
        let mut envelope = Envelope::new(self.parking(), type_name, "/rig/projector", now(), data);
        envelope.trust = Trust::Operator;
        envelope.cause = self.id.map(RecordId::from);
        Draft::new(Subject::Dead { consumer: Token::of(CONSUMER) }, &envelope)
    }
}
