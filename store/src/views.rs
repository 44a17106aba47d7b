//! Making all tables anew from `log`.
//!
//! In one transaction: who reads meanwhile sees the old rows, and whatever cuts it off leaves them. The projector waits,
//! since the cursor is held.

use futures::TryStreamExt;
use sqlx::{Connection, PgConnection};

use crate::{
    Error, Store,
    place::Place,
    projector::{
        cursor,
        fold::{Folded, derive},
        log,
        tables::{self, Mode},
    },
    stored::{self, Stored},
    text::clean,
};

/// How many records are made into rows at once.
const AT_ONCE: usize = 256;

/// Makes all tables but `log` anew; `progress` hears how many records were read.
///
/// # Errors
/// When PostgreSQL is away or refuses: all is as it was.
pub async fn rebuild(store: &Store, mut progress: impl FnMut(u64) + Send) -> Result<u64, Error> {
    let mut writer = store.session().await?;
    let mut reader = store.session().await?;
    let mut transaction = writer.begin().await?;
    cursor::hold(&mut transaction).await?;
    tables::delete_derived(&mut transaction).await?;
    let first = Place { epoch: 0, sequence: 0 };
    let mut chunks = stored::after(&mut reader, first).try_chunks(AT_ONCE);
    let mut count = 0;
    while let Some(chunk) = chunks.try_next().await.map_err(|error| error.1)? {
        count += chunk.len() as u64;
        refold(&mut transaction, chunk).await?;
        progress(count);
    }
    note_versions(&mut transaction).await?;
    transaction.commit().await?;
    Ok(count)
}

/// Makes the tables anew if another version of this program made them.
pub(crate) async fn rebuild_if_outdated(connection: &mut PgConnection, store: &Store) -> Result<(), Error> {
    let made = sqlx::query!("SELECT name, version FROM projection").fetch_all(&mut *connection).await?;
    let current = |(name, version): &(&str, i32)| made.iter().any(|row| row.name == *name && row.version == *version);
    if tables::DERIVED.iter().all(current) {
        return Ok(());
    }
    let filled =
        sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM log) AS "filled!""#).fetch_one(&mut *connection).await?;
    if !filled {
        return note_versions(connection).await;
    }
    tracing::info!("this version reads some records otherwise: all tables are made anew from `log`");
    let count = rebuild(store, |_| {}).await?;
    tracing::info!(records = count, "the tables are made anew");
    Ok(())
}

async fn note_versions(connection: &mut PgConnection) -> Result<(), Error> {
    for (name, version) in tables::DERIVED {
        sqlx::query!(
            "INSERT INTO projection (name, version) VALUES ($1, $2)
            ON CONFLICT (name) DO UPDATE SET version = excluded.version",
            name,
            version,
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Writes what these records give, and notes anew which of them are refused.
async fn refold(connection: &mut PgConnection, chunk: Vec<Stored>) -> Result<(), Error> {
    let refused_before: Vec<_> = chunk.iter().map(|stored| stored.refused.clone()).collect();
    let mut records: Vec<_> = chunk.iter().map(fold).collect();
    insert(connection, &mut records).await?;
    for (record, before) in records.iter().zip(refused_before) {
        if record.log.refused != before {
            note_refused(connection, &record.log).await?;
        }
    }
    Ok(())
}

fn fold(stored: &Stored) -> Folded {
    let mut log = log::Row::new(stored.place, &stored.record);
    let derived = derive(&mut log, &stored.record);
    Folded::new(stored.record.sequence, log, derived)
}

/// All at once; where that is refused one by one, so that only the refused ones are left out.
async fn insert(connection: &mut PgConnection, records: &mut [Folded]) -> Result<(), Error> {
    match try_insert(connection, records).await {
        Err(Error::Refused(_)) => {}
        end => return end,
    }
    for record in records {
        if let Err(Error::Refused(error)) = try_insert(connection, std::slice::from_ref(record)).await {
            let reason = format!("PostgreSQL refuses its row: {error}");
            record.log.refused = Some(clean(&reason).into_owned());
        }
    }
    Ok(())
}

async fn try_insert(connection: &mut PgConnection, records: &[Folded]) -> Result<(), Error> {
    let mut savepoint = connection.begin().await?;
    tables::insert_derived(&mut savepoint, records, Mode::Again).await?;
    Ok(savepoint.commit().await?)
}

async fn note_refused(connection: &mut PgConnection, row: &log::Row) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE log SET refused = $3, id = $4, type = $5 WHERE epoch = $1 AND sequence = $2",
        row.place.epoch,
        row.place.sequence,
        row.refused,
        row.id,
        row.type_name,
    )
    .execute(connection)
    .await?;
    Ok(())
}
