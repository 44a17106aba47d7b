//! Jobs with a real git and real shells, behind both kinds of walls. They need a Linux that allows user namespaces.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod bench;
mod endings;
mod running;
