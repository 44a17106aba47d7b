//! The two servers the Rig stands on, nats-server and PostgreSQL: found or installed, started, watched, stopped.
//!
//! [`Cache`] has the programs. [`Nats`] and [`Postgres`] are one running server each, in a folder of its own which no
//! second process may use at the same time. [`Supervised`] starts a server again when it dies. [`testing`] gives tests
//! the same servers, and leaves nothing behind.
//!
//! Nothing here knows what the servers are used for: the configuration of nats-server is the caller's text, and no
//! other crate of ours is used.

pub mod cache;
mod error;
mod home;
mod lines;
pub mod log_file;
mod monitor;
pub mod nats;
pub mod place;
pub mod port;
pub mod postgres;
mod process;
mod process_table;
pub mod program;
mod run_as;
mod secret;
mod supervised;
pub mod testing;
mod wheel;

pub use cache::Cache;
pub use error::{Error, Result};
pub use lines::Lines;
pub use nats::Nats;
pub use place::Place;
pub use port::Port;
pub use postgres::Postgres;
pub use program::Programs;
pub use secret::Secret;
pub use supervised::{Server, Supervised};
