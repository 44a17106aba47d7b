//! The numbers that are promised, each as a ratio to its ceiling in the same run, on the same servers.
//!
//! `make bench` runs this in a release build and writes `target/bench.json`. `--scale 0.01` does a hundredth of the work:
//! enough to see that the harness runs, too little to believe a figure. `--only NAME` runs what has NAME in its name.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    missing_docs,
    unreachable_pub,
    reason = "a measuring program, not the product: it stops at the first thing that is wrong"
)]

mod arrival;
mod begun;
mod decided;
mod demo;
mod drafts;
mod drain;
mod led;
mod life;
mod machine;
mod mix;
mod played;
mod publish;
mod raw;
mod refold;
mod restore;
mod row;
mod rows;
mod stage;
mod up;
mod webhooks;
mod world;

use std::{fs, path::Path};

use clap::{Parser, Subcommand};
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
    /// What this program starts itself as.
    #[command(subcommand)]
    part: Option<Part>,
}

#[derive(Subcommand)]
#[command(hide = true)]
enum Part {
    /// Our webhook door.
    ServeOurs,
    /// The webhook door written by hand.
    ServeRaw,
    /// A conductor, in a process of its own.
    Conduct,
    /// The machine, in a process of its own.
    Machine,
    /// The played world, in a process of its own.
    World,
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

    /// The share itself.
    pub const fn share(self) -> f64 {
        self.0
    }

    /// How often a pair is measured.
    pub fn pairs(self) -> usize {
        if self.is_full() { 5 } else { 1 }
    }

    /// Whether the figures are to be believed.
    pub fn is_full(self) -> bool {
        self.0 >= 0.5
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
    // As many threads as `rig` has.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        match args.part {
            Some(Part::ServeOurs) => webhooks::serve_ours().await,
            Some(Part::ServeRaw) => webhooks::serve_raw().await,
            Some(Part::Conduct) => led::conduct().await,
            Some(Part::Machine) => machine::serve(Scale(args.scale)),
            Some(Part::World) => world::serve(Scale(args.scale)),
            None => run(args).await,
        }
    });
    // A thread may still be reading what nobody writes.
    runtime.shutdown_background();
}

async fn run(args: Args) {
    let mut rows = Vec::new();
    benches! { args, rows,
        "publish" => publish::run,
        "webhooks" => webhooks::run,
        "drain" => drain::run,
        "arrival" => arrival::run,
        "restore" => restore::run,
        "up" => up::run,
        "demo" => demo::run,
        "machine" => machine::run,
        "refold" => refold::run,
        "decided" => decided::run,
        "begun" => begun::run,
        "world" => world::run,
        "played" => played::run,
        "life" => life::run,
    }
    row::print(&rows);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("target/bench.json");
    fs::write(&file, serde_json::to_vec_pretty(&rows).unwrap()).unwrap();
    row::check(&fs::read(&file).unwrap(), args.only.is_none());
    println!(
        "{} numbers, {} hold, written to target/bench.json",
        rows.len(),
        rows.iter().filter(|row| row.holds).count()
    );
}
