//! Git, by git itself: bare repositories on disk that are cloned, fetched and pushed to over HTTP, and that answer how
//! two commits merge.
//!
//! The world is the truth for refs and permissions; a [`Mirror`] follows it. Nothing here decides: who may read, who
//! may write and what becomes of each pushed ref is asked through the [`Gate`], and the owner of the world moves the
//! mirror's refs, so that they move in the order in which the world decided.
//!
//! A push is unpacked into a quarantine. What the world refuses was never part of the repository.

mod advertise;
mod command;
mod error;
mod follow;
mod gate;
mod http;
mod inflow;
mod loose;
mod merge;
mod mirror;
mod packed;
mod quarantine;
mod raw;
mod receive;
mod reference;
mod refusal;
mod settings;
mod upload;

pub use crate::world::RepositoryId;
pub use error::Error;
pub use gate::{Access, Ask, Command, Credentials, Entry, Gate, Incoming, Push, Service, Verdict};
pub use http::router;
pub use merge::Merged;
pub use mirror::Mirror;
pub use raw::Raw;
pub use settings::Settings;
