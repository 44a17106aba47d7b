//! Words: a person's and an agent's.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `rig.chat.said.v1`: somebody said something in a room.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Said {
    /// The words, as they were typed.
    pub say: String,
    /// The room's name, as people write it.
    pub room: String,
    /// The speaker's name, as people write it.
    pub who: String,
    /// The door it came through: `terminal`, `discord`; an agent's own words name none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub door: Option<String>,
}
