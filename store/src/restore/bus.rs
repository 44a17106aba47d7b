//! LOG from rows: every record back at its number.
//!
//! The steps, and what being cut off after each of them leaves:
//!
//! 1. A LOG that still stands is closed, and its last records get their rows. (Rows are complete; run again.)
//! 2. The plan is written down in PostgreSQL, then the old LOG is deleted. (Run again.)
//! 3. A closed LOG is made, in a new epoch, and filled in order; each batch expects exactly the number before it, so none
//!    is stored twice and none is left out. (Run again: it goes on after LOG's last number.)
//! 4. A record says what was restored. The cursor is put to the new epoch, LOG is opened, and the plan is forgotten.
//!
//! It is always a new epoch: nobody can know whether the rows had everything that the lost LOG had confirmed. Positions
//! of the former epoch up to the last row keep their meaning (see [`bus::lineage`]); a reader that was further is told.

use std::time::Duration;

use bus::{
    connect::Connection,
    envelope::now,
    read::Position,
    stream::{self, LogState, Overrides},
};
use sqlx::PgConnection;

use super::{Error, Progress, fill, plan, plan::Plan, postgres::must_hold};
use crate::{
    Store, connect,
    projector::{
        cursor::{self, Cursor},
        lock,
        progress::Teller,
        session::Session,
    },
};

/// How long to wait before a server that was away is asked again.
const PAUSE: Duration = Duration::from_millis(200);

/// How a LOG is restored.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What configuration says about the streams.
    pub overrides: Overrides,
    /// The first number that is put back, to make room; all where nothing is said. What comes before it stays in rows
    /// alone.
    pub from: Option<u64>,
    /// Whether a LOG that is not lost is replaced.
    pub replace: bool,
}

/// What was restored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Restored {
    /// The epoch that began.
    pub epoch: String,
    /// The first number that LOG holds.
    pub first: u64,
    /// The last number that was put back.
    pub through: u64,
    /// Numbers, first and last inclusive, whose records are lost.
    pub gaps: Vec<(u64, u64)>,
}

/// Makes LOG from rows. What was cut off goes on where it was.
///
/// # Errors
/// When LOG is not lost, a projector runs, or one of the servers is away or refuses.
pub async fn bus(
    connection: &Connection,
    store: &Store,
    options: &Options,
    mut progress: impl FnMut(Progress) + Send,
) -> Result<Restored, Error> {
    let mut rows = store.session().await?;
    connect::migrate(&mut rows).await?;
    if !lock::free(&mut rows).await? {
        return Err(Error::ProjectorRuns);
    }
    let plan = plan_of(connection, store, &mut rows, options).await?;
    let js = connection.jetstream();
    let state = match state_of(connection).await? {
        Some(state) => state,
        None => {
            stream::create_log(&js, &options.overrides, plan.first(), &plan.epoch, &plan.contents.lineage).await?;
            stream::log_state(&js).await?
        }
    };
    if state.closed {
        fill::fill(connection, store, &mut rows, &plan, &mut progress).await?;
        put_cursor(&mut rows, &plan).await?;
        let taken_over = plan::taken_over(&mut rows).await?;
        stream::open_log(&js, &options.overrides, &taken_over).await?;
    }
    stream::apply(&js, &options.overrides).await?;
    Plan::forget(&mut rows).await?;
    Ok(Restored {
        epoch: plan.epoch.to_string(),
        first: plan.first(),
        through: plan.through(),
        gaps: plan.contents.gaps.clone(),
    })
}

/// The plan that was begun, or a new one when nothing stands that would be lost. LOG is gone then, or is the plan's.
async fn plan_of(
    connection: &Connection,
    store: &Store,
    rows: &mut PgConnection,
    options: &Options,
) -> Result<Plan, Error> {
    let begun = Plan::begun(rows).await?;
    let state = state_of(connection).await?;
    match (begun, state) {
        (Some(plan), None) => Ok(plan),
        (Some(plan), Some(state)) if state.epoch == plan.epoch => Ok(plan),
        (begun, state) => {
            if let Some(state) = state {
                if begun.is_none() && !state.closed {
                    must_be_lost(connection, rows, options, &state).await?;
                }
                absorb(connection, store, rows, &state).await?;
            }
            let plan = Plan::make(rows, options.from, now()).await?;
            plan.write(rows).await?;
            delete_log(connection).await?;
            Ok(plan)
        }
    }
}

/// How LOG stands; nothing where there is none.
async fn state_of(connection: &Connection) -> Result<Option<LogState>, Error> {
    match stream::log_state(&connection.jetstream()).await {
        Ok(state) => Ok(Some(state)),
        Err(stream::Error::Missing { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Refuses where LOG holds all that the rows are of, unless it is to be replaced.
async fn must_be_lost(
    connection: &Connection,
    rows: &mut PgConnection,
    options: &Options,
    state: &LogState,
) -> Result<(), Error> {
    let cursor = cursor::read(rows).await?;
    match must_hold(connection, rows, cursor.as_ref(), state).await {
        Ok(()) if options.replace => Ok(()),
        Ok(()) => Err(Error::Stands { first: state.first, last: state.last }),
        Err(Error::OnlyInRows(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Closes LOG and makes sure that each of its records has a row.
async fn absorb(
    connection: &Connection,
    store: &Store,
    rows: &mut PgConnection,
    state: &LogState,
) -> Result<(), Error> {
    let js = connection.jetstream();
    if !state.closed {
        stream::close_log(&js).await?;
    }
    let last = stream::log_state(&js).await?.last;
    // The session takes the lock itself, on a connection of its own.
    lock::release(rows).await?;
    let session = Session::alone(connection, store, Teller::new());
    session.work(Some(last)).await?;
    // That connection is closed, but PostgreSQL may not have noticed yet.
    while !lock::free(rows).await? {
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

async fn delete_log(connection: &Connection) -> Result<(), Error> {
    match stream::delete_log(&connection.jetstream()).await {
        Ok(()) | Err(stream::Error::Missing { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Rows go on after the last record that was put back; where records are lost, already after the one before them, so
/// that those that stand in their place get rows.
async fn put_cursor(rows: &mut PgConnection, plan: &Plan) -> Result<(), Error> {
    let sequence = plan.contents.gaps.first().map_or(plan.through(), |(first, _)| first - 1);
    let position = Position { epoch: plan.epoch.clone(), sequence };
    Ok(cursor::put(rows, &Cursor { position, refold_until: None }).await?)
}
