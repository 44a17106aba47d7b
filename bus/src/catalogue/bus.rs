//! The state of the log itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `rig.bus.filling.v1` and `rig.bus.relieved.v1`: how full LOG is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Fill {
    /// The sentence people are shown.
    pub say: String,
    /// Bytes that LOG holds.
    pub bytes: u64,
    /// Bytes that LOG may hold.
    pub max_bytes: u64,
}

/// `rig.bus.restored.v1`: LOG was made again from rows. Numbers up to `through` are the old ones.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Restored {
    /// The sentence people are shown.
    pub say: String,
    /// The epoch that begins: readers that kept a position of another epoch must look at it again.
    pub epoch: String,
    /// The last restored number.
    pub through: u64,
    /// Numbers, first and last inclusive, whose records are lost.
    pub gaps: Vec<(u64, u64)>,
}

/// `rig.bus.gap.v1`: stands at the number of a record that is lost.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// The sentence people are shown.
    pub say: String,
    /// The number that is lost: this record's own.
    pub sequence: u64,
}
