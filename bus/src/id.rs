//! Identities of records and commands.
//!
//! An id that can be computed is what makes doing a thing twice doing it once: whoever repeats the step computes the
//! same id, and finds what the first one left.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The namespace under which ids of GitHub's deliveries are derived from their GUIDs.
const DELIVERY: Uuid = Uuid::from_u128(0x6f1d_0c51_8f5e_4f0e_9a54_52d1_0c6b_7a11);

/// The identity of one record, the same wherever the record goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct RecordId(Uuid);

impl RecordId {
    /// A new id, ordered by time (UUIDv7): for what a person or the world says for the first time.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one lawful source of new ids")]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }

    /// The id of the `n`-th output caused by this record: UUIDv5(cause, n), n in decimal.
    #[must_use]
    pub fn output(self, n: u32) -> Self {
        Self(Uuid::new_v5(&self.0, n.to_string().as_bytes()))
    }

    /// The id of this command's outcome: UUIDv5(command, "outcome").
    #[must_use]
    pub fn outcome(self) -> Self {
        self.named("outcome")
    }

    /// An id derived from this one and a name, the same each time.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        Self(Uuid::new_v5(&self.0, name.as_bytes()))
    }

    /// The id of the record of a GitHub delivery: a redelivery has the same GUID, so it has the same id.
    #[must_use]
    pub fn of_delivery(guid: &str) -> Self {
        Self(Uuid::new_v5(&DELIVERY, guid.as_bytes()))
    }

    /// The id as a UUID, for columns of that type.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl Default for RecordId {
    fn default() -> Self {
        Self::new()
    }
}

impl From<Uuid> for RecordId {
    fn from(uuid: Uuid) -> Self {
        Self(uuid)
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for RecordId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::try_parse(text).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derived_ids_are_the_same_each_time_and_differ_by_name() {
        let cause = RecordId::of_delivery("72d3162e-cc78-11e3-81ab-4c9367dc0958");
        assert_eq!(cause, RecordId::of_delivery("72d3162e-cc78-11e3-81ab-4c9367dc0958"));
        assert_eq!(cause.output(1), cause.output(1));
        assert_ne!(cause.output(1), cause.output(2));
        assert_ne!(cause.output(1), cause.outcome());
    }
}
