//! GitHub, as far as it posts.

use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::Client;
use serde_json::Value;
use sha2::Sha256;
use uuid::Uuid;

use super::Rig;

/// What a delivery was answered.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    /// Fails unless it was stored; the number under which.
    #[track_caller]
    pub fn sequence(&self) -> u64 {
        assert_eq!(self.status, 202, "{}", self.body);
        self.body["sequence"].as_u64().unwrap()
    }
}

/// What GitHub puts into `X-Hub-Signature-256`.
pub fn signature(secret: &str, body: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap().chain_update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

/// A client that keeps its connections.
pub fn client() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().timeout(Duration::from_secs(30)).no_proxy().build().unwrap()
}

pub async fn get(url: &str) -> (u16, Value) {
    let answer = client().get(url).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// Posts deliveries to one rig.
#[derive(Clone)]
pub struct Github {
    client: Client,
    url: String,
    secret: String,
}

impl Github {
    /// As it is while it knows another secret.
    pub fn knowing(self, secret: &str) -> Self {
        Self { secret: secret.to_owned(), ..self }
    }

    /// Posts one delivery, signed. Nothing when no whole answer came.
    pub async fn post(&self, guid: Uuid, event: &str, body: Vec<u8>) -> Option<Answer> {
        let request = self
            .client
            .post(&self.url)
            .header("content-type", "application/json")
            .header("x-github-event", event)
            .header("x-github-delivery", guid.to_string())
            .header("x-github-hook-id", "292430182")
            .header("x-hub-signature-256", signature(&self.secret, &body))
            .body(body);
        let answer = request.send().await.ok()?;
        let status = answer.status().as_u16();
        Some(Answer { status, body: answer.json().await.ok()? })
    }
}

impl Rig {
    /// GitHub, which knows this rig's address and secret.
    pub fn github(&self) -> Github {
        Github { client: client(), url: self.told("/webhooks"), secret: self.line("webhook_secret") }
    }

    /// Posts one delivery with a new GUID, signed.
    pub async fn post(&self, event: &str, body: &Value) -> Answer {
        let body = serde_json::to_vec(body).unwrap();
        self.github().post(Uuid::new_v4(), event, body).await.expect("no answer")
    }
}

/// An issue that is opened.
pub fn issue(number: u64, title: &str) -> Value {
    serde_json::json!({
        "action": "opened",
        "issue": {"id": 1_000 + number, "number": number, "title": title, "user": {"login": "nora", "id": 7},
                  "html_url": format!("https://github.com/acme/hello.site/issues/{number}")},
        "repository": {"id": 4711, "name": "hello.site", "full_name": "acme/hello.site",
                       "owner": {"login": "acme", "id": 99}},
        "sender": {"login": "nora", "id": 7}
    })
}
