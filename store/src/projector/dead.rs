//! `dead`: what was given up, and when it was handed out again.

use bus::{Token, envelope::Sealed};
use serde::Deserialize;
use serde_json::value::RawValue;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    fold::{Unfit, claims},
    log,
};
use crate::{
    place::{Moment, Place, bigint},
    text::Text,
};

/// Moves when the same record makes another row: all rows are then made again.
pub(super) const VERSION: i32 = 1;

/// One fact about a row of `dead`.
#[derive(Clone, Debug)]
pub(crate) enum Fact {
    /// It was given up.
    Parked(Parked),
    /// It was handed out again.
    Retried(Retried),
}

#[derive(Clone, Debug)]
pub(crate) struct Parked {
    id: Uuid,
    place: Place,
    parked: Moment,
    consumer: String,
    about_sequence: i64,
    about_subject: String,
    about_id: Option<Uuid>,
    deliveries: i64,
    errors: String,
    say: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Retried {
    id: Uuid,
    place: Place,
    retried: Moment,
    as_sequence: i64,
}

/// `rig.dead.parked.v1`, as far as it is projected.
#[derive(Deserialize)]
struct ParkedData<'a> {
    #[serde(borrow)]
    say: Text<'a>,
    #[serde(borrow)]
    consumer: Text<'a>,
    sequence: u64,
    #[serde(borrow)]
    subject: Text<'a>,
    #[serde(default)]
    record: Option<Uuid>,
    deliveries: u64,
    #[serde(borrow)]
    errors: &'a RawValue,
}

/// `rig.dead.retried.v1`, as far as it is projected.
#[derive(Deserialize)]
struct RetriedData {
    dead: Uuid,
    sequence: u64,
}

/// That a record was given up.
pub(super) fn parked(log: &log::Row, consumer: &Token, envelope: &Sealed<'_>) -> Result<Fact, Unfit> {
    let data: ParkedData<'_> = envelope.open()?;
    claims("to be given up by", &data.consumer, consumer)?;
    Ok(Fact::Parked(Parked {
        id: envelope.id.uuid(),
        place: log.place,
        parked: log.stored,
        consumer: data.consumer.into_string(),
        about_sequence: bigint(data.sequence),
        about_subject: data.subject.into_string(),
        about_id: data.record,
        deliveries: bigint(data.deliveries),
        errors: data.errors.get().to_owned(),
        say: data.say.into_string(),
    }))
}

/// That a given-up record was handed out again.
pub(super) fn retried(log: &log::Row, envelope: &Sealed<'_>) -> Result<Fact, Unfit> {
    let data: RetriedData = envelope.open()?;
    Ok(Fact::Retried(Retried {
        id: data.dead,
        place: log.place,
        retried: log.stored,
        as_sequence: bigint(data.sequence),
    }))
}

/// Writes the facts. A retry counts only after the parking that it is about, so it does not matter which of them come
/// in one batch.
pub(super) async fn insert(connection: &mut PgConnection, facts: &[&Fact]) -> sqlx::Result<()> {
    let mut parked = Vec::new();
    let mut retried = Vec::new();
    for fact in facts {
        match fact {
            Fact::Parked(fact) => parked.push(fact),
            Fact::Retried(fact) => retried.push(fact),
        }
    }
    insert_parked(connection, &parked).await?;
    note_retried(connection, &retried).await
}

/// The first telling counts: a consumer that was cut off tells it again under the same id.
async fn insert_parked(connection: &mut PgConnection, rows: &[&Parked]) -> sqlx::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let epochs: Vec<_> = rows.iter().map(|row| row.place.epoch).collect();
    let sequences: Vec<_> = rows.iter().map(|row| row.place.sequence).collect();
    let parked_at: Vec<_> = rows.iter().map(|row| row.parked.at).collect();
    let consumers: Vec<_> = rows.iter().map(|row| row.consumer.as_str()).collect();
    let about_sequences: Vec<_> = rows.iter().map(|row| row.about_sequence).collect();
    let about_subjects: Vec<_> = rows.iter().map(|row| row.about_subject.as_str()).collect();
    let about_ids: Vec<_> = rows.iter().map(|row| row.about_id).collect();
    let deliveries: Vec<_> = rows.iter().map(|row| row.deliveries).collect();
    let errors: Vec<_> = rows.iter().map(|row| row.errors.as_str()).collect();
    let says: Vec<_> = rows.iter().map(|row| row.say.as_str()).collect();
    sqlx::query!(
        "INSERT INTO dead
            (id, epoch, sequence, parked_at, consumer, about_sequence, about_subject, about_id, deliveries, errors, say)
        SELECT DISTINCT ON (id) * FROM UNNEST(
            $1::uuid[], $2::smallint[], $3::bigint[], $4::timestamptz[], $5::text[], $6::bigint[],
            $7::text[], $8::uuid[], $9::bigint[], $10::text[], $11::text[])
            AS parked (id, epoch, sequence)
        ORDER BY id, epoch, sequence
        ON CONFLICT DO NOTHING",
        &ids,
        &epochs,
        &sequences,
        &parked_at,
        &consumers as _,
        &about_sequences,
        &about_subjects as _,
        &about_ids as _,
        &deliveries,
        &errors as _,
        &says as _,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The last retry counts, and reading it again changes nothing.
async fn note_retried(connection: &mut PgConnection, rows: &[&Retried]) -> sqlx::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let epochs: Vec<_> = rows.iter().map(|row| row.place.epoch).collect();
    let sequences: Vec<_> = rows.iter().map(|row| row.place.sequence).collect();
    let retried_at: Vec<_> = rows.iter().map(|row| row.retried.at).collect();
    let as_sequences: Vec<_> = rows.iter().map(|row| row.as_sequence).collect();
    sqlx::query!(
        "UPDATE dead SET
            retried_epoch = retry.epoch, retried_sequence = retry.sequence,
            retried_at = retry.at, retried_as = retry.as_sequence
        FROM (
            SELECT DISTINCT ON (id) * FROM UNNEST(
                $1::uuid[], $2::smallint[], $3::bigint[], $4::timestamptz[], $5::bigint[])
                AS retry (id, epoch, sequence, at, as_sequence)
            ORDER BY id, epoch DESC, sequence DESC
        ) AS retry
        WHERE dead.id = retry.id
            AND (dead.epoch, dead.sequence) < (retry.epoch, retry.sequence)
            AND (dead.retried_sequence IS NULL
                OR (dead.retried_epoch, dead.retried_sequence) < (retry.epoch, retry.sequence))",
        &ids,
        &epochs,
        &sequences,
        &retried_at,
        &as_sequences,
    )
    .execute(connection)
    .await?;
    Ok(())
}
