//! GitHub's API, as far as an agent reads it.

use std::time::Duration;

use reqwest::{RequestBuilder, Response, StatusCode, header::ACCEPT};
use serde::de::DeserializeOwned;

use crate::git_door::{Credential, Secret};

/// How long one answer may take.
const WITHIN: Duration = Duration::from_secs(30);

/// How long it is waited before GitHub is asked again.
const PAUSES: [Duration; 3] = [Duration::from_millis(250), Duration::from_secs(1), Duration::from_secs(4)];

/// The longest text of which the end is looked for.
const LONGEST: usize = 64 << 20;

/// Where GitHub's API is, and who asks.
pub(crate) struct Api<'a> {
    pub(crate) client: &'a reqwest::Client,
    /// As `https://api.github.com`.
    pub(crate) address: &'a str,
    pub(crate) credential: &'a Credential,
}

/// Why it could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// There is no credential now.
    #[error("{what} cannot be read: no credential: {reason}")]
    Credential { what: String, reason: String },
    /// GitHub did not answer, or refused.
    #[error("{what} cannot be read")]
    Http { what: String, source: reqwest::Error },
    /// It has no end within reason.
    #[error("{what} is longer than {} MiB", LONGEST >> 20)]
    Endless { what: String },
}

impl Api<'_> {
    /// Reads, again where GitHub stumbled.
    pub(crate) async fn get<T: DeserializeOwned>(&self, repository: &str, rest: &str) -> Result<T, Error> {
        patiently(move || self.get_once(repository, rest)).await
    }

    pub(crate) async fn get_once<T: DeserializeOwned>(&self, repository: &str, rest: &str) -> Result<T, Error> {
        let ask = move |request: RequestBuilder| async move { request.send().await?.error_for_status()?.json().await };
        self.proven(repository, rest, ask).await
    }

    /// The end of a text, at least so many bytes of it where it has them; wherever GitHub says that it lies. What is no
    /// letter is replaced.
    pub(crate) async fn end_of_text(&self, repository: &str, rest: &str, least: usize) -> Result<String, Error> {
        patiently(move || self.end_of_text_once(repository, rest, least)).await
    }

    async fn end_of_text_once(&self, repository: &str, rest: &str, least: usize) -> Result<String, Error> {
        let begin = |request: RequestBuilder| async { request.send().await.and_then(Response::error_for_status) };
        let mut answer = self.proven(repository, rest, begin).await?;
        let what = path(repository, rest);
        let away = |source| Error::Http { what: what.clone(), source };
        let (mut end, mut read) = (Vec::new(), 0);
        while let Some(chunk) = answer.chunk().await.map_err(away)? {
            read += chunk.len();
            if read > LONGEST {
                return Err(Error::Endless { what });
            }
            end.extend_from_slice(&chunk);
            // Not with each chunk: what stays is moved.
            if end.len() > 8 * least {
                end.drain(..end.len() - 2 * least);
            }
        }
        Ok(String::from_utf8_lossy(&end).into_owned())
    }

    /// Asks, and once more where GitHub no longer takes the credential.
    async fn proven<T, A>(&self, repository: &str, rest: &str, ask: impl Fn(RequestBuilder) -> A) -> Result<T, Error>
    where
        A: Future<Output = Result<T, reqwest::Error>>,
    {
        let what = path(repository, rest);
        let no = |reason| Error::Credential { what: what.clone(), reason };
        let away = |source| Error::Http { what: what.clone(), source };
        let secret = self.credential.on(repository).await.map_err(no)?;
        match ask(self.request(&what, &secret)).await {
            Err(error) if error.status() == Some(StatusCode::UNAUTHORIZED) => {
                let secret = self.credential.another_on(repository).await.map_err(no)?;
                ask(self.request(&what, &secret)).await.map_err(away)
            }
            answer => answer.map_err(away),
        }
    }

    fn request(&self, path: &str, secret: &Secret) -> RequestBuilder {
        let request = self.client.get(format!("{}/{path}", self.address)).bearer_auth(secret.expose());
        request.header(ACCEPT, "application/vnd.github+json").header("User-Agent", "rig").timeout(WITHIN)
    }
}

fn path(repository: &str, rest: &str) -> String {
    format!("repos/{repository}/{rest}")
}

/// Asks again after a pause where GitHub stumbled: a run that breaks off for that costs everybody more.
async fn patiently<T, A: Future<Output = Result<T, Error>>>(ask: impl Fn() -> A) -> Result<T, Error> {
    for pause in PAUSES {
        match ask().await {
            Err(Error::Http { source, .. }) if is_passing(&source) => tokio::time::sleep(pause).await,
            answer => return answer,
        }
    }
    ask().await
}

/// Whether the same question may be answered a little later.
fn is_passing(error: &reqwest::Error) -> bool {
    let later = |status: StatusCode| status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
    !error.is_decode() && !error.is_builder() && error.status().is_none_or(later)
}
