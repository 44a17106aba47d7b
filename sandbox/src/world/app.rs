//! GitHub Apps and where they are installed.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jsonwebtoken::DecodingKey;
use serde_json::value::RawValue;

use super::{
    id::{AccountId, AppId, InstallationId, RepositoryId},
    manifest::Pending,
    moment::Moment,
    permission::Permissions,
    repository::Repository,
};

/// A GitHub App.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) id: AppId,
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) external_url: String,
    pub(crate) client_id: String,
    pub(crate) owner: AccountId,
    /// `slug[bot]`.
    pub(crate) bot: AccountId,
    pub(crate) permissions: Permissions,
    pub(crate) events: BTreeSet<String>,
    pub(crate) created_at: Moment,
    /// What its JSON Web Tokens are checked with.
    pub(crate) key: DecodingKey,
    /// The App as it stands inside other things' JSON.
    pub(crate) fragment: Arc<RawValue>,
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
    pub(crate) updated_at: Moment,
    pub(crate) suspended: Option<Suspended>,
}

/// Who put an installation to sleep, and when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Suspended {
    pub(crate) at: Moment,
    pub(crate) by: AccountId,
}

impl Installation {
    /// Whether a repository is the account's and was chosen.
    pub(crate) fn holds(&self, repository: &Repository) -> bool {
        self.account == repository.owner && self.repositories.holds(repository.id)
    }
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
    /// Apps whose makers have not fetched their keys yet, by the code that fetches them.
    pub(crate) pending: BTreeMap<String, Pending>,
}

impl Apps {
    /// By its number or its client id, as a JSON Web Token's `iss` names it.
    pub(crate) fn issued_by(&self, issuer: &str) -> Option<&App> {
        match issuer.parse() {
            Ok(id) => self.apps.get(&id),
            Err(_) => self.apps.values().find(|app| app.client_id == issuer),
        }
    }

    /// What is installed on an account.
    pub(crate) fn on(&self, account: AccountId) -> impl Iterator<Item = &Installation> {
        self.installations.values().filter(move |there| there.account == account)
    }

    pub(crate) fn is_suspended(&self, installation: InstallationId) -> bool {
        self.installations.get(&installation).is_some_and(|there| there.suspended.is_some())
    }

    pub(crate) fn slug(&self, slug: &str) -> Option<&App> {
        self.apps.values().find(|app| app.slug == slug)
    }
}
