//! The conductor's position and fence.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `rig.conductor.step.v1`: everything up to `through` was decided, and what was decided stands behind this record, in
/// the same batch.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// The sentence people are shown; steps are not shown.
    pub say: String,
    /// Goes up with each take-over.
    pub term: u64,
    /// The last number of LOG that was decided.
    pub through: u64,
}
