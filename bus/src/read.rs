//! Reading LOG in order, from a position one keeps oneself.
//!
//! For those who *know*: conductor, projector, `rig tail`. A reader acknowledges nothing and the server keeps nothing
//! for it. It comes back by itself after the server was away, goes on at exactly the next number, and never reads past
//! the end of an epoch: where LOG was made anew it says so instead.

mod lookup;
mod source;

use std::time::Duration;

use futures::FutureExt;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{
    connect::Connection,
    lineage::Lineage,
    record::Sequenced,
    stream::{self, Epoch, LogState},
};
pub use lookup::{Which, lookup};
use source::Source;

/// How long to wait before LOG is asked for again.
const PAUSE: Duration = Duration::from_millis(200);

/// After how many sources that gave nothing the next record is asked for by itself.
const BARREN: u32 = 2;

/// A place in LOG: the last record that was taken.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Position {
    /// In which life of LOG.
    pub epoch: Epoch,
    /// The record's number; 0 before the first.
    pub sequence: u64,
}

/// Where to begin.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Start {
    /// With the record after this position.
    After(Position),
    /// With the record of this number, or the first one after it.
    Sequence(u64),
    /// With the first record stored at or after this moment.
    Time(OffsetDateTime),
    /// With the next record to come.
    New,
}

/// Why reading ended, by what the reader does next.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// LOG was made anew since the position was kept.
    #[error("LOG was made anew: the position is of epoch {known}, LOG is of epoch {found}")]
    Epoch {
        /// The position's epoch.
        known: Epoch,
        /// LOG's epoch.
        found: Epoch,
    },
    /// LOG holds less than was read from it: its tail was lost.
    #[error("LOG ends at {last}, and {position} was read from it already: its tail was lost; see `rig restore bus`")]
    Behind {
        /// The last number that was taken.
        position: u64,
        /// The last number LOG gave.
        last: u64,
    },
    /// The server does not let this user read, or there is no LOG.
    #[error("LOG cannot be read")]
    Stream(#[from] stream::Error),
    /// The server refuses the filters.
    #[error("LOG cannot be read with these filters: {0}")]
    Filter(String),
}

/// How many records are taken at once.
#[derive(Clone, Copy, Debug)]
pub struct Batch {
    /// Records at most.
    pub records: usize,
    /// Bytes at most, one record beyond included.
    pub bytes: usize,
}

/// Reads LOG in order.
pub struct Reader {
    connection: Connection,
    filters: Vec<String>,
    epoch: Epoch,
    lineage: Lineage,
    start: Start,
    taken: u64,
    source: Option<Source>,
    /// How many sources in a row ended before they gave a record.
    barren: u32,
}

impl Reader {
    /// Begins to read the records whose subjects match one of the filters; all records where there are none.
    ///
    /// # Errors
    /// When LOG is of another epoch than the position or ends before it, is not there, or may not be read.
    pub async fn open(connection: &Connection, start: Start, filters: &[String]) -> Result<Self, Error> {
        let state = stream::log_state(&connection.jetstream()).await?;
        let (start, taken) = match start {
            Start::After(position) => {
                let taken = now_at(&position, &state)?;
                (Start::Sequence(taken + 1), taken)
            }
            Start::New => (Start::Sequence(state.last + 1), 0),
            start => (start, 0),
        };
        let mut reader = Self {
            connection: connection.clone(),
            filters: filters.to_vec(),
            epoch: state.epoch,
            lineage: state.lineage,
            start,
            taken,
            source: None,
            barren: 0,
        };
        reader.reopen().await?;
        Ok(reader)
    }

    /// The epoch in which this reader reads.
    #[must_use]
    pub const fn epoch(&self) -> &Epoch {
        &self.epoch
    }

    /// The former lives of LOG: records of theirs are read as they were then.
    #[must_use]
    pub const fn lineage(&self) -> &Lineage {
        &self.lineage
    }

    /// The next record; waits for it. May be dropped while it waits.
    ///
    /// # Errors
    /// When LOG was made anew or lost its tail. A server that is away is waited for.
    pub async fn next(&mut self) -> Result<Sequenced, Error> {
        loop {
            let Some(source) = &mut self.source else {
                self.reopen_when_up().await?;
                continue;
            };
            if let Some(record) = source.next().await {
                self.barren = 0;
                return Ok(self.take(record));
            }
            self.source = None;
            self.barren += 1;
            if self.barren >= BARREN
                && let Some(record) = self.by_itself().await?
            {
                // Whoever stored one such record may have stored more.
                self.barren = BARREN - 1;
                return Ok(self.take(record));
            }
        }
    }

    fn take(&mut self, record: Sequenced) -> Sequenced {
        self.taken = record.sequence;
        self.lineage.read(record)
    }

    /// The next record, asked for by itself: somebody stored bytes at which this client gives up the connection, each
    /// time they are sent to it. Nothing if there is none, or it is not known where to look.
    async fn by_itself(&self) -> Result<Option<Sequenced>, Error> {
        let from = match (self.taken, &self.start) {
            (0, Start::Sequence(sequence)) => *sequence,
            (0, _) => return Ok(None),
            (taken, _) => taken + 1,
        };
        let js = self.connection.jetstream();
        let everything = [">".to_owned()];
        let filters = if self.filters.is_empty() { &everything } else { &self.filters[..] };
        let mut next: Option<Sequenced> = None;
        for filter in filters {
            let found = match lookup(&js, Which::NextFrom(from, filter)).await {
                Err(error) if error.is_passing() => return Ok(None),
                found => found?,
            };
            next = [next, found].into_iter().flatten().min_by_key(|record| record.sequence);
        }
        Ok(next)
    }

    /// The next record and those that are at hand with it.
    ///
    /// # Errors
    /// As [`Reader::next`].
    pub async fn next_batch(&mut self, most: Batch) -> Result<Vec<Sequenced>, Error> {
        let mut records = vec![self.next().await?];
        let mut bytes = records[0].body.len();
        while records.len() < most.records && bytes < most.bytes {
            let Some(source) = &mut self.source else {
                break;
            };
            let Some(Some(record)) = source.next().now_or_never() else {
                break;
            };
            bytes += record.body.len();
            records.push(self.take(record));
        }
        Ok(records)
    }

    async fn reopen_when_up(&mut self) -> Result<(), Error> {
        loop {
            match self.reopen().await {
                Err(Error::Stream(error)) if error.is_passing() => {
                    tracing::debug!(%error, "LOG cannot be read yet");
                    tokio::time::sleep(PAUSE).await;
                }
                end => return end,
            }
        }
    }

    /// The consumer first, then the look at LOG: whatever happens to LOG afterwards ends the consumer too.
    async fn reopen(&mut self) -> Result<(), Error> {
        let start = if self.taken > 0 { Start::Sequence(self.taken + 1) } else { self.start.clone() };
        let source = Source::open(&self.connection, &start, &self.filters).await?;
        let state = stream::log_state(&self.connection.jetstream()).await?;
        same_epoch(&self.epoch, &state.epoch)?;
        if self.taken > state.last {
            return Err(Error::Behind { position: self.taken, last: state.last });
        }
        self.source = Some(source);
        Ok(())
    }
}

/// The number that a position has now, whichever life of LOG it is of.
fn now_at(position: &Position, state: &LogState) -> Result<u64, Error> {
    match state.lineage.number_of(position) {
        Some(number) => Ok(number),
        None => same_epoch(&position.epoch, &state.epoch).map(|()| position.sequence),
    }
}

fn same_epoch(known: &Epoch, found: &Epoch) -> Result<(), Error> {
    if known == found {
        return Ok(());
    }
    Err(Error::Epoch { known: known.clone(), found: found.clone() })
}
