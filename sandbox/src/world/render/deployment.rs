//! `deployment`, `deployment-status` and `environment`.

use std::sync::Arc;

use serde::Serialize;
use serde_json::value::RawValue;

use super::{app, repository, user};
use crate::{
    object::Oid,
    world::{
        deployment::{self, Word},
        id::{AccountId, DeploymentId, DeploymentStatusId, EnvironmentId},
        moment::Moment,
        repository::Repository,
        state::State,
    },
};

#[derive(Serialize)]
pub(crate) struct Deployment<'a> {
    url: String,
    id: DeploymentId,
    node_id: String,
    sha: Oid,
    #[serde(rename = "ref")]
    reference: &'a str,
    task: &'a str,
    payload: &'a RawValue,
    original_environment: &'a str,
    environment: &'a str,
    description: Option<&'a str>,
    creator: Option<Arc<RawValue>>,
    created_at: Moment,
    updated_at: Moment,
    statuses_url: String,
    repository_url: String,
    transient_environment: bool,
    production_environment: bool,
    performed_via_github_app: Option<&'a RawValue>,
}

/// Where a deployment is.
pub(crate) fn url(state: &State, at: &Repository, id: DeploymentId) -> String {
    format!("{}/deployments/{id}", repository::url(state, at))
}

fn creator(state: &State, id: AccountId) -> Option<Arc<RawValue>> {
    state.accounts.get(id).map(|account| user::without_view(state, account))
}

impl<'a> Deployment<'a> {
    /// As it stands in answers and webhooks alike.
    pub(crate) fn told(state: &'a State, at: &Repository, deployment: &'a deployment::Deployment) -> Self {
        let url = url(state, at, deployment.id);
        Self {
            id: deployment.id,
            node_id: format!("DE_{:x}", deployment.id.0),
            sha: deployment.sha,
            reference: &deployment.reference,
            task: &deployment.task,
            payload: &deployment.payload,
            original_environment: &deployment.environment,
            environment: &deployment.environment,
            description: deployment.description.as_deref(),
            creator: creator(state, deployment.creator),
            created_at: deployment.created_at,
            updated_at: deployment.updated_at,
            statuses_url: format!("{url}/statuses"),
            repository_url: repository::url(state, at),
            transient_environment: deployment.is_transient,
            production_environment: deployment.is_production,
            performed_via_github_app: app::of(state, deployment.app),
            url,
        }
    }
}

#[derive(Serialize)]
pub(crate) struct Status<'a> {
    url: String,
    id: DeploymentStatusId,
    node_id: String,
    state: Word,
    creator: Option<Arc<RawValue>>,
    description: &'a str,
    environment: &'a str,
    environment_url: &'a str,
    log_url: &'a str,
    target_url: &'a str,
    created_at: Moment,
    updated_at: Moment,
    deployment_url: String,
    repository_url: String,
    performed_via_github_app: Option<&'a RawValue>,
}

impl<'a> Status<'a> {
    /// As it stands in answers and webhooks alike.
    pub(crate) fn told(state: &'a State, at: &Repository, status: &'a deployment::Status) -> Self {
        let deployment_url = url(state, at, status.deployment);
        let deployment::Report { description, log_url, environment_url } = &status.report;
        Self {
            url: format!("{deployment_url}/statuses/{}", status.id),
            id: status.id,
            node_id: format!("DES_{:x}", status.id.0),
            state: status.word,
            creator: creator(state, status.creator),
            description,
            environment: &status.environment,
            environment_url,
            log_url,
            target_url: log_url,
            created_at: status.at,
            updated_at: status.at,
            repository_url: repository::url(state, at),
            performed_via_github_app: app::of(state, status.app),
            deployment_url,
        }
    }
}

#[derive(Serialize)]
pub(crate) struct Environment<'a> {
    id: EnvironmentId,
    node_id: String,
    name: &'a str,
    url: String,
    html_url: String,
    created_at: Moment,
    updated_at: Moment,
    protection_rules: [(); 0],
    deployment_branch_policy: Option<()>,
}

impl<'a> Environment<'a> {
    pub(crate) fn of(state: &State, at: &Repository, name: &'a str, environment: deployment::Environment) -> Self {
        let escaped = percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC);
        let html = format!("{}/{}", state.addresses.html, state.full_name(at));
        Self {
            id: environment.id,
            node_id: format!("EN_{:x}", environment.id.0),
            name,
            url: format!("{}/environments/{escaped}", repository::url(state, at)),
            html_url: format!("{html}/deployments/activity_log?environments_filter={escaped}"),
            created_at: environment.created_at,
            updated_at: environment.created_at,
            protection_rules: [],
            deployment_branch_policy: None,
        }
    }
}
