//! What is left of ended items. There are many of them, so little is left.

use bus::{
    catalogue::work::Standing,
    commit::Oid,
    number::{IssueNumber, PullNumber},
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// What is left of an ended item: whether what waits for it may begin, and which fence a new course goes on from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ended {
    /// Its end.
    pub end: Ending,
    /// Its last fence.
    pub generation: u32,
    /// The pull request that carried it.
    pub pull: Option<PullNumber>,
    /// When its issue was last seen closed, or without its label.
    pub unwanted_at: Option<OffsetDateTime>,
    /// How its issue was known to be when it ended: what was before says nothing new.
    pub known_at: OffsetDateTime,
}

/// How an item ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Ending {
    /// Landed where nothing is deployed.
    Landed {
        /// The landed commit.
        commit: Oid,
    },
    /// On the target, and tried there.
    Live {
        /// The commit that was tried.
        commit: Oid,
    },
    /// Another item stands for it.
    Superseded {
        /// Which.
        by: IssueNumber,
    },
    /// Not to be done.
    Cancelled {
        /// Why.
        because: Box<str>,
    },
}

impl Ending {
    /// The end that a standing is; nothing for one that goes on.
    #[must_use]
    pub fn of(standing: &Standing) -> Option<Self> {
        match standing {
            Standing::Landed { commit } => Some(Self::Landed { commit: *commit }),
            Standing::Live { commit } => Some(Self::Live { commit: *commit }),
            Standing::Superseded { by } => Some(Self::Superseded { by: *by }),
            Standing::Cancelled { because } => Some(Self::Cancelled { because: because.as_str().into() }),
            Standing::Filed
            | Standing::Queued(_)
            | Standing::Offered(_)
            | Standing::Leased(_)
            | Standing::Expected(_)
            | Standing::Gated(_)
            | Standing::Waiting(_)
            | Standing::Parked(_)
            | Standing::Landing(_)
            | Standing::Deploying(_)
            | Standing::Verifying(_) => None,
        }
    }

    /// The name, as a standing has it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Landed { .. } => "landed",
            Self::Live { .. } => "live",
            Self::Superseded { .. } => "superseded",
            Self::Cancelled { .. } => "cancelled",
        }
    }
}
