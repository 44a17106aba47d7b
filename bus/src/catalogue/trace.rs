//! Turns of runs, for people who look over an agent's shoulder. They stand in TRACE, not in LOG; nothing reads them to go
//! on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::agent::Fence;

/// `rig.trace.turn.v1`: a turn of a run began, or ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Turn {
    /// The sentence people are shown.
    pub say: String,
    /// Which work.
    #[serde(flatten)]
    pub fence: Fence,
    /// Which turn, from 1.
    pub turn: u32,
    /// What kind of brain takes it: `command`, `rehearsal`.
    pub brain: String,
    /// How it ended; nothing where it begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<End>,
}

/// How a turn ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct End {
    /// What the brain says of it: `done`, `more`, `broken` …
    pub outcome: String,
    /// How long it took, in milliseconds.
    pub took: u64,
    /// What it said on the way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub said: Vec<String>,
    /// The last of what it wrote besides, as it stands.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub talk: String,
}
