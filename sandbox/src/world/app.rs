//! GitHub Apps and where they are installed.

use std::collections::{BTreeMap, BTreeSet};

use jsonwebtoken::DecodingKey;

use super::{
    id::{AccountId, AppId, InstallationId, RepositoryId},
    moment::Moment,
    permission::Permissions,
};

/// A GitHub App.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) id: AppId,
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) client_id: String,
    pub(crate) owner: AccountId,
    /// `slug[bot]`.
    pub(crate) bot: AccountId,
    pub(crate) permissions: Permissions,
    pub(crate) events: BTreeSet<String>,
    pub(crate) created_at: Moment,
    /// What its JSON Web Tokens are checked with.
    pub(crate) key: DecodingKey,
}

/// An App on an account.
#[derive(Clone, Debug)]
pub(crate) struct Installation {
    pub(crate) id: InstallationId,
    pub(crate) app: AppId,
    pub(crate) account: AccountId,
    pub(crate) permissions: Permissions,
    pub(crate) events: BTreeSet<String>,
    pub(crate) repositories: Selection,
    pub(crate) created_at: Moment,
    pub(crate) suspended_at: Option<Moment>,
}

/// Which repositories of the account an installation or a token reaches.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Selection {
    All,
    Selected(BTreeSet<RepositoryId>),
}

impl Selection {
    pub(crate) fn holds(&self, repository: RepositoryId) -> bool {
        match self {
            Self::All => true,
            Self::Selected(selected) => selected.contains(&repository),
        }
    }
}

/// All Apps and installations.
#[derive(Clone, Default)]
pub(crate) struct Apps {
    pub(crate) apps: BTreeMap<AppId, App>,
    pub(crate) installations: BTreeMap<InstallationId, Installation>,
}

impl Apps {
    /// By its number or its client id, as a JSON Web Token's `iss` names it.
    pub(crate) fn issued_by(&self, issuer: &str) -> Option<&App> {
        match issuer.parse() {
            Ok(id) => self.apps.get(&id),
            Err(_) => self.apps.values().find(|app| app.client_id == issuer),
        }
    }

    pub(crate) fn slug(&self, slug: &str) -> Option<&App> {
        self.apps.values().find(|app| app.slug == slug)
    }
}
