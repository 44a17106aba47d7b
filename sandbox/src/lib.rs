//! The outside world, played: a GitHub with real git, webhooks, CI and a site, for tests, the demo and anyone who writes
//! a bot without a network. It knows none of the Rig's own types.
//!
//! A pure world stands at the heart: state in, request in; answer, webhooks and effects out. Thin adapters behind it
//! speak HTTP, run git and scripts, and post what the world says.

pub mod ci;
pub mod faults;
pub mod git;
mod glob;
mod key;
pub mod object;
mod page;
pub mod people;
pub mod played;
pub mod seed_file;
pub mod site;
pub mod workflow;
pub mod world;
