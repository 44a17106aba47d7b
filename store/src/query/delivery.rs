//! When GitHub was last heard of.

use time::OffsetDateTime;

use crate::{Error, Store, place::number};

/// The newest delivery of one repository.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Newest {
    /// The repository as GitHub spelled it then; its numeric id where it had no name.
    pub repository: String,
    /// GitHub's name for the event.
    pub event: String,
    /// The record's number.
    pub sequence: u64,
    /// When it was stored.
    pub at: OffsetDateTime,
}

/// Every repository's newest delivery, the longest silent first; at most so many.
///
/// # Errors
/// When PostgreSQL is away or refuses.
pub async fn newest(store: &Store, most: u32) -> Result<Vec<Newest>, Error> {
    let rows = sqlx::query!(
        r#"SELECT coalesce(repository, repository_id::text) AS "repository!", event AS "event!",
            last_sequence AS "last_sequence!", last_at AS "last_at!"
        FROM repository_delivery ORDER BY last_at LIMIT $1"#,
        i64::from(most),
    )
    .fetch_all(&mut *store.acquire().await?)
    .await?;
    let newest = rows.into_iter().map(|row| Newest {
        repository: row.repository,
        event: row.event,
        sequence: number(row.last_sequence),
        at: row.last_at,
    });
    Ok(newest.collect())
}
