//! What is to be done outside.

use std::{collections::BTreeMap, time::Duration};

use super::{
    id::{DeliveryId, DeploymentId, JobId, RepositoryId},
    question::Question,
};
use crate::{object::Oid, workflow::Script};

/// What is to be done outside, in order; what comes of it is an input.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Effect {
    /// Ask git, in its own time; the answer is [`Input::Learned`](super::Input::Learned).
    Ask(Question),
    /// A repository begins.
    Create {
        /// Which.
        repository: RepositoryId,
        /// What `HEAD` names.
        default_branch: String,
    },
    /// A repository begins as a fork: it has the objects of the other, and no references yet.
    Fork {
        /// Which.
        repository: RepositoryId,
        /// What it was forked from.
        of: RepositoryId,
        /// What `HEAD` names.
        default_branch: String,
    },
    /// References of a repository have moved: its mirror must follow before the answer is given. Its objects are those
    /// that the new ids reach.
    Move {
        /// Which.
        repository: RepositoryId,
        /// Whole names, with the new id, or none where the reference is gone.
        references: Vec<(String, Option<Oid>)>,
    },
    /// A repository has another default branch.
    Head {
        /// Which.
        repository: RepositoryId,
        /// What `HEAD` names.
        default_branch: String,
    },
    /// A repository is gone.
    Remove {
        /// Which.
        repository: RepositoryId,
    },
    /// Run a job's script: [`Input::JobStarted`](super::Input::JobStarted) when it begins,
    /// [`Input::JobEnded`](super::Input::JobEnded) when it has ended.
    Run(Work),
    /// End a job's script. The job has ended already; its log is still wanted.
    Cancel(JobId),
    /// Serve a commit as a repository's site, after a while; what comes of it is
    /// [`Input::Deployed`](super::Input::Deployed).
    Deploy {
        /// Whose site.
        repository: RepositoryId,
        /// What is served.
        commit: Oid,
        /// By which deployment.
        deployment: DeploymentId,
        /// After how long.
        after: Duration,
    },
    /// Post a delivery; what comes of it is [`Input::Delivered`](super::Input::Delivered).
    Deliver(DeliveryId),
}

/// One run of one script.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Work {
    /// Which job.
    pub job: JobId,
    /// The name of its check.
    pub check: String,
    /// Where the commit is.
    pub repository: RepositoryId,
    /// What it runs on.
    pub commit: Oid,
    /// What runs.
    pub script: Script,
    /// The declared part of its environment.
    pub environment: BTreeMap<String, String>,
    /// How long it may take.
    pub timeout: Duration,
}
