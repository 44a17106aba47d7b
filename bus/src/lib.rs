//! The channel and its language: ids, subjects, records, streams, and how to publish, read and consume them.
//!
//! Every other crate meets here. Nothing in this crate knows what a record means for the work; it knows what a record
//! is, who may speak it, and how none is lost.

pub mod accounts;
pub mod ask;
pub mod catalogue;
pub mod clock;
pub mod commit;
pub mod connect;
pub mod consume;
pub mod envelope;
pub mod filter;
pub mod id;
pub mod intake;
pub mod lineage;
pub mod number;
pub mod publish;
pub mod read;
pub mod record;
pub mod roles;
pub mod run_state;
pub mod service;
pub mod snapshot;
pub mod stream;
pub mod subject;
pub mod token;
pub mod told;

pub use envelope::{Envelope, Trust};
pub use id::RecordId;
pub use record::{Draft, Refusal, Sequenced};
pub use subject::Subject;
pub use token::Token;
