//! The streams: what they are, and how they are made to be so.
//!
//! LOG holds every record. VOICE takes what agents say and CLOCK what is due; LOG sources both. TRACE holds the turns of
//! runs and nothing else reads it.

mod api;
mod epoch;
mod error;

pub use epoch::{Epoch, LOG, LogState, log_state};
pub use error::Error;
