//! `installation`, and the two fields of it that every webhook of an App carries.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::value::RawValue;

use super::user;
use crate::world::{
    account::Kind,
    app::{self, Selection},
    id::{AccountId, AppId, InstallationId, RepositoryId},
    moment::Moment,
    permission::Permissions,
    repository::Repository,
    state::State,
};

/// `simple-installation`.
#[derive(Serialize)]
pub(crate) struct Lite {
    id: InstallationId,
    node_id: String,
}

impl Lite {
    pub(crate) fn of(id: InstallationId) -> Self {
        Self { id, node_id: format!("MDIzOkludGVncmF0aW9uSW5zdGFsbGF0aW9u{:x}", id.0) }
    }
}

/// An installation by itself.
#[derive(Serialize)]
pub(crate) struct Installation<'a> {
    id: InstallationId,
    account: Option<&'a RawValue>,
    repository_selection: Chosen,
    access_tokens_url: String,
    repositories_url: String,
    html_url: String,
    app_id: AppId,
    app_slug: &'a str,
    target_id: AccountId,
    target_type: &'static str,
    permissions: &'a Permissions,
    events: &'a BTreeSet<String>,
    created_at: Moment,
    updated_at: Moment,
    single_file_name: Option<&'a str>,
    has_multiple_single_files: bool,
    single_file_paths: [&'a str; 0],
    suspended_by: Option<&'a RawValue>,
    suspended_at: Option<Moment>,
}

/// Whether an installation or a token reaches all repositories of the account.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Chosen {
    All,
    Selected,
}

impl From<&Selection> for Chosen {
    fn from(selection: &Selection) -> Self {
        match selection {
            Selection::All => Self::All,
            Selection::Selected(_) => Self::Selected,
        }
    }
}

impl<'a> Installation<'a> {
    pub(crate) fn of(state: &'a State, there: &'a app::Installation) -> Self {
        let (api, html) = (&state.addresses.api, &state.addresses.html);
        let account = state.accounts.get(there.account);
        let (target_type, settings) = match account.map(|account| (account.kind, &account.login)) {
            Some((Kind::Organization, login)) => ("Organization", format!("{html}/organizations/{login}/settings")),
            _ => ("User", format!("{html}/settings")),
        };
        Self {
            id: there.id,
            account: account.map(|account| &*account.fragment),
            repository_selection: (&there.repositories).into(),
            access_tokens_url: format!("{api}/app/installations/{}/access_tokens", there.id),
            repositories_url: format!("{api}/installation/repositories"),
            html_url: format!("{settings}/installations/{}", there.id),
            app_id: there.app,
            app_slug: state.apps.apps.get(&there.app).map_or("", |app| &app.slug),
            target_id: there.account,
            target_type,
            permissions: &there.permissions,
            events: &there.events,
            created_at: there.created_at,
            updated_at: there.updated_at,
            single_file_name: None,
            has_multiple_single_files: false,
            single_file_paths: [],
            suspended_by: there.suspended.and_then(|suspended| user::of(state, suspended.by)),
            suspended_at: there.suspended.map(|suspended| suspended.at),
        }
    }
}

/// A repository as an installation's webhooks name it.
#[derive(Serialize)]
pub(crate) struct Named<'a> {
    id: RepositoryId,
    node_id: String,
    name: &'a str,
    full_name: String,
    private: bool,
}

impl<'a> Named<'a> {
    pub(crate) fn of(state: &State, repository: &'a Repository) -> Self {
        Self {
            id: repository.id,
            node_id: format!("R_{:x}", repository.id.0),
            name: &repository.name,
            full_name: state.full_name(repository),
            private: repository.private,
        }
    }
}
