//! Servers under load on a disk of ours, and the power goes.
//!
//! What they called stored must be there when it comes back: with the settings that the Rig gives them, all of it. Beside
//! each stands the same with the server's own or with looser settings, which must lose something: else this would prove
//! nothing.
#![allow(clippy::panic, clippy::unwrap_used, clippy::disallowed_methods)]

mod channel;
mod database;
mod full;
mod ledger;
mod machine;
mod nats;
mod postgres;
mod whole;
