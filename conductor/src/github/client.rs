//! Who we are on GitHub: one App a role, so that who wrote a change cannot be who approves it.

use std::{
    collections::HashMap,
    fmt,
    sync::Mutex,
    time::{Duration, Instant},
};

use octocrab::{EncodingKey, Octocrab, secrecy::ExposeSecret as _};
use serde::Deserialize;

use super::{fault::Fault, pace::Pace};

/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// For how long a token is handed out again. It lives an hour, but may die before.
const HANDED_OUT: Duration = Duration::from_secs(60);

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
    tokens: Mutex<HashMap<String, (Instant, Token)>>,
    pace: Pace,
}

/// A token of an installation. Its debug form does not tell it.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// The token itself, for a header.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

/// Why GitHub did not answer as it should, as a sentence.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("GitHub: {0}")]
pub struct Unanswered(String);

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
struct Numbered {
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
        Ok(Self {
            app,
            login: identity.login.to_lowercase(),
            installations: Mutex::default(),
            tokens: Mutex::default(),
            pace: Pace::default(),
        })
    }

    /// The login it speaks under, in lower case.
    #[must_use]
    pub fn login(&self) -> &str {
        &self.login
    }

    /// How much it wrote lately: GitHub counts each App by itself.
    pub(super) const fn pace(&self) -> &Pace {
        &self.pace
    }

    /// The App itself, wherever it is installed.
    pub(super) const fn app(&self) -> &Octocrab {
        &self.app
    }

    /// The address that commits of the App are made under, by which GitHub knows whose they are. An App's own token asks
    /// nothing of users, so it is asked as installed on this repository.
    ///
    /// # Errors
    /// When GitHub does not tell who the App is.
    pub async fn email(&self, repository: &str) -> Result<String, Unanswered> {
        let name = self.login.replace('[', "%5B").replace(']', "%5D");
        let installed = self.on(repository).await.map_err(|fault| Unanswered(fault.to_string()))?;
        let user: Numbered = installed.get(format!("/users/{name}"), None::<&()>).await.map_err(unanswered)?;
        Ok(format!("{}+{}@users.noreply.github.com", user.id, self.login))
    }

    /// A token with which to read and write this repository, as `acme/hello.site`.
    ///
    /// # Errors
    /// When the App is not installed there, or GitHub is away.
    pub async fn token(&self, repository: &str) -> Result<Token, Unanswered> {
        let known = self.tokens.lock().ok().and_then(|tokens| tokens.get(repository).cloned());
        if let Some((_, token)) = known.filter(|(made, _)| made.elapsed() < HANDED_OUT) {
            return Ok(token);
        }
        let path = format!("/repos/{repository}/installation");
        let found: Numbered = self.app.get(path, None::<&()>).await.map_err(unanswered)?;
        let (_, secret) = self.app.installation_and_token(found.id.into()).await.map_err(unanswered)?;
        let token = Token(secret.expose_secret().to_owned());
        if let Ok(mut tokens) = self.tokens.lock() {
            tokens.insert(repository.to_owned(), (Instant::now(), token.clone()));
        }
        Ok(token)
    }

    /// Hands the token of a repository out no more: whoever had it says that it no longer counts.
    pub fn forget_token(&self, repository: &str) {
        if let Ok(mut tokens) = self.tokens.lock() {
            tokens.remove(repository);
        }
    }

    /// The App where it is installed on this repository.
    pub(super) async fn on(&self, repository: &str) -> Result<Octocrab, Fault> {
        let known = self.installations.lock().ok().and_then(|known| known.get(repository).cloned());
        if let Some(known) = known {
            return Ok(known);
        }
        let found: Numbered = self.app.get(format!("/repos/{repository}/installation"), None::<&()>).await?;
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

fn unanswered(error: octocrab::Error) -> Unanswered {
    Unanswered(Fault::from(error).to_string())
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("login", &self.login).finish_non_exhaustive()
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("app", &self.app).field("login", &self.login).finish_non_exhaustive()
    }
}
