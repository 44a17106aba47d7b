//! The played world on a port, asked by real clients.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "tests"
)]

#[path = "played/stage.rs"]
mod stage;

#[path = "played/webhooks.rs"]
mod webhooks;

#[path = "played/clones.rs"]
mod clones;

#[path = "played/faults.rs"]
mod faults;

#[path = "played/merges.rs"]
mod merges;

#[path = "played/pages.rs"]
mod pages;

#[path = "played/ci.rs"]
mod ci;

#[path = "played/site.rs"]
mod site;

#[path = "played/site_trouble.rs"]
mod site_trouble;

#[path = "played/control.rs"]
mod control;
