//! `rig.svc.run.*`: what an agent asks the conductor about its run.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::subject;
use crate::{catalogue::agent::Fence, id::RecordId, subject::Subject};

/// The service's name.
pub const SERVICE: &str = "run";

/// What [`next`] ends in.
pub const NEXT: &str = "next";

/// What [`save`] ends in.
pub const SAVE: &str = "save";

/// What [`load`] ends in.
pub const LOAD: &str = "load";

/// What [`park`] ends in.
pub const PARK: &str = "park";

/// What [`leader`] ends in.
pub const LEADER: &str = "leader";

/// How large a saved state may be, as JSON.
pub const LARGEST_STATE: usize = 1 << 20;

/// Where an agent asks whether to go on: before each turn, and every 10 s.
#[must_use]
pub fn next() -> Subject {
    subject(SERVICE, NEXT)
}

/// Where an agent keeps what its brain has to know beyond the branch.
#[must_use]
pub fn save() -> Subject {
    subject(SERVICE, SAVE)
}

/// Where whoever goes on with a task gets what was kept of it.
#[must_use]
pub fn load() -> Subject {
    subject(SERVICE, LOAD)
}

/// Where an agent hands in an offer that it cannot read: the conductor gives it up as a record.
#[must_use]
pub fn park() -> Subject {
    subject(SERVICE, PARK)
}

/// Where it is asked who decides now. Only that conductor answers.
#[must_use]
pub fn leader() -> Subject {
    subject(SERVICE, LEADER)
}

/// Whether to go on with a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ask {
    /// The right to it, as it was offered.
    #[serde(flatten)]
    pub fence: Fence,
    /// The last words that it was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<RecordId>,
}

/// What an agent does next.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "next", rename_all = "snake_case")]
pub enum Next {
    /// Go on.
    Go {
        /// What people said about this work and it was not told yet, the oldest first.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        say: Vec<Word>,
    },
    /// The claim is not decided yet: ask again.
    Ask,
    /// Stop. What was pushed stays.
    Stop {
        /// Why.
        reason: String,
    },
}

/// What a person said in the room of a piece of work, and that is no order; or what an issue says since it was edited.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Word {
    /// The record it was said in.
    pub id: RecordId,
    /// Who.
    pub who: String,
    /// What.
    pub say: String,
}

/// Keeps a state, in place of the one before.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Save {
    /// The right to the run.
    #[serde(flatten)]
    pub fence: Fence,
    /// What is kept; null to keep nothing.
    pub state: Value,
}

/// Asks for what was kept of this task, by this run or one before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Load {
    /// The right to the run.
    #[serde(flatten)]
    pub fence: Fence,
}

/// What was kept.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Kept {
    /// The state; null where there is none.
    #[serde(default)]
    pub state: Value,
}

/// Hands in an offer that cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Park {
    /// Its number in LOG.
    pub sequence: u64,
    /// How often it was delivered.
    pub deliveries: u64,
    /// What is wrong with it.
    pub error: String,
}

/// That it was done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Done {
    /// Always.
    pub done: bool,
}

/// Who decides now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Leader {
    /// Its term.
    pub term: u64,
    /// The last number of LOG that it decided.
    pub through: u64,
    /// Its process on its machine, for whoever looks for it there.
    #[serde(default)]
    pub process: u32,
}
