//! `workflow`: the file that declares the checks.

use serde::Serialize;

use super::repository;
use crate::{
    workflow::FILE,
    world::{id::WorkflowId, moment::Moment, repository::Repository, state::State},
};

/// What the workflow is called.
pub(crate) const NAME: &str = "CI";

#[derive(Serialize)]
pub(crate) struct Workflow {
    id: WorkflowId,
    node_id: String,
    name: &'static str,
    path: &'static str,
    state: &'static str,
    created_at: Moment,
    updated_at: Moment,
    url: String,
    html_url: String,
    badge_url: String,
}

/// Where a workflow is.
pub(crate) fn url(state: &State, at: &Repository, id: WorkflowId) -> String {
    format!("{}/actions/workflows/{id}", repository::url(state, at))
}

impl Workflow {
    /// The repository's workflow, once it has run.
    pub(crate) fn of(state: &State, at: &Repository) -> Option<Self> {
        let declared = at.actions.declared?;
        let html = format!("{}/{}", state.addresses.html, state.full_name(at));
        Some(Self {
            id: declared.id,
            node_id: format!("W_{:x}", declared.id.0),
            name: NAME,
            path: FILE,
            state: "active",
            created_at: declared.at,
            updated_at: declared.at,
            url: url(state, at, declared.id),
            html_url: format!("{html}/blob/{}/{FILE}", at.default_branch),
            badge_url: format!("{html}/workflows/{NAME}/badge.svg"),
        })
    }
}
