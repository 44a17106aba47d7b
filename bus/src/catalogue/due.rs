//! Time, as records.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::number::ItemKey;

/// `rig.due.tick.v1`: thirty seconds went by. Whatever is overdue is looked at now.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Tick {
    /// The sentence people are shown; ticks are not shown.
    pub say: String,
}

/// `rig.due.deadline.v1`: an alarm. It counts only if the state still holds exactly this deadline; a stale or double one
/// passes without effect.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Deadline {
    /// The sentence people are shown.
    pub say: String,
    /// Whose deadline it is, as `acme/site#42`.
    pub item: String,
    /// The same by its numbers, which survive a rename; nothing where it is no work item's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<ItemKey>,
    /// What is due, as `lease` or `answer`.
    pub what: String,
    /// The generation of the item's state that set it.
    pub generation: u64,
    /// The moment that was set.
    #[serde(with = "time::serde::rfc3339")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub due_at: OffsetDateTime,
}
