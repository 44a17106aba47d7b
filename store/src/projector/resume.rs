//! Where to go on: what the rows say against what LOG is now.
//!
//! A number means a record only within one life of LOG. Rows of a former life are never written over and never taken
//! for the records that have their numbers now: what LOG does not tell to be the same record gets rows of its own.

use bus::{
    lineage::{Lineage, Segment},
    read::Position,
    stream::LogState,
};

use super::cursor::Cursor;

/// Where to go on, and why there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Resume {
    /// There are no rows.
    FromTheFirst,
    /// In the same life of LOG, after the cursor. Whether LOG still holds what was read from it is to be checked.
    AfterTheCursor,
    /// LOG was restored; the position has another number now.
    Restored(u64),
    /// LOG was restored without the records that were read last, from `lost` on; they are in rows alone.
    TailLost { through: u64, lost: u64 },
    /// LOG was made anew and knows nothing of the rows.
    MadeAnew,
}

impl Resume {
    /// Decides.
    pub(crate) fn decide(cursor: Option<&Cursor>, state: &LogState) -> Self {
        let Some(cursor) = cursor else { return Self::FromTheFirst };
        if cursor.position.epoch == state.epoch {
            return Self::AfterTheCursor;
        }
        if let Some(number) = state.lineage.number_of(&cursor.position) {
            return Self::Restored(number);
        }
        match cut_off(&state.lineage, &cursor.position) {
            Some(segment) => Self::TailLost { through: segment.through(), lost: segment.last + 1 },
            None => Self::MadeAnew,
        }
    }

    /// The number after which to read.
    pub(crate) fn after(&self, cursor: Option<&Cursor>, state: &LogState) -> u64 {
        match self {
            Self::FromTheFirst | Self::MadeAnew => state.first.saturating_sub(1),
            Self::AfterTheCursor => cursor.map_or(0, |cursor| cursor.position.sequence),
            Self::Restored(number) => *number,
            Self::TailLost { through, .. } => *through,
        }
    }

    /// Says what a person should know.
    pub(crate) fn tell(&self, cursor: Option<&Cursor>, state: &LogState) {
        let first = state.first;
        let taken = cursor.map_or(0, |cursor| cursor.position.sequence);
        match self {
            Self::FromTheFirst => tracing::info!("there are no rows yet; they begin with record {first}"),
            Self::AfterTheCursor => tracing::info!("rows go on after record {taken}"),
            Self::Restored(number) => tracing::warn!("LOG was restored; rows go on after record {number}"),
            Self::TailLost { through, lost } => tracing::warn!(
                "LOG was restored without its tail: records {lost} to {taken} of its former life are in PostgreSQL \
                 alone, and stay there; rows go on after record {through}"
            ),
            Self::MadeAnew => tracing::warn!(
                "LOG was made anew and counts from {first}: the rows of its former life, up to record {taken}, stay as \
                 they are, and the new records get rows beside them; `rig restore bus` puts the old ones back into LOG"
            ),
        }
    }
}

/// The former life in which a position lies beyond what LOG holds of it.
fn cut_off<'a>(lineage: &'a Lineage, position: &Position) -> Option<&'a Segment> {
    lineage.segments().iter().find(|segment| segment.epoch == position.epoch && segment.last < position.sequence)
}

#[cfg(test)]
mod tests {
    use bus::stream::Epoch;

    use super::*;

    fn epoch(name: &str) -> Epoch {
        Epoch::from(name.to_owned())
    }

    fn cursor(name: &str, sequence: u64) -> Cursor {
        Cursor { position: Position { epoch: epoch(name), sequence }, refold_until: None }
    }

    fn log(name: &str, segments: Vec<Segment>) -> LogState {
        LogState {
            epoch: epoch(name),
            lineage: Lineage::new(segments),
            closed: false,
            first: 1,
            last: 2000,
            messages: 2000,
            bytes: 0,
            max_bytes: 0,
        }
    }

    fn put_back(name: &str, last: u64) -> Vec<Segment> {
        vec![Segment { epoch: epoch(name), first: 1, last, at: 1, restored: true }]
    }

    #[test]
    fn each_life_of_log_is_told_from_the_others() {
        let cases = [
            (None, log("a", Vec::new()), Resume::FromTheFirst, 0),
            (Some(cursor("a", 7)), log("a", Vec::new()), Resume::AfterTheCursor, 7),
            (Some(cursor("a", 7)), log("b", put_back("a", 7)), Resume::Restored(7), 7),
            (Some(cursor("a", 7)), log("b", put_back("a", 5)), Resume::TailLost { through: 5, lost: 6 }, 5),
            (Some(cursor("a", 7)), log("b", Vec::new()), Resume::MadeAnew, 0),
            (Some(cursor("a", 7)), log("c", put_back("b", 900)), Resume::MadeAnew, 0),
        ];
        for (cursor, state, expected, after) in cases {
            let resume = Resume::decide(cursor.as_ref(), &state);
            assert_eq!(resume, expected);
            assert_eq!(resume.after(cursor.as_ref(), &state), after);
        }
    }
}
