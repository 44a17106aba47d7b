//! Deployments: that a commit is to be brought to an environment, and what became of it.

mod announce;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    id::{AccountId, AppId, DeploymentId, DeploymentStatusId, EnvironmentId},
    moment::Moment,
};
use crate::object::Oid;

/// That a commit is to be brought to an environment.
#[derive(Clone, Debug)]
pub(crate) struct Deployment {
    pub(crate) id: DeploymentId,
    pub(crate) sha: Oid,
    /// What was asked for: a branch, a tag, a commit.
    pub(crate) reference: String,
    pub(crate) task: String,
    pub(crate) payload: Arc<RawValue>,
    pub(crate) environment: String,
    pub(crate) description: Option<String>,
    pub(crate) is_transient: bool,
    pub(crate) is_production: bool,
    pub(crate) creator: AccountId,
    /// Who brought it about: of a site's, whoever pushed.
    pub(crate) caused_by: AccountId,
    pub(crate) app: Option<AppId>,
    /// Whether it goes on though a newer one has begun.
    pub(crate) overtakes: bool,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
}

/// One word on a deployment; the newest counts.
#[derive(Clone, Debug)]
pub(crate) struct Status {
    pub(crate) id: DeploymentStatusId,
    pub(crate) deployment: DeploymentId,
    pub(crate) word: Word,
    pub(crate) report: Report,
    pub(crate) environment: String,
    pub(crate) creator: AccountId,
    pub(crate) app: Option<AppId>,
    pub(crate) at: Moment,
}

/// What is said beside the word.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    pub(crate) description: String,
    pub(crate) log_url: String,
    pub(crate) environment_url: String,
}

/// A deployment status' state.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Word {
    Error,
    Failure,
    Inactive,
    InProgress,
    Queued,
    Pending,
    Success,
}

/// Where deployments go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Environment {
    pub(crate) id: EnvironmentId,
    pub(crate) created_at: Moment,
}

/// A repository's deployments.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deployments {
    pub(crate) deployments: BTreeMap<DeploymentId, Deployment>,
    pub(crate) statuses: BTreeMap<DeploymentStatusId, Status>,
    pub(crate) environments: BTreeMap<String, Environment>,
    by_deployment: BTreeSet<(DeploymentId, DeploymentStatusId)>,
    open: BTreeSet<DeploymentId>,
    succeeded: BTreeSet<DeploymentId>,
}

impl Word {
    /// Whether a deployment has not ended with it.
    const fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Pending | Self::InProgress)
    }
}

impl Deployments {
    pub(crate) fn add(&mut self, deployment: Deployment) {
        self.open.insert(deployment.id);
        self.deployments.insert(deployment.id, deployment);
    }

    pub(crate) fn add_status(&mut self, status: Status) {
        if let Some(deployment) = self.deployments.get_mut(&status.deployment) {
            deployment.updated_at = status.at;
        }
        for (set, belongs) in
            [(&mut self.open, status.word.is_open()), (&mut self.succeeded, status.word == Word::Success)]
        {
            match belongs {
                true => set.insert(status.deployment),
                false => set.remove(&status.deployment),
            };
        }
        self.by_deployment.insert((status.deployment, status.id));
        self.statuses.insert(status.id, status);
    }

    /// A deployment's statuses, oldest first.
    pub(crate) fn statuses_of(&self, id: DeploymentId) -> impl DoubleEndedIterator<Item = &Status> {
        let range = (id, DeploymentStatusId(0))..=(id, DeploymentStatusId(u64::MAX));
        self.by_deployment.range(range).filter_map(|(_, status)| self.statuses.get(status))
    }

    /// The word that counts.
    pub(crate) fn word(&self, id: DeploymentId) -> Option<Word> {
        self.statuses_of(id).next_back().map(|status| status.word)
    }

    /// Those of which nobody has said how they ended, oldest first.
    pub(crate) fn open(&self) -> impl DoubleEndedIterator<Item = &Deployment> {
        self.open.iter().filter_map(|id| self.deployments.get(id))
    }

    /// Those whose newest word is success, oldest first.
    pub(crate) fn succeeded(&self) -> impl DoubleEndedIterator<Item = &Deployment> {
        self.succeeded.iter().filter_map(|id| self.deployments.get(id))
    }

    /// Takes a deployment away, with what was said of it.
    pub(crate) fn remove(&mut self, id: DeploymentId) {
        let gone: Vec<DeploymentStatusId> = self.statuses_of(id).map(|status| status.id).collect();
        for status in gone {
            self.statuses.remove(&status);
            self.by_deployment.remove(&(id, status));
        }
        self.deployments.remove(&id);
        self.open.remove(&id);
        self.succeeded.remove(&id);
    }
}
