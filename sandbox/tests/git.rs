//! The git adapter against git itself: a real server on the loopback, git's own client, and an owner of the world that
//! accepts and refuses by a few rules.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

#[path = "git/client.rs"]
mod client;
#[path = "git/entry.rs"]
mod entry;
#[path = "git/fetch.rs"]
mod fetch;
#[path = "git/merge.rs"]
mod merge;
#[path = "git/mirror.rs"]
mod mirror;
#[path = "git/owner.rs"]
mod owner;
#[path = "git/push.rs"]
mod push;
#[path = "git/refused.rs"]
mod refused;
#[path = "git/stage.rs"]
mod stage;
#[path = "git/wire.rs"]
mod wire;
