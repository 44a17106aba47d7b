//! `github_delivery`: what GitHub delivered.

use bus::envelope::Sealed;
use serde::Deserialize;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{fold::Unfit, log, tables::Mode};
use crate::{
    place::{Moment, Place},
    text::Text,
};

/// Moves when the same record makes another row: all rows are then made again.
pub(super) const VERSION: i32 = 1;

/// One row of `github_delivery`.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    place: Place,
    stored: Moment,
    id: Uuid,
    guid: String,
    hook: Option<String>,
    event: String,
    action: Option<String>,
    repository: Option<String>,
    repository_id: Option<i64>,
}

/// `rig.github.<event>.v1`, as far as it is projected.
#[derive(Deserialize)]
struct Delivered<'a> {
    #[serde(borrow)]
    event: Text<'a>,
    #[serde(borrow, default)]
    action: Option<Text<'a>>,
    #[serde(borrow)]
    delivery: Text<'a>,
    #[serde(borrow, default)]
    hook: Option<Text<'a>>,
    #[serde(borrow, default)]
    repository: Option<Text<'a>>,
    #[serde(default)]
    repository_id: Option<u64>,
}

/// The row of a delivery.
pub(super) fn row(log: &log::Row, envelope: &Sealed<'_>) -> Result<Row, Unfit> {
    let delivered: Delivered<'_> = envelope.open()?;
    Ok(Row {
        place: log.place,
        stored: log.stored,
        id: envelope.id.uuid(),
        guid: delivered.delivery.into_string(),
        hook: delivered.hook.map(Text::into_string),
        event: delivered.event.into_string(),
        action: delivered.action.map(Text::into_string),
        repository: delivered.repository.map(Text::into_string),
        repository_id: delivered.repository_id.and_then(|id| i64::try_from(id).ok()),
    })
}

/// Writes the rows, or those that are not there yet.
pub(super) async fn insert(connection: &mut PgConnection, rows: &[&Row], mode: Mode) -> sqlx::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let epochs: Vec<_> = rows.iter().map(|row| row.place.epoch).collect();
    let sequences: Vec<_> = rows.iter().map(|row| row.place.sequence).collect();
    let stored_at: Vec<_> = rows.iter().map(|row| row.stored.at).collect();
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let guids: Vec<_> = rows.iter().map(|row| row.guid.as_str()).collect();
    let hooks: Vec<_> = rows.iter().map(|row| row.hook.as_deref()).collect();
    let events: Vec<_> = rows.iter().map(|row| row.event.as_str()).collect();
    let actions: Vec<_> = rows.iter().map(|row| row.action.as_deref()).collect();
    let repositories: Vec<_> = rows.iter().map(|row| row.repository.as_deref()).collect();
    let repository_ids: Vec<_> = rows.iter().map(|row| row.repository_id).collect();
    macro_rules! insert {
        ($conflict:literal) => {
            sqlx::query!(
                "INSERT INTO github_delivery
                    (epoch, sequence, stored_at, id, guid, hook, event, action, repository, repository_id)
                SELECT * FROM UNNEST(
                    $1::smallint[], $2::bigint[], $3::timestamptz[], $4::uuid[], $5::text[], $6::text[],
                    $7::text[], $8::text[], $9::text[], $10::bigint[]) "
                    + $conflict,
                &epochs,
                &sequences,
                &stored_at,
                &ids,
                &guids as _,
                &hooks as _,
                &events as _,
                &actions as _,
                &repositories as _,
                &repository_ids as _,
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
