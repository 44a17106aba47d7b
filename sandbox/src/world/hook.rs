//! Webhooks.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use super::{
    id::{AppId, HookId, RepositoryId},
    moment::Moment,
};

/// A webhook of a repository or an App.
#[derive(Clone, Debug)]
pub(crate) struct Hook {
    pub(crate) id: HookId,
    pub(crate) owner: Owner,
    pub(crate) target: Arc<Target>,
    pub(crate) active: bool,
    /// Names of events; `*` is all.
    pub(crate) events: BTreeSet<String>,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
    pub(crate) last_response: Option<u16>,
}

/// Whose webhook it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Owner {
    Repository(RepositoryId),
    App(AppId),
}

/// Where a webhook's deliveries go, and how.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// The address.
    pub url: String,
    /// What the bytes are signed with.
    pub secret: Option<String>,
    /// The content type.
    pub form: Form,
    /// Whether a certificate that nobody vouches for is taken.
    pub insecure: bool,
}

/// The content type of a delivery. GitHub's default is the second.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// `application/json`.
    Json,
    /// `application/x-www-form-urlencoded`, the JSON in `payload`.
    #[default]
    Form,
}

/// What a delivery is addressed to.
#[derive(Clone, Debug)]
pub(crate) struct Addressee {
    pub(crate) hook: HookId,
    pub(crate) owner: Owner,
    pub(crate) target: Arc<Target>,
}

impl Hook {
    pub(crate) fn addressee(&self) -> Addressee {
        Addressee { hook: self.id, owner: self.owner, target: Arc::clone(&self.target) }
    }

    pub(crate) fn wants(&self, event: &str) -> bool {
        self.active && (self.events.contains(event) || self.events.contains("*") || event == "ping")
    }
}

/// The webhooks of a repository.
pub(crate) type Hooks = BTreeMap<HookId, Hook>;

/// What became of a delivery.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// The answer's status; 0 where there was none.
    pub status: u16,
    /// How long it took, in milliseconds.
    pub millis: u64,
    /// The answer's body, or what went wrong.
    pub said: String,
}
