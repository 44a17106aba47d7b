//! The played objects beside git's own: everything here is asked of both.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod bytes;
mod diff;
mod edit;
mod git;
mod history;
mod merge;
mod patch;
