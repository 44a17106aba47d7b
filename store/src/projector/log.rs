//! `log`: every record as it was.

use bus::Sequenced;
use bytes::Bytes;
use sqlx::{
    Encode, PgConnection, Postgres, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgHasArrayType, PgTypeInfo},
};
use uuid::Uuid;

use super::tables::Mode;
use crate::{
    headers,
    place::{Moment, Place},
    text::{clean, is_storable},
};

/// One row of `log`.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) place: Place,
    pub(crate) stored: Moment,
    pub(crate) id: Option<Uuid>,
    pub(crate) type_name: Option<String>,
    pub(crate) subject: String,
    pub(crate) headers: Option<String>,
    pub(crate) body: Body,
    pub(crate) refused: Option<String>,
}

/// A body, and which column takes it.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    /// What a text column takes as it is.
    Text(Utf8),
    /// Anything else.
    Bytes(Bytes),
}

/// Bytes that were found to be a text that PostgreSQL takes; written to it without a copy or a second look.
#[derive(Clone, Debug)]
pub(crate) struct Utf8(Bytes);

impl Row {
    /// The row of a record, before anything is known of what it says.
    pub(crate) fn new(place: Place, record: &Sequenced) -> Self {
        Self {
            place,
            stored: record.stored_at.into(),
            id: None,
            type_name: None,
            subject: clean(&record.subject).into_owned(),
            headers: headers::to_json(&record.headers),
            body: Body::new(record.body.clone()),
            refused: None,
        }
    }
}

impl Body {
    fn new(bytes: Bytes) -> Self {
        if is_storable(&bytes) { Self::Text(Utf8(bytes)) } else { Self::Bytes(bytes) }
    }

    const fn text(&self) -> Option<&Utf8> {
        match self {
            Self::Text(text) => Some(text),
            Self::Bytes(_) => None,
        }
    }

    fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Text(_) => None,
            Self::Bytes(bytes) => Some(bytes),
        }
    }
}

impl Type<Postgres> for Utf8 {
    fn type_info() -> PgTypeInfo {
        <str as Type<Postgres>>::type_info()
    }
}

impl PgHasArrayType for Utf8 {
    fn array_type_info() -> PgTypeInfo {
        <&str as PgHasArrayType>::array_type_info()
    }
}

impl Encode<'_, Postgres> for Utf8 {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buffer.extend_from_slice(&self.0);
        Ok(IsNull::No)
    }

    fn size_hint(&self) -> usize {
        self.0.len()
    }
}

/// Writes the rows, or those that are not there yet.
pub(crate) async fn insert(connection: &mut PgConnection, rows: &[&Row], mode: Mode) -> sqlx::Result<()> {
    let epochs: Vec<_> = rows.iter().map(|row| row.place.epoch).collect();
    let sequences: Vec<_> = rows.iter().map(|row| row.place.sequence).collect();
    let stored_at: Vec<_> = rows.iter().map(|row| row.stored.at).collect();
    let nanos: Vec<_> = rows.iter().map(|row| row.stored.nanos).collect();
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let types: Vec<_> = rows.iter().map(|row| row.type_name.as_deref()).collect();
    let subjects: Vec<_> = rows.iter().map(|row| row.subject.as_str()).collect();
    let headers: Vec<_> = rows.iter().map(|row| row.headers.as_deref()).collect();
    let bodies: Vec<_> = rows.iter().map(|row| row.body.text()).collect();
    let body_bytes: Vec<_> = rows.iter().map(|row| row.body.bytes()).collect();
    let refused: Vec<_> = rows.iter().map(|row| row.refused.as_deref()).collect();
    macro_rules! insert {
        ($conflict:literal) => {
            sqlx::query!(
                "INSERT INTO log
                    (epoch, sequence, stored_at, nanos, id, type, subject, headers, body, body_bytes, refused)
                SELECT * FROM UNNEST(
                    $1::smallint[], $2::bigint[], $3::timestamptz[], $4::smallint[], $5::uuid[], $6::text[],
                    $7::text[], $8::text[], $9::text[], $10::bytea[], $11::text[]) "
                    + $conflict,
                &epochs,
                &sequences,
                &stored_at,
                &nanos,
                &ids as _,
                &types as _,
                &subjects as _,
                &headers as _,
                &bodies as _,
                &body_bytes as _,
                &refused as _,
            )
        };
    }
    let insert = match mode {
        Mode::Fresh => insert!(""),
        Mode::Again => insert!("ON CONFLICT DO NOTHING"),
    };
    insert.execute(connection).await?;
    Ok(())
}
