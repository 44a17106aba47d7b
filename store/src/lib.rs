//! The rows: PostgreSQL, made from LOG and able to make LOG again.
//!
//! SQL lives in this crate alone, and each statement is checked when it is compiled, against what `.sqlx` says of the
//! schema (`make sqlx` writes it). Nothing decides by what stands here: the rows may lag, be dropped, and be made anew.

mod connect;
mod error;
mod headers;
mod place;
pub mod projector;
mod pulse;
pub mod query;
pub mod restore;
mod stored;
mod text;
pub mod views;

pub use connect::{Store, migrate};
pub use error::Error;
pub use pulse::Pulse;
