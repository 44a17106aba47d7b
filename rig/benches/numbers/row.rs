//! One measured number and the bound it is held to.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

/// The numbers that are promised.
const PROMISED: [&str; 25] = [
    "publish, 1 KiB, 256 in flight",
    "webhooks, 10 KiB, 32 connections",
    "webhooks, against probot",
    "webhooks, memory at most",
    "projector drain, words of 1 KiB",
    "projector drain, webhooks of 8 KiB",
    "webhook to row, 100/s, p99",
    "restore postgres",
    "restore bus",
    "rig up, resident memory 60 s after ready",
    "rig up, new home, ready after",
    "rig demo, an issue from filed to live",
    "all roles in one process, resident, idle",
    "machine, mixed records, 10,000 open items, one core",
    "machine, an open item",
    "machine, an ended item",
    "machine, with 100 times the history",
    "conductor, refolded from LOG",
    "conductor, take-over after kill -9",
    "webhook to command, 100/s, p99",
    "offer to first turn, p99",
    "played world, mixed requests, one core",
    "played world, 1,000 × 100 issues, memory",
    "played world, over HTTP, 4 connections",
    "played world, a pull request's whole life",
];

/// What a ratio or a value must keep.
#[derive(Clone, Copy)]
pub enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Bound {
    fn holds(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
        }
    }

    fn text(self) -> String {
        match self {
            Self::AtLeast(least) => format!(">= {least}"),
            Self::AtMost(most) => format!("<= {most}"),
        }
    }
}

/// A row of the table and of `target/bench.json`.
#[derive(Serialize)]
pub struct Row {
    pub name: &'static str,
    /// Ours: the median.
    pub value: f64,
    pub unit: &'static str,
    /// What it is measured against in the same run, with its own median.
    pub against: String,
    /// The median of the pairs' ratios; nothing where the bound is on the value itself.
    pub ratio: Option<f64>,
    pub bound: String,
    pub holds: bool,
}

impl Row {
    /// A value with a bound of its own.
    pub fn of_value(name: &'static str, value: f64, unit: &'static str, bound: Bound) -> Self {
        Self { name, value, unit, against: "-".to_owned(), ratio: None, bound: bound.text(), holds: bound.holds(value) }
    }

    /// Ours against the ceiling, from pairs measured in turn.
    pub fn of_pairs(name: &'static str, unit: &'static str, ceiling: &str, pairs: &[(f64, f64)], bound: Bound) -> Self {
        let ratio = median(pairs.iter().map(|(ours, theirs)| ours / theirs));
        let theirs = median(pairs.iter().map(|(_, theirs)| *theirs));
        Self {
            name,
            value: median(pairs.iter().map(|(ours, _)| *ours)),
            unit,
            against: format!("{ceiling}: {theirs:.1}"),
            ratio: Some(ratio),
            bound: bound.text(),
            holds: bound.holds(ratio),
        }
    }
}

/// The middle one; the upper of the two middle ones where their number is even.
pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The value below which 99 of 100 lie.
pub fn p99(mut values: Vec<Duration>) -> Duration {
    values.sort();
    values[(values.len() * 99 / 100).min(values.len() - 1)]
}

/// Things a second.
pub fn rate(count: usize, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}

/// The table for a person.
pub fn print(rows: &[Row]) {
    println!("{:<52} {:>12} {:<8} {:>7} {:>9}  against", "what", "value", "unit", "ratio", "bound");
    for row in rows {
        let ratio = row.ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}"));
        let mark = if row.holds { '✓' } else { '✗' };
        println!(
            "{:<52} {:>12.1} {:<8} {ratio:>7} {:>9} {mark} {}",
            row.name, row.value, row.unit, row.bound, row.against
        );
    }
}

/// Checks what was written: every number, and each as its reader expects it. A figure that could not be had is no number.
pub fn check(json: &[u8], everything: bool) {
    let rows: Vec<Value> = serde_json::from_slice(json).unwrap();
    for row in &rows {
        let fields: Vec<&str> = row.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(fields, ["against", "bound", "holds", "name", "ratio", "unit", "value"]);
        let texts = ["against", "bound", "name", "unit"].iter().all(|field| row[field].is_string());
        let ratio = row["ratio"].is_f64() || row["against"] == "-";
        assert!(texts && ratio && row["value"].is_f64() && row["holds"].is_boolean(), "{row}");
    }
    let names: Vec<&str> = rows.iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert!(!everything || names == PROMISED, "{names:?}");
}
