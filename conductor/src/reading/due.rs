//! Time, as records.

use bus::{envelope::Sealed, number::ItemKey};
use serde::Deserialize;
use time::OffsetDateTime;

use crate::machine::{Fact, fact::Due};

/// Of a deadline, what decides whether it still counts. One that names no item by its numbers is nobody's here: the tick
/// finds what is overdue all the same.
#[derive(Deserialize)]
struct Deadline {
    key: ItemKey,
    generation: u32,
    #[serde(with = "time::serde::rfc3339")]
    due_at: OffsetDateTime,
}

pub(super) fn rings(kind: &str, envelope: &Sealed<'_>) -> Option<Fact> {
    match kind {
        "tick" => Some(Fact::Tick),
        "deadline" => {
            let Deadline { key: item, generation, due_at } = envelope.open().ok()?;
            Some(Fact::Due(Due { item, generation, due_at }))
        }
        _ => None,
    }
}
