//! Making the one from the other: rows from LOG, LOG from rows.
//!
//! Either may be lost whole. What neither direction does is to lose what only one of them has: rows are not dropped
//! while LOG lacks some of their records, and a LOG that stands is not replaced before its records have rows.

mod bus;
mod error;
mod fill;
mod plan;
mod postgres;
mod put_back;

pub use bus::{Options, Restored, bus};
pub use error::Error;
pub use postgres::postgres;

/// How far a restoration is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// The last number that is done.
    pub done: u64,
    /// The last number that is to be done.
    pub through: u64,
}
