//! Rows from LOG: all of them dropped, and folded again.
//!
//! Dropping and putting the cursor to the beginning is one transaction, and from there on it is the projector's work. So
//! whatever cuts it off, whoever writes rows next goes on where it was: this, run again, or the projector.

use bus::{
    connect::Connection,
    read::Position,
    stream::{self, LogState},
};
use sqlx::{Connection as _, PgConnection};

use super::{Error, Progress};
use crate::{
    Store, connect,
    projector::{
        cursor::{self, Cursor},
        epochs::{Life, lives},
        progress::Teller,
        session::{Ended, Session},
        tables, tail,
    },
};

/// Drops all rows and makes them anew from LOG, up to the last record that LOG has now; says which that is. Goes on
/// with a restoration that was cut off. A running projector does the work itself, and this waits for it.
///
/// # Errors
/// When LOG lacks records that rows have, or one of the servers is away or refuses.
pub async fn postgres(
    connection: &Connection,
    store: &Store,
    progress: impl FnMut(Progress) + Send,
) -> Result<u64, Error> {
    let mut rows = store.session().await?;
    connect::migrate(&mut rows).await?;
    let state = stream::log_state(&connection.jetstream()).await?;
    let through = match cursor::read(&mut rows).await? {
        Some(Cursor { position, refold_until: Some(until) }) if position.epoch == state.epoch => until,
        cursor => {
            must_hold(connection, &mut rows, cursor.as_ref(), &state).await?;
            drop_rows(&mut rows, &state).await?
        }
    };
    drop(rows);
    refold(connection, store, through, progress).await?;
    Ok(through)
}

/// Whether LOG has the record of every row.
pub(super) async fn must_hold(
    connection: &Connection,
    rows: &mut PgConnection,
    cursor: Option<&Cursor>,
    state: &LogState,
) -> Result<(), Error> {
    if let Some(Cursor { position, .. }) = cursor
        && position.epoch == state.epoch
        && tail::is_lost(connection, rows, position, state).await?
    {
        return Err(Error::OnlyInRows(format!("LOG lost its tail, from {} or before it", position.sequence)));
    }
    for life in lives(rows).await? {
        if !holds(state, &life) {
            return Err(Error::OnlyInRows(format!("some of {} to {} of epoch {}", life.first, life.last, life.epoch)));
        }
    }
    Ok(())
}

fn holds(state: &LogState, life: &Life) -> bool {
    let own = state.first.max(state.lineage.through() + 1);
    let now = state.epoch == life.epoch && own <= life.first && life.last <= state.last;
    let mut before = state.lineage.segments().iter().filter(|segment| segment.epoch == life.epoch);
    now || before.any(|segment| segment.first <= life.first && life.last <= segment.last)
}

async fn drop_rows(rows: &mut PgConnection, state: &LogState) -> Result<u64, Error> {
    let mut transaction = rows.begin().await?;
    cursor::hold(&mut transaction).await?;
    tables::truncate(&mut transaction).await?;
    let position = Position { epoch: state.epoch.clone(), sequence: state.first.saturating_sub(1) };
    let refold_until = (position.sequence < state.last).then_some(state.last);
    cursor::put(&mut transaction, &Cursor { position, refold_until }).await?;
    transaction.commit().await?;
    Ok(state.last)
}

async fn refold(
    connection: &Connection,
    store: &Store,
    through: u64,
    mut progress: impl FnMut(Progress) + Send,
) -> Result<(), Error> {
    let teller = Teller::new();
    let mut heard = teller.listen();
    let session = Session::alone(connection, store, teller);
    let work = async {
        loop {
            match session.work(Some(through)).await {
                // The rows are as another one left them, and there is more to do.
                Err(Ended::Moved) => {}
                end => return end,
            }
        }
    };
    tokio::pin!(work);
    loop {
        tokio::select! {
            end = &mut work => {
                end?;
                progress(Progress { done: through, through });
                return Ok(());
            }
            Ok(()) = heard.changed() => {
                let done = heard.borrow_and_update().through.as_ref().map_or(0, |through| through.sequence);
                progress(Progress { done, through });
            }
        }
    }
}
