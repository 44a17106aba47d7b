//! One target, asked over HTTP.

use std::time::Duration;

use bus::commit::Oid;
use serde::Deserialize;

/// The header in which a target tells its commit.
const HEADER: &str = "x-commit";

/// Where it tells it if it sets no headers: `{"commit": "…"}`.
const FILE: &str = "/.well-known/commit";

/// What is read of one page at the most.
const LONGEST_PAGE: usize = 1 << 20;

/// A target.
pub(super) struct Site<'a> {
    pub(super) client: &'a reqwest::Client,
    /// Its address, without a slash at the end.
    pub(super) url: &'a str,
}

/// What a page said.
pub(super) struct Page {
    pub(super) status: u16,
    pub(super) text: String,
}

#[derive(Deserialize)]
struct Told {
    commit: Oid,
}

/// Whoever answers slowly, or sends elsewhere, is not followed for long.
pub(super) fn client(page: Duration) -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder().timeout(page).redirect(reqwest::redirect::Policy::limited(3)).build()
}

impl Site<'_> {
    /// The commit that it tells: in a header of its first page, or in a file.
    pub(super) async fn told(&self) -> Result<Oid, String> {
        let answer = self.ask("/").await?;
        let header = answer.headers().get(HEADER).and_then(|value| value.to_str().ok());
        if let Some(commit) = header.and_then(|value| value.parse().ok()) {
            return Ok(commit);
        }
        let file = self.page(FILE).await?;
        let told: Result<Told, _> = serde_json::from_str(&file.text);
        told.map(|told| told.commit)
            .map_err(|_| format!("{} tells no commit: neither the header {HEADER} nor {FILE} has one", self.url))
    }

    /// A page's status and text.
    pub(super) async fn page(&self, path: &str) -> Result<Page, String> {
        let mut answer = self.ask(path).await?;
        let status = answer.status().as_u16();
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| self.failed(path, &error))? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > LONGEST_PAGE {
                bytes.truncate(LONGEST_PAGE);
                break;
            }
        }
        Ok(Page { status, text: String::from_utf8_lossy(&bytes).into_owned() })
    }

    async fn ask(&self, path: &str) -> Result<reqwest::Response, String> {
        let address = format!("{}{path}", self.url);
        self.client.get(address).send().await.map_err(|error| self.failed(path, &error))
    }

    fn failed(&self, path: &str, error: &reqwest::Error) -> String {
        let what = if error.is_timeout() { "does not answer in time" } else { "cannot be reached" };
        format!("{}{path} {what}", self.url)
    }
}
