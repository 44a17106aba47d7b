//! What landed past its review by a person's word, until people were reminded of it (F-003).

use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// What is kept for one list: more in one day is said at once.
const KEPT: usize = 50;

/// How long the first of a list waits for others.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// What landed past its review since the last list, a line each.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Bypasses(Vec<(OffsetDateTime, String)>);

impl Bypasses {
    /// Notes what landed so.
    pub fn note(&mut self, at: OffsetDateTime, line: String) {
        self.0.push((at, line));
    }

    /// The list, once a day, where there is something to list; it begins anew then.
    pub fn list(&mut self, now: OffsetDateTime) -> Option<String> {
        let (first, _) = self.0.first()?;
        let is_due = *first + DAY <= now || self.0.len() >= KEPT;
        is_due.then(|| {
            let lines: Vec<String> = std::mem::take(&mut self.0).into_iter().map(|(_, line)| line).collect();
            format!("Landed past their review since yesterday:\n{}", lines.join("\n"))
        })
    }
}
