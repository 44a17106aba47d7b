//! The parts of `log`, made before they are needed.

use std::collections::BTreeSet;

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::Error;

/// How many numbers one part takes.
const PART: i64 = 1_000_000;

/// Which parts are known to be there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parts {
    known: Vec<i64>,
}

impl Parts {
    /// Makes the parts for these numbers, and the next one when half of the last is used. In no transaction but its own.
    ///
    /// Made beside `log` and then attached, because attaching does not make readers wait.
    pub(crate) async fn make(
        &mut self,
        connection: &mut PgConnection,
        sequences: impl Iterator<Item = i64>,
    ) -> Result<(), Error> {
        let mut wanted = BTreeSet::new();
        for sequence in sequences {
            wanted.extend(
                [sequence, sequence.saturating_add(PART / 2)]
                    .map(|number| number.div_euclid(PART))
                    .into_iter()
                    .filter(|part| !self.known.contains(part)),
            );
        }
        for part in wanted {
            make(connection, part).await?;
            self.known.push(part);
        }
        Ok(())
    }
}

async fn make(connection: &mut PgConnection, part: i64) -> Result<(), Error> {
    let name = format!("log_{part}");
    let mut transaction = connection.begin().await?;
    let exists = sqlx::query_scalar!(r#"SELECT to_regclass($1) IS NOT NULL AS "exists!""#, name)
        .fetch_one(&mut *transaction)
        .await?;
    if exists {
        return Ok(());
    }
    let (from, to) = (part.saturating_mul(PART), part.saturating_add(1).saturating_mul(PART));
    for statement in [
        format!("CREATE TABLE {name} (LIKE log INCLUDING ALL)"),
        format!("ALTER TABLE log ATTACH PARTITION {name} FOR VALUES FROM ({from}) TO ({to})"),
    ] {
        // Numbers alone go into these texts.
        sqlx::query(AssertSqlSafe(statement)).execute(&mut *transaction).await?;
    }
    Ok(transaction.commit().await?)
}
