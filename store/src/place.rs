//! Where a record was first stored: the key of its rows.

use time::OffsetDateTime;

/// The place of a record. It stays the record's when LOG is restored and even when it gets another number there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Place {
    /// Which life of LOG, counted in `epoch`.
    pub(crate) epoch: i16,
    /// The number in that life.
    pub(crate) sequence: i64,
}

/// A moment as rows hold it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Moment {
    /// To the microsecond.
    pub(crate) at: OffsetDateTime,
    /// What a timestamptz cuts off.
    pub(crate) nanos: i16,
}

impl From<OffsetDateTime> for Moment {
    fn from(time: OffsetDateTime) -> Self {
        let nanos = time.nanosecond() % 1000;
        let at = time - time::Duration::nanoseconds(i64::from(nanos));
        Self { at, nanos: i16::try_from(nanos).unwrap_or_default() }
    }
}

impl From<Moment> for OffsetDateTime {
    fn from(moment: Moment) -> Self {
        moment.at + time::Duration::nanoseconds(i64::from(moment.nanos))
    }
}

/// A number of LOG as a bigint. LOG would need a million records a second for a quarter of a million years.
pub(crate) fn bigint(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A bigint as a number of LOG.
pub(crate) fn number(bigint: i64) -> u64 {
    u64::try_from(bigint).unwrap_or_default()
}
