//! Telling people of what gave no row.
//!
//! Never in the way of the rows: LOG may be full or away while rows are written. What is still to be told is seen from
//! the rows themselves: a record with a reason in `log`, and none in `dead` that is about it.

use std::{collections::HashSet, sync::Arc, time::Duration};

use bus::connect::Connection;
use bus::{
    Draft, Envelope, RecordId, Subject, Token, Trust,
    catalogue::{Kind, dead::Parked},
    envelope::now,
    publish::{self, Publisher},
    read::Position,
    stream::{self, Epoch},
};
use sqlx::PgConnection;
use tokio::sync::Notify;
use uuid::Uuid;

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

/// Tells of whatever is not told yet, at the beginning and whenever it is woken.
pub(super) async fn tell(store: Store, connection: Connection, publisher: Publisher, wake: Arc<Notify>) {
    let mut told = Place { epoch: 0, sequence: 0 };
    loop {
        wake.notified().await;
        while let Err(error) = tell_all(&store, &connection, &publisher, &mut told).await {
            tracing::debug!(%error, "what gave no row could not be told yet");
            tokio::time::sleep(PAUSE).await;
        }
    }
}

async fn tell_all(
    store: &Store,
    connection: &Connection,
    publisher: &Publisher,
    told: &mut Place,
) -> Result<(), Failed> {
    loop {
        let refused = next(&mut *store.acquire().await?, *told).await?;
        let Some(last) = refused.last().map(|record| record.place) else { return Ok(()) };
        let ids: Vec<_> = refused.iter().map(|record| record.parking().uuid()).collect();
        let known = known(&mut *store.acquire().await?, &ids).await?;
        let lineage = stream::log_state(&connection.jetstream()).await?.lineage;
        for record in refused.iter().filter(|record| !known.contains(&record.parking().uuid())) {
            let number = lineage.number_of(&record.position()).unwrap_or(number(record.place.sequence));
            publisher.publish(record.draft(number)?).await?;
            tracing::warn!(record = number, reason = record.reason, "a record gave no row; see `rig dead list`");
        }
        *told = last;
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
