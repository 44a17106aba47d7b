//! What operators' commands ask of the rows. Answers are as of [`AsOf`]: the rows may lag behind LOG.

pub mod dead;
pub mod delivery;

use time::OffsetDateTime;

use crate::{Error, Store, place::number};

/// How far the rows go.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AsOf {
    /// LOG's life when they were written.
    pub epoch: String,
    /// The last number that has a row.
    pub sequence: u64,
    /// When that was committed.
    pub at: OffsetDateTime,
}

/// How many records have a row.
///
/// # Errors
/// When PostgreSQL is away or refuses.
pub async fn rows(store: &Store) -> Result<u64, Error> {
    let count = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM log"#);
    Ok(number(count.fetch_one(&mut *store.acquire().await?).await?))
}

/// How far the rows go; nothing before the first was written.
///
/// # Errors
/// When PostgreSQL is away or refuses.
pub async fn as_of(store: &Store) -> Result<Option<AsOf>, Error> {
    let row = sqlx::query!(r#"SELECT epoch AS "epoch!", sequence AS "sequence!", moved_at AS "moved_at!" FROM as_of"#)
        .fetch_optional(&mut *store.acquire().await?)
        .await?;
    Ok(row.map(|row| AsOf { epoch: row.epoch, sequence: number(row.sequence), at: row.moved_at }))
}
