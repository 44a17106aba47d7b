//! The numbers that are promised, each as a ratio to its ceiling in the same run, on the same servers.
//!
//! `make bench` runs this in a release build and writes `target/bench.json`. `--scale 0.01` does a hundredth of the work:
//! enough to see that the harness runs, too little to believe a figure. `--only NAME` runs what has NAME in its name.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    missing_docs,
    unreachable_pub,
    reason = "a measuring program, not the product: it stops at the first thing that is wrong"
)]

mod publish;
mod row;
mod stage;

use std::{fs, path::Path};

use clap::Parser;
use row::Row;

#[derive(Parser)]
struct Args {
    /// How much of the work is done.
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    /// Runs only the benchmarks whose name contains this.
    #[arg(long)]
    only: Option<String>,
    /// What `cargo bench` passes on.
    #[arg(long, hide = true)]
    bench: bool,
}

/// How much work a benchmark does.
#[derive(Clone, Copy)]
pub struct Scale(f64);

impl Scale {
    /// This share of a count, at least `least`.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count, rounded")]
    pub fn of(self, whole: usize, least: usize) -> usize {
        ((whole as f64 * self.0) as usize).max(least)
    }

    /// How often a pair is measured.
    pub fn pairs(self) -> usize {
        if self.0 < 0.5 { 1 } else { 5 }
    }
}

macro_rules! benches {
    ($args:ident, $rows:ident, $($name:literal => $run:path),* $(,)?) => {
        $(if $args.only.as_deref().is_none_or(|only| $name.contains(only)) {
            eprintln!("measuring {} …", $name);
            let measured: Vec<Row> = $run(Scale($args.scale)).await;
            $rows.extend(measured);
        })*
    };
}

fn main() {
    let args = Args::parse();
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(run(args));
}

async fn run(args: Args) {
    let mut rows = Vec::new();
    benches! { args, rows,
        "publish" => publish::run,
    }
    row::print(&rows);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("target/bench.json");
    fs::write(&file, serde_json::to_vec_pretty(&rows).unwrap()).unwrap();
    println!("{} numbers, {} hold, written to target/bench.json", rows.len(), rows.iter().filter(|row| row.holds).count());
}
