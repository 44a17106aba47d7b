//! `rig.svc.run.*`: what an agent asks the conductor about its run.

use serde::{Deserialize, Serialize};

use super::subject;
use crate::{catalogue::agent::Fence, subject::Subject};

/// The service's name.
pub const SERVICE: &str = "run";

/// What [`next`] ends in.
pub const NEXT: &str = "next";

/// What [`leader`] ends in.
pub const LEADER: &str = "leader";

/// Where an agent asks whether to go on: before each turn, and every 10 s.
#[must_use]
pub fn next() -> Subject {
    subject(SERVICE, NEXT)
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
}

/// What an agent does next.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "next", rename_all = "snake_case")]
pub enum Next {
    /// Go on.
    Go,
    /// The claim is not decided yet: ask again.
    Ask,
    /// Stop. What was pushed stays.
    Stop {
        /// Why.
        reason: String,
    },
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
