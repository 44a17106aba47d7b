//! Who we are on GitHub: one App a role, so that who wrote a change cannot be who approves it.

use std::{collections::HashMap, sync::Mutex, time::Duration};

use octocrab::{EncodingKey, Octocrab};
use serde::Deserialize;

use super::fault::Fault;

/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// One App: its id and its key.
pub struct Identity {
    /// The App's numeric id.
    pub app: u64,
    /// Its private key, PEM.
    pub key: Vec<u8>,
    /// The login it speaks under, as `dev-e[bot]`.
    pub login: String,
}

/// An App at work. Its tokens are minted when they are needed and renewed before they end.
///
/// Nothing is sent twice by itself (octocrab's `retry` is switched off at build): a repeated POST may do its work twice, and
/// who orders repeats finds first.
pub struct Client {
    app: Octocrab,
    login: String,
    installations: Mutex<HashMap<String, Octocrab>>,
}

/// Why an App cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// The key is no key.
    #[error("the private key of the App {app} cannot be read; download a new one on its settings page")]
    Key {
        /// Which App.
        app: u64,
        /// What is wrong with it.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The address is no address, or TLS cannot be used.
    #[error("GitHub's address `{address}` cannot be used")]
    Address {
        /// As it was given.
        address: String,
        /// Why not.
        source: Box<octocrab::Error>,
    },
}

#[derive(Deserialize)]
struct Installation {
    id: u64,
}

impl Client {
    /// An App at this address of GitHub's REST, as `https://api.github.com`.
    ///
    /// # Errors
    /// When key or address cannot be used.
    pub fn new(api: &str, identity: &Identity) -> Result<Self, Unusable> {
        let key = EncodingKey::from_rsa_pem(&identity.key)
            .map_err(|source| Unusable::Key { app: identity.app, source: Box::new(source) })?;
        let address = |source| Unusable::Address { address: api.to_owned(), source: Box::new(source) };
        let app = Octocrab::builder()
            .base_uri(api)
            .map_err(address)?
            .app(identity.app.into(), key)
            .set_connect_timeout(Some(PATIENCE))
            .set_read_timeout(Some(PATIENCE))
            .build()
            .map_err(address)?;
        Ok(Self { app, login: identity.login.to_lowercase(), installations: Mutex::default() })
    }

    /// The login it speaks under, in lower case.
    #[must_use]
    pub fn login(&self) -> &str {
        &self.login
    }

    /// The App itself, wherever it is installed.
    pub(super) const fn app(&self) -> &Octocrab {
        &self.app
    }

    /// The App where it is installed on this repository.
    pub(super) async fn on(&self, repository: &str) -> Result<Octocrab, Fault> {
        let known = self.installations.lock().ok().and_then(|known| known.get(repository).cloned());
        if let Some(known) = known {
            return Ok(known);
        }
        let found: Installation = self.app.get(format!("/repos/{repository}/installation"), None::<&()>).await?;
        let installed = self.app.installation(found.id.into())?;
        if let Ok(mut known) = self.installations.lock() {
            known.insert(repository.to_owned(), installed.clone());
        }
        Ok(installed)
    }

    /// Forgets what was known of a repository's installation: its token no longer counts.
    pub(super) fn forget(&self, repository: &str) {
        if let Ok(mut known) = self.installations.lock() {
            known.remove(repository);
        }
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("login", &self.login).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").field("app", &self.app).field("login", &self.login).finish_non_exhaustive()
    }
}
