//! What goes wrong: to what, how, and how often.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// One rule: to what, what, and how often.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "on", rename_all = "snake_case", deny_unknown_fields)]
pub enum Rule {
    /// About requests to the REST API.
    Request {
        /// `GET`; every one if it is not said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        method: Option<String>,
        /// A path in which `*` stands for one part and `**` for any number: `/repos/*/*/pulls/*/merge`.
        path: String,
        /// What happens to it.
        what: Trouble,
        /// How often; once if it is not said.
        #[serde(default)]
        often: Often,
    },
    /// About deliveries to webhooks.
    Delivery {
        /// The event, `*` for all.
        event: String,
        /// What happens to it.
        what: Post,
        /// How often; once if it is not said.
        #[serde(default)]
        often: Often,
    },
    /// About check runs of the played CI: they are begun and never end.
    Check {
        /// The check's name, `*` for all.
        name: String,
        /// How often; once if it is not said.
        #[serde(default)]
        often: Often,
    },
    /// About deployments of sites.
    Deployment {
        /// Whose, `acme/*`; every one if it is not said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        repository: Option<String>,
        /// What becomes of it.
        what: Deployment,
        /// How often; once if it is not said.
        #[serde(default)]
        often: Often,
    },
    /// About visits to sites.
    Visit {
        /// Whose, `acme/*`; every one if it is not said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        repository: Option<String>,
        /// A path as for requests; `/**` is all of the site.
        path: String,
        /// What happens to it.
        what: Visit,
        /// How often; once if it is not said.
        #[serde(default)]
        often: Often,
    },
}

impl Rule {
    pub(super) const fn often(&self) -> Often {
        match self {
            Self::Request { often, .. }
            | Self::Delivery { often, .. }
            | Self::Check { often, .. }
            | Self::Deployment { often, .. }
            | Self::Visit { often, .. } => *often,
        }
    }

    /// Refuses a rule that could never be meant.
    pub(super) const fn check(&self) -> Result<(), Unfit> {
        match self.often() {
            Often::Chance(chance) if !(chance >= 0.0 && chance <= 1.0) => return Err(Unfit::Chance),
            Often::Every(0) => return Err(Unfit::Every),
            Often::Chance(_) | Often::Every(_) | Often::Times(_) => {}
        }
        match self {
            Self::Request { what: Trouble::Status(status), .. } | Self::Visit { what: Visit::Status(status), .. }
                if *status < 400 || *status > 599 =>
            {
                Err(Unfit::Status(*status))
            }
            _ => Ok(()),
        }
    }
}

/// What happens to a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// It is answered with this status and nothing is done: 500, 502, 503.
    Status(u16),
    /// It is answered 403 with `Retry-After`, in seconds, as by GitHub's secondary limit; nothing is done.
    Limited(u64),
    /// Nothing is done, and the connection is held open this many milliseconds, then closed.
    SilentBefore(u64),
    /// It is done, and the connection is held open this many milliseconds, then closed.
    SilentAfter(u64),
    /// It is answered this many milliseconds late.
    Slow(u64),
    /// The token it carries is void from now on.
    TokenDies,
    /// It names a pull request: somebody pushes to its head first.
    BranchMoves,
}

/// What happens to a delivery.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Post {
    /// It is never sent; the log says that it failed.
    Lose,
    /// It is sent this many milliseconds late, and others pass it.
    Late(u64),
    /// It is sent twice, with one GUID.
    Double,
    /// It changes places with the next one to the same webhook; where none comes within this many milliseconds, it is
    /// sent alone.
    Swap(u64),
}

/// What becomes of a deployment of a site.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deployment {
    /// It takes this many milliseconds longer; a newer one that begins meanwhile takes its place, as ever.
    Late(u64),
    /// It takes this many milliseconds longer and no newer one takes its place: the site goes back to an older commit
    /// when it ends.
    Overtakes(u64),
    /// It ends as a failure, for this reason; the site stays as it was.
    Failure(String),
    /// It ends as an error, likewise.
    Error(String),
    /// It never ends.
    Never,
    /// It is said to have succeeded; the site stays as it was, and says so.
    Stale,
    /// It is said to have succeeded, and the site tells the new commit; what it serves is the old one.
    Lie,
    /// It succeeds, and this many milliseconds later what was served before is deployed again.
    RollsBack(u64),
}

/// What happens to a visit to a site.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visit {
    /// It is answered with this status: 500, 502, 503.
    Status(u16),
    /// It is answered this many milliseconds late.
    Slow(u64),
    /// The connection is held open this many milliseconds, then closed.
    Silent(u64),
}

/// How often a rule strikes.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Often {
    /// The first so many times.
    Times(u64),
    /// Every so-manieth time.
    Every(u64),
    /// By chance: 0 never, 1 always.
    Chance(f64),
}

impl Default for Often {
    fn default() -> Self {
        Self::Times(1)
    }
}

/// Why a rule is refused.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum Unfit {
    /// A chance is a share.
    #[error("a chance lies between 0 and 1")]
    Chance,
    /// Every zeroth time is never.
    #[error("`every` counts from 1: 1 is always, 2 every second time")]
    Every,
    /// No HTTP status.
    #[error("{0} is no status that tells of trouble: 400 to 599 are")]
    Status(u16),
}
