//! One projector writes; a second one waits.
//!
//! The lock is the connection's: it goes with it, however that ends. It spares two projectors from working against each
//! other; that they could not do harm is the cursor's doing.

use std::time::Duration;

use sqlx::PgConnection;

use super::{cursor, progress::Teller};
use crate::Error;

/// The lock's number. It only has to differ from other advisory locks in the same database.
const KEY: i64 = 0x5249_4720_4c4f_4721;

/// How often a waiting projector tries again.
const PAUSE: Duration = Duration::from_millis(250);

/// Waits until no other projector writes.
pub(super) async fn take(connection: &mut PgConnection, teller: &Teller) -> Result<(), Error> {
    while !free(connection).await? {
        teller.waits("another projector writes them".to_owned());
        if let Some(cursor) = cursor::read(connection).await? {
            teller.stands(cursor.position);
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

async fn free(connection: &mut PgConnection) -> Result<bool, Error> {
    let taken =
        sqlx::query_scalar!(r#"SELECT pg_try_advisory_lock($1) AS "taken!""#, KEY).fetch_one(connection).await?;
    Ok(taken)
}
