//! How far the rows go.
//!
//! The cursor moves in the transaction that writes the rows, from exactly where its writer believes it is. So a
//! projector that was cut off between writing and being told so finds out by reading it, and of two at once one finds
//! that it does not stand where it thought: neither doubles a row nor leaves one out.

use bus::{read::Position, stream::Epoch};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    Error,
    place::{bigint, number},
};

/// How far the rows go.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Cursor {
    /// The last record of which there are rows.
    pub(crate) position: Position,
    /// While everything is refolded: the last number that LOG had when that began.
    pub(crate) refold_until: Option<u64>,
}

/// Reads the cursor; nothing before the first record.
pub(crate) async fn read(connection: &mut PgConnection) -> Result<Option<Cursor>, Error> {
    let row = sqlx::query!("SELECT epoch, sequence, refold_until FROM cursor WHERE name = 'log'")
        .fetch_optional(connection)
        .await?;
    Ok(row.map(|row| Cursor {
        position: Position { epoch: Epoch::from(row.epoch), sequence: number(row.sequence) },
        refold_until: row.refold_until.map(number),
    }))
}

/// Reads the cursor and lets nobody move it before this transaction ends.
pub(crate) async fn hold(connection: &mut PgConnection) -> Result<(), Error> {
    sqlx::query!("SELECT sequence FROM cursor WHERE name = 'log' FOR UPDATE").fetch_optional(connection).await?;
    Ok(())
}

/// Moves the cursor within its epoch; nothing if it does not stand at `from`. Says when it moved.
pub(crate) async fn advance(
    connection: &mut PgConnection,
    from: &Position,
    to: u64,
) -> Result<Option<OffsetDateTime>, Error> {
    let moved_at = sqlx::query_scalar!(
        "UPDATE cursor SET
            sequence = $3, moved_at = clock_timestamp(),
            refold_until = CASE WHEN refold_until > $3 THEN refold_until END
        WHERE name = 'log' AND epoch = $1 AND sequence = $2
        RETURNING moved_at",
        from.epoch.as_str(),
        bigint(from.sequence),
        bigint(to),
    )
    .fetch_optional(connection)
    .await?;
    Ok(moved_at)
}

/// Puts the cursor to a position, wherever it is.
pub(crate) async fn put(connection: &mut PgConnection, cursor: &Cursor) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO cursor (name, epoch, sequence, refold_until) VALUES ('log', $1, $2, $3)
        ON CONFLICT (name) DO UPDATE SET
            epoch = excluded.epoch, sequence = excluded.sequence,
            refold_until = excluded.refold_until, moved_at = clock_timestamp()",
        cursor.position.epoch.as_str(),
        bigint(cursor.position.sequence),
        cursor.refold_until.map(bigint),
    )
    .execute(connection)
    .await?;
    Ok(())
}
