//! What the probe saw at a target.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{commit::Oid, number::RepositoryId};

/// `rig.deploy.observed.v1`: the commit that a target tells.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Observed {
    /// The sentence people are shown.
    pub say: String,
    /// The repository's numeric id.
    pub repository_id: RepositoryId,
    /// The commit it tells.
    pub commit: Oid,
    /// Where it was seen.
    pub url: String,
}

/// `rig.deploy.smoked.v1`: a target was tried.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Smoked {
    /// The sentence people are shown.
    pub say: String,
    /// The repository's numeric id.
    pub repository_id: RepositoryId,
    /// The commit it told, before and after it was tried.
    pub commit: Oid,
    /// Where it was tried.
    pub url: String,
    /// How many of the named checks there are.
    pub checks: u32,
    /// What went wrong, a line a check; none when all went well.
    pub failures: Vec<String>,
}
