//! The streams: what they are, and how they are made to be so.
//!
//! LOG holds every record. VOICE takes what agents say and CLOCK what is due; LOG sources both. TRACE holds the turns of
//! runs and nothing else reads it. What each should be stands in `nats/*.toml`; the durables come from
//! [`crate::roles::TABLE`].

mod api;
mod apply;
mod change;
mod durable;
mod epoch;
mod error;
mod log;
pub(crate) mod message;
mod spec;
mod taken;

pub(crate) use api::ask;
pub use apply::{apply, diff};
pub use change::Change;
pub use durable::{add_durable, add_subscriber, remove_subscriber};
pub use epoch::{Epoch, LOG, LogState, log_state};
pub use error::Error;
pub use log::{Resume, begin_epoch, close_log, create_log, delete_log, open_log, restoring_subject};
pub use spec::{Discard, Origin, Overrides, Spec, Transform, specs};
pub use taken::Taken;
