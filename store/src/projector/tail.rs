//! A LOG that lost its tail: a server put back from an old copy, or a disk that forgot what it had confirmed.
//!
//! Its epoch is the same and its numbers are given again, to other records. Taken for the old ones these would have no
//! rows. So before rows go on, the record at the cursor is compared with its row; where they differ a new epoch begins
//! after the last record that LOG and rows have in common, and what rows alone have stays there.

use bus::{
    connect::Connection,
    lineage::{Lineage, Segment},
    read::{Position, Which, lookup},
    stream::{self, Epoch, LogState},
};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::session::Ended;
use crate::{
    Error,
    place::{Moment, bigint},
};

/// Whether LOG no longer holds what was read from it up to this position.
pub(crate) async fn is_lost(
    connection: &Connection,
    rows: &mut PgConnection,
    position: &Position,
    state: &LogState,
) -> Result<bool, Ended> {
    Ok(position.sequence > state.last || !agree(connection, rows, state, position.sequence).await?)
}

/// Begins a new epoch after the last record that LOG and rows have in common.
pub(super) async fn begin_epoch(
    connection: &Connection,
    rows: &mut PgConnection,
    position: &Position,
    state: &LogState,
) -> Result<LogState, Ended> {
    let through = last_common(connection, rows, position, state).await?;
    let js = connection.jetstream();
    stream::begin_epoch(&js, &Epoch::new(), &lineage(state, through)).await?;
    tracing::error!(
        through,
        taken = position.sequence,
        "LOG lost its tail: what it holds after record {through} is not what was read from it; a new epoch begins there"
    );
    Ok(stream::log_state(&js).await?)
}

/// Agreement holds up to some record and for none after it, so it is found by halving.
async fn last_common(
    connection: &Connection,
    rows: &mut PgConnection,
    position: &Position,
    state: &LogState,
) -> Result<u64, Ended> {
    let (mut common, mut end) = (state.first.saturating_sub(1), position.sequence.min(state.last));
    while common < end {
        let middle = common + (end - common).div_ceil(2);
        if agree(connection, rows, state, middle).await? {
            common = middle;
        } else {
            end = middle - 1;
        }
    }
    Ok(common)
}

/// Whether the record of this number was stored at the moment that its row says, where there are both.
async fn agree(connection: &Connection, rows: &mut PgConnection, state: &LogState, number: u64) -> Result<bool, Ended> {
    // Of a LOG that never held a record both are 0, and there is no record 0 to be asked for.
    if number == 0 || number < state.first {
        return Ok(true);
    }
    let Some(record) = lookup(&connection.jetstream(), Which::Number(number)).await? else { return Ok(false) };
    let record = state.lineage.read(record);
    let origin =
        state.lineage.origin(number).unwrap_or_else(|| Position { epoch: state.epoch.clone(), sequence: number });
    Ok(stored_at(rows, &origin).await?.is_none_or(|stored_at| stored_at == record.stored_at))
}

async fn stored_at(rows: &mut PgConnection, position: &Position) -> Result<Option<OffsetDateTime>, Error> {
    let row = sqlx::query!(
        "SELECT stored_at, nanos FROM log JOIN epoch ON epoch.ordinal = log.epoch WHERE epoch.id = $1 AND sequence = $2",
        position.epoch.as_str(),
        bigint(position.sequence),
    )
    .fetch_optional(rows)
    .await?;
    Ok(row.map(|row| Moment { at: row.stored_at, nanos: row.nanos }.into()))
}

/// The former lives, and what is left of the last one.
fn lineage(state: &LogState, through: u64) -> Lineage {
    let mut segments: Vec<_> =
        state.lineage.segments().iter().filter(|segment| segment.at <= through).cloned().collect();
    if let Some(cut) = segments.last_mut().filter(|segment| segment.through() > through) {
        cut.last -= cut.through() - through;
    }
    let first = state.first.max(state.lineage.through() + 1);
    if first <= through {
        let epoch = state.epoch.clone();
        segments.push(Segment { epoch, first, last: through, at: first, restored: false });
    }
    Lineage::new(segments)
}
