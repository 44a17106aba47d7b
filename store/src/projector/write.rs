//! One transaction a batch: the rows, and the cursor with them.
//!
//! A row that PostgreSQL refuses must not stop the others, and must not hide behind a lost connection: only a refusal of
//! the values themselves is taken for one (see [`Error::Refused`]), and then the batch is halved until the row stands
//! alone. Its record keeps its row in `log`, with the reason.

use std::{collections::BTreeSet, ops::Range};

use bus::read::Position;
use sqlx::{Connection, PgConnection};
use time::OffsetDateTime;

use super::{
    cursor,
    epochs::Epochs,
    fold::Folded,
    partition::Parts,
    tables::{self, Mode},
};
use crate::{Error, place::Place, text::clean};

/// Writes batches, one after the other.
pub(crate) struct Writer {
    connection: PgConnection,
    position: Position,
    parts: Parts,
    written_epochs: BTreeSet<i16>,
    /// The last row there is.
    last: Place,
}

/// Why a batch is not written, or not to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stop {
    /// Somebody else moved the cursor: it must be read again.
    #[error("somebody else moved the cursor")]
    Moved,
    #[error(transparent)]
    Store(#[from] Error),
}

/// A batch that was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written {
    pub(crate) through: u64,
    pub(crate) at: OffsetDateTime,
    /// Whether some of its records are refused.
    pub(crate) refused: bool,
}

impl Writer {
    /// A writer that goes on after `position`, where the cursor stands; `last` is the last row there is.
    pub(crate) fn new(connection: PgConnection, position: Position, last: Place) -> Self {
        Self { connection, position, parts: Parts::default(), written_epochs: BTreeSet::new(), last }
    }

    /// Whether the cursor stands where this writer left it.
    pub(crate) async fn stands(&mut self) -> Result<(), Stop> {
        let cursor = cursor::read(&mut self.connection).await?;
        if cursor.is_some_and(|cursor| cursor.position == self.position) { Ok(()) } else { Err(Stop::Moved) }
    }

    /// Writes the records, in order. What it wrote before it stopped stays written.
    pub(crate) async fn write(&mut self, epochs: &Epochs, mut records: Vec<Folded>) -> Result<Option<Written>, Stop> {
        let mut todo = Vec::from([Range { start: 0, end: records.len() }]);
        let mut mode = self.mode(&records);
        let mut moved_at = None;
        while let Some(range) = todo.pop() {
            match self.commit(epochs, &records[range.clone()], mode).await {
                Ok(at) => moved_at = at.or(moved_at),
                Err(Stop::Store(Error::Refused(_))) if mode == Mode::Fresh => {
                    mode = Mode::Again;
                    todo.push(range);
                }
                Err(Stop::Store(Error::Refused(error))) if range.len() > 1 => {
                    tracing::debug!(%error, records = range.len(), "a row is refused; looking for it");
                    halve(range, &mut todo);
                }
                Err(Stop::Store(Error::Refused(error))) => {
                    give_up(&mut records[range.start], error)?;
                    todo.push(range);
                }
                Err(stop) => return Err(stop),
            }
        }
        let refused = records.iter().any(|record| record.log.refused.is_some());
        Ok(moved_at.map(|at| Written { through: self.position.sequence, at, refused }))
    }

    /// Places grow from record to record, so the first one tells.
    fn mode(&self, records: &[Folded]) -> Mode {
        match records.first() {
            Some(first) if first.log.place > self.last => Mode::Fresh,
            _ => Mode::Again,
        }
    }

    async fn commit(
        &mut self,
        epochs: &Epochs,
        records: &[Folded],
        mode: Mode,
    ) -> Result<Option<OffsetDateTime>, Stop> {
        let Some(last) = records.last() else { return Ok(None) };
        let sequences = records.iter().map(|record| record.log.place.sequence);
        self.parts.make(&mut self.connection, sequences).await?;
        let ordinals: BTreeSet<_> = records.iter().map(|record| record.log.place.epoch).collect();
        let new_epochs: BTreeSet<_> = ordinals.difference(&self.written_epochs).copied().collect();
        let mut transaction = self.connection.begin().await.map_err(Error::from)?;
        let moved_at = cursor::advance(&mut transaction, &self.position, last.number).await?.ok_or(Stop::Moved)?;
        epochs.write(&mut transaction, &new_epochs).await.map_err(Error::from)?;
        tables::insert(&mut transaction, records, mode).await.map_err(Error::from)?;
        transaction.commit().await.map_err(Error::from)?;
        self.position.sequence = last.number;
        self.last = self.last.max(last.log.place);
        self.written_epochs.extend(new_epochs);
        Ok(Some(moved_at))
    }
}

/// The second half waits below the first, so that order is kept.
fn halve(range: Range<usize>, todo: &mut Vec<Range<usize>>) {
    let middle = range.start + range.len().div_ceil(2);
    todo.push(middle..range.end);
    todo.push(range.start..middle);
}

/// Leaves the record's row in `log` alone, with the reason. Where that is refused as well nothing can be left out.
fn give_up(record: &mut Folded, error: sqlx::Error) -> Result<(), Stop> {
    if record.derived.take().is_none() {
        return Err(Stop::Store(Error::Unusable(error)));
    }
    let reason = format!("PostgreSQL refuses its row: {error}");
    record.log.refused = Some(clean(&reason).into_owned());
    Ok(())
}
