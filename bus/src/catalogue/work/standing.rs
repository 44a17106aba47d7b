//! Where a work item stands: what it waits for, since when and until when.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{Need, Reason, Task, Why};
use crate::{commit::Oid, id::RecordId, number::IssueNumber};

macro_rules! moment {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* @ $($(#[$time_meta:meta])* $time:ident,)* }) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)*
            $(
                $(#[$time_meta])*
                #[serde(with = "time::serde::rfc3339")]
                #[schemars(with = "String", extend("format" = "date-time"))]
                pub $time: OffsetDateTime,
            )*
        }
    };
}

/// The moment of what was stored before it had one.
const fn long_ago() -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH
}

moment! {
    /// Waits for its turn.
    Queued {
        /// For what.
        task: Task,
        @
        /// Since when.
        since,
        /// When somebody is told that nobody takes it.
        until,
    }
}

moment! {
    /// Put before the agents of a pool.
    Offered {
        /// What is to be done.
        task: Task,
        /// The run that it will be.
        run: RecordId,
        /// Before whom.
        pool: String,
        @
        /// Since when it waits for somebody.
        since,
        /// When it is taken back into the queue.
        until,
    }
}

moment! {
    /// An agent works on it.
    Leased {
        /// What is being done.
        task: Task,
        /// The run.
        run: RecordId,
        /// Who.
        agent: String,
        /// Of which pool.
        pool: String,
        @
        /// Since when.
        since,
        /// When it is taken away unless the agent gives a sign of life.
        until,
        /// When it is taken away whatever the agent says.
        last,
    }
}

moment! {
    /// An agent says it is done; GitHub has not shown it yet.
    Expected {
        /// What was to be done.
        task: Task,
        /// The run.
        run: RecordId,
        /// Who says so.
        agent: String,
        @
        /// Since when.
        #[serde(default = "long_ago")]
        since,
        /// When it counts as not done.
        until,
    }
}

moment! {
    /// Its pull request waits for facts.
    Gated {
        /// Why it cannot land yet, the first first.
        reasons: Vec<Reason>,
        @
        /// Since when.
        since,
        /// When a person is asked.
        until,
    }
}

moment! {
    /// A named person is asked.
    Waiting {
        /// Who.
        whom: String,
        /// What for.
        what: Need,
        @
        /// Since when.
        since,
        /// When the person is reminded, or what was said happens.
        until,
    }
}

moment! {
    /// Put aside until something happens.
    Parked {
        /// What for.
        why: Why,
        @
        /// Since when.
        #[serde(default = "long_ago")]
        since,
        /// When it is looked at again in any case.
        until,
    }
}

moment! {
    /// The merge was ordered.
    Landing {
        /// The head that may be merged, and no other.
        head: Oid,
        /// The tree that was tested.
        tree: Oid,
        @
        /// Since when.
        #[serde(default = "long_ago")]
        since,
        /// When it is looked at again.
        until,
    }
}

moment! {
    /// On the base branch; the target does not show it yet.
    Deploying {
        /// The landed commit.
        commit: Oid,
        @
        /// Since when.
        #[serde(default = "long_ago")]
        since,
        /// When a person is told.
        until,
    }
}

moment! {
    /// The target shows it; it is being tried there.
    Verifying {
        /// The commit that the target showed.
        commit: Oid,
        /// How often it was tried, or is being tried.
        tries: u8,
        /// Whether this try was ordered.
        ordered: bool,
        @
        /// Since when.
        #[serde(default = "long_ago")]
        since,
        /// When it is tried again.
        until,
    }
}

/// Where a work item stands: each with exactly what that standing has.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "at", rename_all = "snake_case")]
pub enum Standing {
    /// Seen, and not yet looked at.
    Filed,
    /// Waits for its turn.
    Queued(Queued),
    /// Put before the agents of a pool.
    Offered(Offered),
    /// An agent works on it.
    Leased(Leased),
    /// Said to be done, not seen yet.
    Expected(Expected),
    /// Its pull request waits for facts.
    Gated(Gated),
    /// A named person is asked.
    Waiting(Waiting),
    /// Put aside until something happens.
    Parked(Parked),
    /// The merge was ordered.
    Landing(Landing),
    /// Landed, and not yet seen on the target.
    Deploying(Deploying),
    /// Seen on the target, and being tried there.
    Verifying(Verifying),
    /// Landed where nothing is deployed. The end.
    Landed {
        /// The landed commit.
        commit: Oid,
    },
    /// On the target, and tried there. The end.
    Live {
        /// The commit that was tried.
        commit: Oid,
    },
    /// Another item stands for it. The end.
    Superseded {
        /// Which.
        by: IssueNumber,
    },
    /// Not to be done. The end.
    Cancelled {
        /// Why.
        because: String,
    },
}

/// In which one of the places an item lies. Every item lies in exactly one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Place {
    /// Waits for its turn.
    Queued,
    /// Put before agents.
    Offered,
    /// An agent works on it.
    Leased,
    /// Waits for GitHub, or the target, to show a fact.
    Gated,
    /// Put aside until a time or an event.
    Parked,
    /// A named person is asked.
    Waiting,
    /// Ended.
    Terminal,
}

impl Standing {
    /// The standing's name, as people and programs read it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Filed => "filed",
            Self::Queued(Queued { task, .. }) => task.pick("queued", "changes_requested", "in_review"),
            Self::Offered(Offered { task, .. }) => task.pick("offered", "changes_requested", "in_review"),
            Self::Leased(Leased { task, .. }) => task.pick("leased", "changes_requested", "in_review"),
            Self::Expected(Expected { task, .. }) => task.pick("leased", "changes_requested", "in_review"),
            Self::Gated(_) => "gated",
            Self::Waiting(Waiting { what: Need::Words { .. }, .. }) => "needs_info",
            Self::Waiting(Waiting { what: Need::Trouble { .. }, .. }) => "escalated",
            Self::Waiting(_) => "waiting",
            Self::Parked(_) => "parked",
            Self::Landing(_) => "landing",
            Self::Landed { .. } => "landed",
            Self::Deploying(_) => "deploying",
            Self::Verifying(_) => "verifying",
            Self::Live { .. } => "live",
            Self::Superseded { .. } => "superseded",
            Self::Cancelled { .. } => "cancelled",
        }
    }

    /// The place it lies in.
    #[must_use]
    pub const fn place(&self) -> Place {
        match self {
            Self::Filed | Self::Queued(_) => Place::Queued,
            Self::Offered(_) => Place::Offered,
            Self::Leased(_) => Place::Leased,
            Self::Gated(_) | Self::Expected(_) | Self::Landing(_) | Self::Deploying(_) | Self::Verifying(_) => {
                Place::Gated
            }
            Self::Parked(_) => Place::Parked,
            Self::Waiting(_) => Place::Waiting,
            Self::Landed { .. } | Self::Live { .. } | Self::Superseded { .. } | Self::Cancelled { .. } => {
                Place::Terminal
            }
        }
    }

    /// Whether it is an end.
    #[must_use]
    pub const fn is_end(&self) -> bool {
        matches!(self.place(), Place::Terminal)
    }

    /// When it is looked at again though nothing happened; nothing at an end.
    #[must_use]
    pub fn until(&self) -> Option<OffsetDateTime> {
        match self {
            Self::Queued(Queued { until, .. })
            | Self::Offered(Offered { until, .. })
            | Self::Expected(Expected { until, .. })
            | Self::Gated(Gated { until, .. })
            | Self::Waiting(Waiting { until, .. })
            | Self::Parked(Parked { until, .. })
            | Self::Landing(Landing { until, .. })
            | Self::Deploying(Deploying { until, .. })
            | Self::Verifying(Verifying { until, .. }) => Some(*until),
            Self::Leased(Leased { until, last, .. }) => Some(*until.min(last)),
            Self::Filed
            | Self::Landed { .. }
            | Self::Live { .. }
            | Self::Superseded { .. }
            | Self::Cancelled { .. } => None,
        }
    }

    /// The task that waits, is offered, is done or is said to be done.
    #[must_use]
    pub const fn task(&self) -> Option<&Task> {
        match self {
            Self::Queued(Queued { task, .. })
            | Self::Offered(Offered { task, .. })
            | Self::Leased(Leased { task, .. })
            | Self::Expected(Expected { task, .. })
            | Self::Parked(Parked { why: Why::Backoff { task }, .. }) => Some(task),
            _ => None,
        }
    }
}
