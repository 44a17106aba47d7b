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

/// Waits until no other projector writes. False if the other one wrote up to `goal` meanwhile, and nothing is left to do.
pub(super) async fn take(connection: &mut PgConnection, teller: &Teller, goal: Option<u64>) -> Result<bool, Error> {
    while !free(connection).await? {
        teller.waits("another projector writes them".to_owned());
        if let Some(cursor) = cursor::read(connection).await? {
            let reached = goal.is_some_and(|goal| cursor.position.sequence >= goal);
            teller.stands(cursor.position);
            if reached {
                return Ok(false);
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(true)
}

/// Lets the lock go.
pub(crate) async fn release(connection: &mut PgConnection) -> Result<(), Error> {
    sqlx::query!("SELECT pg_advisory_unlock($1)", KEY).fetch_one(connection).await?;
    Ok(())
}

/// Takes the lock if nobody has it.
pub(crate) async fn free(connection: &mut PgConnection) -> Result<bool, Error> {
    let taken =
        sqlx::query_scalar!(r#"SELECT pg_try_advisory_lock($1) AS "taken!""#, KEY).fetch_one(connection).await?;
    Ok(taken)
}
