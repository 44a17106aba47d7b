//! What was given up, and what became of it.

use bus::RecordId;
use bytes::Bytes;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    Error, Store,
    place::{bigint, number},
};

/// One record that a consumer gave up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dead {
    /// The id of the record that says so.
    pub id: RecordId,
    /// Its number.
    pub sequence: u64,
    /// When it was stored.
    pub parked_at: OffsetDateTime,
    /// Who gave up.
    pub consumer: String,
    /// The number of what was given up.
    pub about_sequence: u64,
    /// The subject of what was given up.
    pub about_subject: String,
    /// The id of what was given up, where it has one.
    pub about_id: Option<RecordId>,
    /// How often it was tried.
    pub deliveries: u64,
    /// What went wrong, oldest first.
    pub errors: Vec<String>,
    /// The sentence people are shown.
    pub say: String,
    /// The last time it was handed out again.
    pub retried: Option<Retried>,
}

/// That it was handed out again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Retried {
    /// When.
    pub at: OffsetDateTime,
    /// Under which number.
    pub sequence: u64,
}

/// Which ones are asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which {
    /// Those that nobody handed out again.
    Waiting,
    /// All.
    All,
}

struct Row {
    id: Uuid,
    sequence: i64,
    parked_at: OffsetDateTime,
    consumer: String,
    about_sequence: i64,
    about_subject: String,
    about_id: Option<Uuid>,
    deliveries: i64,
    errors: String,
    say: String,
    retried_at: Option<OffsetDateTime>,
    retried_as: Option<i64>,
}

/// The newest of them, newest first; at most so many.
///
/// # Errors
/// When PostgreSQL is away or refuses.
pub async fn list(store: &Store, which: Which, most: u32) -> Result<Vec<Dead>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, sequence, parked_at, consumer, about_sequence, about_subject, about_id, deliveries, errors, say,
            retried_at, retried_as
        FROM dead WHERE $1 OR retried_at IS NULL ORDER BY epoch DESC, sequence DESC LIMIT $2",
        which == Which::All,
        i64::from(most),
    )
    .fetch_all(&mut *store.acquire().await?)
    .await?;
    Ok(rows.into_iter().map(Dead::from).collect())
}

/// How many wait for a person.
///
/// # Errors
/// When PostgreSQL is away or refuses.
pub async fn waiting(store: &Store) -> Result<u64, Error> {
    let count = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM dead WHERE retried_at IS NULL"#)
        .fetch_one(&mut *store.acquire().await?)
        .await?;
    Ok(number(count))
}

/// The newest one with this number.
///
/// # Errors
/// When PostgreSQL is away or refuses.
pub async fn find(store: &Store, sequence: u64) -> Result<Option<Dead>, Error> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, sequence, parked_at, consumer, about_sequence, about_subject, about_id, deliveries, errors, say,
            retried_at, retried_as
        FROM dead WHERE sequence = $1 ORDER BY epoch DESC LIMIT 1",
        bigint(sequence),
    )
    .fetch_optional(&mut *store.acquire().await?)
    .await?;
    Ok(row.map(Dead::from))
}

/// The body of what was given up, as it was published; nothing where its row is not there.
///
/// # Errors
/// When PostgreSQL is away or refuses.
pub async fn body(store: &Store, dead: &Dead) -> Result<Option<Bytes>, Error> {
    let row = sqlx::query!(
        "SELECT body, body_bytes FROM log
        WHERE sequence = $1 AND subject = $2 AND id IS NOT DISTINCT FROM $3 ORDER BY epoch DESC LIMIT 1",
        bigint(dead.about_sequence),
        dead.about_subject,
        dead.about_id.map(RecordId::uuid),
    )
    .fetch_optional(&mut *store.acquire().await?)
    .await?;
    Ok(row.map(|row| match (row.body, row.body_bytes) {
        (Some(text), _) => text.into(),
        (None, bytes) => bytes.unwrap_or_default().into(),
    }))
}

impl From<Row> for Dead {
    fn from(row: Row) -> Self {
        let retried = row.retried_at.zip(row.retried_as);
        Self {
            id: row.id.into(),
            sequence: number(row.sequence),
            parked_at: row.parked_at,
            consumer: row.consumer,
            about_sequence: number(row.about_sequence),
            about_subject: row.about_subject,
            about_id: row.about_id.map(RecordId::from),
            deliveries: number(row.deliveries),
            // What is not a list of strings was not written by us: shown as it is.
            errors: serde_json::from_str(&row.errors).unwrap_or_else(|_| vec![row.errors]),
            say: row.say,
            retried: retried.map(|(at, sequence)| Retried { at, sequence: number(sequence) }),
        }
    }
}
