//! Time, as records.

use bus::{catalogue::due::Deadline, envelope::Sealed};

use crate::machine::{Fact, fact::Due};

pub(super) fn rings(kind: &str, envelope: &Sealed<'_>) -> Option<Fact> {
    match kind {
        "tick" => Some(Fact::Tick),
        "deadline" => deadline(envelope),
        _ => None,
    }
}

/// One that names no item by its numbers is nobody's here: the tick finds what is overdue all the same.
fn deadline(envelope: &Sealed<'_>) -> Option<Fact> {
    let Deadline { say: _, item: _, key, what: _, generation, due_at } = envelope.open().ok()?;
    Some(Fact::Due(Due { item: key?, generation: generation.try_into().ok()?, due_at }))
}
