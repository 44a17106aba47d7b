//! Apps from a manifest: somebody says on a page what the App shall be and gets a code; whoever brings the code within
//! the hour gets the App, with its key and secrets, once.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use jsonwebtoken::DecodingKey;
use serde::Deserialize;

use super::{
    World,
    app::Apps,
    hook::{Form, Target},
    id::{AccountId, AppId},
    moment::Moment,
    permission::Permissions,
    seed::Birth,
    state::State,
};

/// A code is good for this long.
const GOOD_FOR: Duration = Duration::from_secs(3600);

/// An App that waits for its maker to fetch it.
#[derive(Clone)]
pub(crate) struct Pending {
    pub(crate) app: AppId,
    owner: AccountId,
    manifest: Manifest,
    good_until: Moment,
    keys: Option<KeyPair>,
}

/// The fields of a manifest that are played.
#[derive(Clone, Debug, Deserialize)]
struct Manifest {
    name: String,
    url: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    hook_attributes: Option<Attributes>,
    #[serde(default)]
    redirect_url: Option<String>,
    #[serde(default)]
    default_events: BTreeSet<String>,
    #[serde(default)]
    default_permissions: Permissions,
}

#[derive(Clone, Debug, Deserialize)]
struct Attributes {
    url: String,
    #[serde(default = "yes")]
    active: bool,
}

const fn yes() -> bool {
    true
}

/// Where the maker's browser is sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Registered {
    /// What is to be brought to `POST /app-manifests/{code}/conversions`.
    pub code: String,
    /// Where the manifest wants the code to be brought.
    pub redirect_url: Option<String>,
}

/// Why a manifest is no App.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read: say it again in the form that GitHub documents.
    #[error("the manifest cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// Choose another name.
    #[error("the App's name {0:?} is empty or taken: choose another")]
    Name(String),
}

/// An App's key pair, made outside: the world draws no secrets that open anything.
#[derive(Clone)]
pub struct KeyPair {
    private: Arc<str>,
    public: DecodingKey,
}

impl KeyPair {
    /// From an RSA private key and its public key, both as PEM.
    ///
    /// # Errors
    ///
    /// If the public key is none.
    pub fn new(private: &str, public: &str) -> Result<Self, jsonwebtoken::errors::Error> {
        Ok(Self { private: private.into(), public: DecodingKey::from_rsa_pem(public.as_bytes())? })
    }
}

impl std::fmt::Debug for KeyPair {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("KeyPair").finish_non_exhaustive()
    }
}

impl Apps {
    pub(crate) fn pair(&mut self, app: AppId, keys: &KeyPair) {
        if let Some(pending) = self.pending.values_mut().find(|pending| pending.app == app) {
            pending.keys = Some(keys.clone());
        }
    }
}

impl World {
    /// What the page does to which a manifest is posted: the code fetches the App.
    ///
    /// # Errors
    ///
    /// If the manifest cannot be read, or its name is not to be had.
    pub fn manifest(&mut self, now: Moment, owner: AccountId, manifest: &str) -> Result<Registered, Error> {
        self.state.now = self.state.now.max(now);
        let manifest: Manifest = serde_json::from_str(manifest)?;
        let slug = super::seed::slug(&manifest.name);
        if slug.is_empty() || self.state.apps.slug(&slug).is_some() {
            return Err(Error::Name(manifest.name));
        }
        let (code, app) = (self.state.draw.hex(40), AppId(self.state.draw.id()));
        let redirect_url = manifest.redirect_url.clone();
        let good_until = self.state.now.after(GOOD_FOR);
        self.state.apps.pending.insert(code.clone(), Pending { app, owner, manifest, good_until, keys: None });
        Ok(Registered { code, redirect_url })
    }
}

/// What is told of a new App once.
pub(crate) struct Secrets {
    pub(crate) app: AppId,
    pub(crate) client: String,
    pub(crate) webhook: Option<String>,
    pub(crate) pem: Arc<str>,
}

/// Why a code fetches nothing.
pub(crate) enum NotYet {
    Unknown,
    Taken,
    Unpaired(AppId),
}

impl State {
    /// Makes the App that a code stands for; the code is good no more.
    pub(crate) fn convert(&mut self, code: &str) -> Result<Secrets, NotYet> {
        let now = self.now;
        let pending = self.apps.pending.get(code).filter(|pending| now < pending.good_until).ok_or(NotYet::Unknown)?;
        if self.apps.slug(&super::seed::slug(&pending.manifest.name)).is_some() {
            return Err(NotYet::Taken);
        }
        let keys = pending.keys.clone().ok_or(NotYet::Unpaired(pending.app))?;
        let Some(Pending { app, owner, manifest, .. }) = self.apps.pending.remove(code) else {
            return Err(NotYet::Unknown);
        };
        let webhook = manifest.hook_attributes.as_ref().map(|_| self.draw.hex(40));
        let client = self.draw.hex(40);
        self.bear(app, owner, manifest, webhook.clone(), keys.public);
        Ok(Secrets { app, client, webhook, pem: keys.private })
    }

    fn bear(&mut self, id: AppId, owner: AccountId, manifest: Manifest, secret: Option<String>, key: DecodingKey) {
        let Manifest { name, url, description, hook_attributes, default_events, default_permissions, .. } = manifest;
        let active = hook_attributes.as_ref().is_some_and(|attributes| attributes.active);
        let hook = hook_attributes.map(|hook| Target { url: hook.url, secret, form: Form::Json, insecure: false });
        self.add_app(Birth {
            id,
            name: &name,
            description,
            external_url: url,
            owner,
            permissions: default_permissions,
            events: default_events,
            hook,
            key,
        });
        if let Some(hook) = self.app_hooks.get_mut(&id) {
            hook.active = active;
            let hook = hook.clone();
            if active {
                self.ping(&hook, owner);
            }
        }
    }
}
