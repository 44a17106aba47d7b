//! An App from a manifest: who brings the code that GitHub gave a person's browser gets the App, with its key, once.

use std::fmt;

use octocrab::Octocrab;
use serde::Deserialize;

use super::fault::Fault;

/// The longest code. GitHub's have forty characters.
const LONGEST: usize = 256;

/// A new App, with what is told of it only now. Its debug form does not tell the secrets.
#[derive(Deserialize)]
pub struct Made {
    /// Its numeric id.
    pub id: u64,
    /// Its name in addresses: it speaks as `<slug>[bot]`.
    pub slug: String,
    /// Its page.
    pub html_url: String,
    /// Its private key.
    pub pem: String,
    /// What its deliveries are signed with, where it has a webhook.
    pub webhook_secret: Option<String>,
}

/// Why a code brought no App.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unmade {
    /// It is none.
    #[error("what came back is no code of GitHub's")]
    Code,
    /// GitHub does not give the App for it.
    #[error("GitHub gives no App for the code: {0}")]
    Refused(String),
}

/// Fetches the App that a code stands for, from this address of GitHub's REST.
///
/// # Errors
/// When the code is none, was used, or is older than an hour.
pub async fn convert(api: &str, code: &str) -> Result<Made, Unmade> {
    let is_code = !code.is_empty() && code.len() <= LONGEST && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_code {
        return Err(Unmade::Code);
    }
    let made = async {
        let client = Octocrab::builder().base_uri(api)?.build()?;
        client.post::<(), Made>(format!("/app-manifests/{code}/conversions"), None).await
    };
    made.await.map_err(|error| Unmade::Refused(Fault::from(error).to_string()))
}

impl Made {
    /// The login it speaks under.
    #[must_use]
    pub fn login(&self) -> String {
        format!("{}[bot]", self.slug)
    }
}

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Made").field("id", &self.id).field("slug", &self.slug).finish_non_exhaustive()
    }
}
