//! Records, read from their rows.

use bus::Sequenced;
use bytes::Bytes;
use futures::{Stream, TryStreamExt};
use sqlx::PgConnection;

use crate::{
    Error, headers,
    place::{Moment, Place, number},
};

/// A record as its row in `log` has it. Its number is the one under which it was first stored.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) place: Place,
    pub(crate) record: Sequenced,
    pub(crate) refused: Option<String>,
}

struct Row {
    epoch: i16,
    sequence: i64,
    stored_at: time::OffsetDateTime,
    nanos: i16,
    subject: String,
    headers: Option<String>,
    body: Option<String>,
    body_bytes: Option<Vec<u8>>,
    refused: Option<String>,
}

/// All records after a place, in order, as fast as they are taken.
pub(crate) fn after(
    connection: &mut PgConnection,
    place: Place,
) -> impl Stream<Item = Result<Stored, Error>> + Send + '_ {
    sqlx::query_as!(
        Row,
        "SELECT epoch, sequence, stored_at, nanos, subject, headers, body, body_bytes, refused
        FROM log WHERE (epoch, sequence) > ($1, $2) ORDER BY epoch, sequence",
        place.epoch,
        place.sequence,
    )
    .fetch(connection)
    .map_ok(Stored::from)
    .map_err(Error::from)
}

impl From<Row> for Stored {
    fn from(row: Row) -> Self {
        let body = match (row.body, row.body_bytes) {
            (Some(text), _) => Bytes::from(text),
            (None, bytes) => Bytes::from(bytes.unwrap_or_default()),
        };
        let moment = Moment { at: row.stored_at, nanos: row.nanos };
        Self {
            place: Place { epoch: row.epoch, sequence: row.sequence },
            record: Sequenced {
                sequence: number(row.sequence),
                subject: row.subject,
                headers: headers::from_json(row.headers.as_deref()),
                body,
                stored_at: moment.into(),
            },
            refused: row.refused,
        }
    }
}
