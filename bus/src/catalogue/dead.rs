//! What could not be handled.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::RecordId;

/// `rig.dead.parked.v1`: a consumer gave a record up. The record itself stays in LOG.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Parked {
    /// The sentence people are shown.
    pub say: String,
    /// Who gave it up.
    pub consumer: String,
    /// The record's number in LOG.
    pub sequence: u64,
    /// The record's subject.
    pub subject: String,
    /// The record's id, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<RecordId>,
    /// How often it was tried.
    pub deliveries: u64,
    /// What went wrong, oldest first; the last ones where there were many.
    pub errors: Vec<String>,
}

/// `rig.dead.retried.v1`: an operator had a given-up record handed out again.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Retried {
    /// The sentence people are shown.
    pub say: String,
    /// The id of the `rig.dead.parked.v1` record.
    pub dead: RecordId,
    /// The number in LOG under which the record was handed out again.
    pub sequence: u64,
}
