//! Those who do the work: a runtime, and the characters that it plays.
//!
//! A run goes: an offer is claimed and granted, what there is to know is read, a working tree of its own is made, the
//! brain takes its turns in it, what it committed is pushed through the git door, and the end is claimed. What thinks is
//! never trusted: a run has done something only if it is there.
//!
//! A run's processes hold no secret. What reads or pushes with a credential runs beside them, with a configuration that
//! they did not write.

mod api;
pub mod brain;
pub mod character;
mod context;
pub mod git;
pub mod git_door;
mod place;
mod process_tree;
pub mod runtime;
mod tips;
pub mod workspace;

pub use character::Character;
