//! Records by their id. LOG has no index of ids; but what caused a transition was stored shortly before it.

use std::collections::HashMap;

use bus::{
    RecordId,
    connect::Connection,
    read::{Batch, Reader, Start},
};

use super::evidence::{self, Known};
use crate::exit::Failure;

/// How far back a cause is looked for: first near, then far.
const BACK: [u64; 2] = [256, 8192];

/// How much is read at once.
const AT_ONCE: Batch = Batch { records: 1024, bytes: 8 << 20 };

/// Where the record of an id is.
pub(super) enum Found {
    Here(Box<Known>),
    /// Nowhere from this number on; further back nobody looked.
    Older(u64),
    /// Nowhere in LOG.
    Nowhere,
}

/// Records that were read.
pub(super) struct Causes<'a> {
    connection: &'a Connection,
    known: HashMap<RecordId, Known>,
    /// What was read: from this number on, up to but without that one.
    read: Vec<(u64, u64)>,
}

impl<'a> Causes<'a> {
    pub(super) fn new(connection: &'a Connection) -> Self {
        Self { connection, known: HashMap::new(), read: Vec::new() }
    }

    /// The record of this id, stored before the one of this number.
    pub(super) async fn find(&mut self, id: RecordId, before: u64) -> Result<Found, Failure> {
        let mut from = before;
        for back in BACK {
            if self.known.contains_key(&id) {
                break;
            }
            from = before.saturating_sub(back).max(1);
            self.read(from, before).await?;
        }
        Ok(self.known.get(&id).map_or_else(|| not_found(from), |known| Found::Here(Box::new(known.clone()))))
    }

    async fn read(&mut self, from: u64, to: u64) -> Result<(), Failure> {
        if from >= to || self.read.iter().any(|(first, end)| *first <= from && to <= *end) {
            return Ok(());
        }
        let mut reader = Reader::open(self.connection, Start::Sequence(from), &[]).await?;
        let mut next = from;
        // The record of `to` is there, so that this comes to an end.
        while next < to {
            for record in reader.next_batch(AT_ONCE).await? {
                next = record.sequence + 1;
                if let Some(known) = evidence::of(&record) {
                    self.known.entry(known.id).or_insert(known);
                }
            }
        }
        self.read.push((from, to));
        Ok(())
    }
}

const fn not_found(from: u64) -> Found {
    if from > 1 { Found::Older(from) } else { Found::Nowhere }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_looked_for_further_back_is_not_said_to_be_nowhere() {
        assert!(matches!(not_found(2), Found::Older(2)));
        assert!(matches!(not_found(1), Found::Nowhere));
    }
}
