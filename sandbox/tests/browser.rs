//! The pages in a real browser: Chromium draws each kind of them in light and dark, narrow and wide, and axe-core judges
//! whether everybody can use what is drawn.
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

#[path = "browser/scene.rs"]
mod scene;

#[path = "browser/look.rs"]
mod look;

#[path = "browser/pages.rs"]
mod pages;

#[path = "browser/live.rs"]
mod live;
