//! The played world, asked by clients that were written for GitHub and know nothing of it.
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

#[path = "clients/cast.rs"]
mod cast;

#[path = "clients/typed.rs"]
mod typed;

#[path = "clients/typed_data.rs"]
mod typed_data;

#[path = "clients/typed_errors.rs"]
mod typed_errors;

#[path = "clients/script.rs"]
mod script;

#[path = "clients/scripted.rs"]
mod scripted;

#[path = "clients/typed_hooks.rs"]
mod typed_hooks;

#[path = "clients/git.rs"]
mod git;

#[path = "clients/typed_repositories.rs"]
mod typed_repositories;
