//! GitHub's door under load, against one written by hand and against probot.
//!
//! Each door is a process of its own, and all have the same load put on them, one after the other.

mod door;
mod load;
mod ours;
mod raw_door;

use std::path::Path;

pub use door::{Ground, memory};
pub use load::{Client, Load};
pub use ours::serve as serve_ours;
pub use raw_door::serve as serve_raw;
use tokio::process::Command;

use self::door::Door;
use crate::{
    Scale,
    row::{Bound, Row},
    stage::Stage,
};

const SIZE: usize = 10 << 10;
const SECRET: &str = "the secret of the benchmark";

pub async fn run(scale: Scale) -> Vec<Row> {
    let stage = Stage::new().await;
    let ground = Ground { nats_url: stage.url("ingest"), secret: SECRET.to_owned() };
    let ours = Door::open(myself("serve-ours"), &ground).await;
    let raw = Door::open(myself("serve-raw"), &ground).await;
    let probot = Door::open(probot(), &ground).await;

    let load = Load::new(SIZE, SECRET);
    for door in [&ours, &raw, &probot] {
        load.drive(door.address, scale.of(2_000, 64)).await;
    }
    let count = scale.of(16_000, 64);
    let (mut against_raw, mut against_probot) = (Vec::new(), Vec::new());
    for _ in 0..scale.pairs() {
        let rate = load.drive(ours.address, count).await;
        against_raw.push((rate, load.drive(raw.address, count).await));
        against_probot.push((rate, load.drive(probot.address, count).await));
    }
    let memory = [(ours.most_memory(), probot.most_memory())];
    vec![
        Row::of_pairs(
            "webhooks, 10 KiB, 32 connections",
            "req/s",
            "raw axum, batches of 32",
            &against_raw,
            Bound::AtLeast(0.7),
        ),
        Row::of_pairs(
            "webhooks, against probot",
            "req/s",
            "probot, signature only",
            &against_probot,
            Bound::AtLeast(1.0),
        ),
        Row::of_pairs("webhooks, memory at most", "MB", "probot, signature only", &memory, Bound::AtMost(0.25)),
    ]
}

/// This program, to be one of the doors.
fn myself(door: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg(door);
    command
}

fn probot() -> Command {
    let cache = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(".cache");
    let (node, home) = (cache.join("tools/bin/node"), cache.join("probot"));
    assert!(node.exists() && home.exists(), "probot is not installed: run `tools/install bench`");
    // What it logs goes nowhere; its port comes where the other doors tell theirs.
    let mut command = Command::new("sh");
    command.args(["-c", r#"exec 3>&1 >/dev/null "$0" "$@""#]).arg(node);
    command.args(["--input-type=module", "--eval", include_str!("webhooks/probot.mjs")]);
    command.current_dir(home).env("NODE_ENV", "production");
    command
}
