//! One delivery, as GitHub sends it or as somebody else might.

use std::{net::SocketAddr, sync::LazyLock};

use bus::RecordId;
use conductor::github::{ingest::PATH, signature::Secrets};
use reqwest::{Client, StatusCode};
use serde_json::Value;

use super::secrets;

static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().pool_max_idle_per_host(64).build().unwrap()
});

#[derive(Clone, Debug)]
pub struct Delivery {
    pub guid: String,
    pub body: Vec<u8>,
    headers: Vec<(&'static str, String)>,
}

/// What was answered.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub retry_after: Option<String>,
    pub body: Value,
}

impl Delivery {
    /// Signed with the test's secret.
    pub fn new(event: &str, guid: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::unsigned(event, guid, body).signed(&secrets())
    }

    pub fn unsigned(event: &str, guid: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = [
            ("content-type", "application/json"),
            ("user-agent", "GitHub-Hookshot/044aadd"),
            ("x-github-event", event),
            ("x-github-delivery", guid),
            ("x-github-hook-id", "292430182"),
        ];
        let headers = headers.map(|(name, value)| (name, value.to_owned())).into();
        Self { guid: guid.to_owned(), body: body.into(), headers }
    }

    pub fn signed(self, secrets: &Secrets) -> Self {
        let signature = secrets.sign(&self.body);
        self.with("x-hub-signature-256", &signature)
    }

    pub fn with(self, header: &'static str, value: &str) -> Self {
        let mut delivery = self.without(header);
        delivery.headers.push((header, value.to_owned()));
        delivery
    }

    pub fn without(mut self, header: &str) -> Self {
        self.headers.retain(|(name, _)| *name != header);
        self
    }

    /// Its body changed after it was signed.
    pub fn tampered(self, body: &str) -> Self {
        Self { body: body.into(), ..self }
    }

    /// The id of its record.
    pub fn id(&self) -> RecordId {
        RecordId::of_delivery(&self.guid)
    }

    pub async fn send_to(&self, server: SocketAddr) -> Answer {
        self.try_to(server).await.unwrap_or_else(|error| panic!("{} got no answer: {error:?}", self.guid))
    }

    /// Nothing but a broken connection is an error here.
    pub async fn try_to(&self, server: SocketAddr) -> reqwest::Result<Answer> {
        let request = CLIENT.post(format!("http://{server}{PATH}"));
        let request = self.headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
        Answer::of(request.body(self.body.clone()).send().await?).await
    }
}

impl Answer {
    pub async fn of(response: reqwest::Response) -> reqwest::Result<Self> {
        let status = response.status();
        let retry_after = response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
        Ok(Self { status, retry_after, body: response.json().await? })
    }

    /// Where the record stands.
    #[track_caller]
    pub fn sequence(&self) -> u64 {
        assert_eq!(self.status, StatusCode::ACCEPTED, "{}", self.body);
        self.body["sequence"].as_u64().unwrap()
    }

    #[track_caller]
    pub fn is_refused(&self, status: u16, error: &str) {
        let said = self.body["error"].as_str().unwrap_or_default();
        assert!(self.status == status && said.contains(error), "{} {}", self.status, self.body);
        assert!(!self.body["hint"].as_str().unwrap().is_empty(), "{}", self.body);
    }
}

/// Any request, for what is not a delivery.
pub fn client() -> &'static Client {
    &CLIENT
}
