//! The machine without a network: records a second on one core with 10,000 open items, what an item weighs, and whether
//! the past slows it down.

mod doors;
mod tells;
mod town;

use serde::{Deserialize, Serialize};

use self::town::Town;
use crate::{
    Scale,
    row::{Bound, Row, median},
    webhooks::memory,
    world::in_its_own_process,
};

const ITEMS: usize = 10_000;
const RECORDS: usize = 300_000;

/// The items that ended, for each that is open.
const HISTORY: usize = 100;

/// What the process of its own tells.
#[derive(Serialize, Deserialize)]
struct Told {
    /// Records a second, with nothing that ended.
    fresh: f64,
    /// The same, with the history.
    old: f64,
    /// Bytes of an open item.
    open: f64,
    /// Bytes of an ended one.
    ended: f64,
}

pub async fn run(scale: Scale) -> Vec<Row> {
    let mut told = Vec::new();
    for _ in 0..scale.pairs() {
        told.push(in_its_own_process::<Told>(scale, "machine").await);
    }
    let middle = |figure: fn(&Told) -> f64| median(told.iter().map(figure));
    let slower: Vec<(f64, f64)> = told.iter().map(|told| (told.fresh, told.old)).collect();
    vec![
        Row::of_value(
            "machine, mixed records, 10,000 open items, one core",
            middle(|told| told.fresh),
            "rec/s",
            Bound::AtLeast(100_000.0),
        ),
        Row::of_value("machine, an open item", middle(|told| told.open), "B", Bound::AtMost(4096.0)),
        Row::of_value("machine, an ended item", middle(|told| told.ended), "B", Bound::AtMost(200.0)),
        Row::of_pairs("machine, with 100 times the history", "rec/s", "with it", &slower, Bound::AtMost(1.2)),
    ]
}

/// The process of its own: its memory is its own.
pub fn serve(scale: Scale) {
    let before = resident();
    let mut town = Town::new(scale.of(ITEMS, 200));
    let open = (resident() - before) / town.items as f64;
    let count = scale.of(RECORDS, 2_000);
    // What is settled once is not settled again.
    town.rate(count);
    let fresh = town.rate(count);
    let before = resident();
    let remembered = town.remember(scale.of(ITEMS * HISTORY, 2_000));
    let ended = (resident() - before) / remembered as f64;
    let told = Told { fresh, old: town.rate(count), open, ended };
    println!("{}", serde_json::to_string(&told).unwrap());
}

fn resident() -> f64 {
    memory(std::process::id(), "VmRSS:") * 1e6
}
