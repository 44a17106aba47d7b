//! A delivery as it goes over the wire.

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use sha1::Sha1;
use sha2::Sha256;

use super::{
    World,
    deliveries::Delivery,
    hook::{Form, Owner, Target},
    id::DeliveryId,
};

/// A request that a webhook's listener gets.
#[derive(Clone, Debug)]
pub struct Post {
    /// Where to.
    pub url: String,
    /// Whether a certificate that nobody vouches for is taken.
    pub insecure: bool,
    /// GitHub's headers: event, GUID, hook, signatures.
    pub headers: HeaderMap,
    /// The bytes that are signed.
    pub body: Bytes,
}

impl World {
    /// A delivery as it goes over the wire; none if it is forgotten.
    #[must_use]
    pub fn post(&self, id: DeliveryId) -> Option<Post> {
        let delivery = self.state.deliveries.get(id)?;
        let body = body(delivery);
        let Target { url, insecure, .. } = &*delivery.target;
        Some(Post { url: url.clone(), insecure: *insecure, headers: headers(delivery, &body), body })
    }
}

/// The body of a delivery, as sent.
pub(crate) fn body(delivery: &Delivery) -> Bytes {
    match delivery.target.form {
        Form::Json => delivery.payload.clone(),
        Form::Form => {
            let text = String::from_utf8_lossy(&delivery.payload);
            serde_urlencoded::to_string([("payload", text)]).unwrap_or_default().into()
        }
    }
}

/// The headers of a delivery, as sent and as shown in the delivery log.
pub(crate) fn headers(delivery: &Delivery, body: &[u8]) -> HeaderMap {
    let (kind, target) = match delivery.owner {
        Owner::Repository(id) => ("repository", id.to_string()),
        Owner::App(id) => ("integration", id.to_string()),
    };
    let content = match delivery.target.form {
        Form::Json => "application/json",
        Form::Form => "application/x-www-form-urlencoded",
    };
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content));
    headers.insert(header::USER_AGENT, HeaderValue::from_static("GitHub-Hookshot/played"));
    for (name, value) in [
        ("x-github-event", delivery.event.to_owned()),
        ("x-github-delivery", delivery.guid.to_string()),
        ("x-github-hook-id", delivery.hook.to_string()),
        ("x-github-hook-installation-target-type", kind.to_owned()),
        ("x-github-hook-installation-target-id", target),
    ] {
        insert(&mut headers, name, &value);
    }
    if let Some(secret) = &delivery.target.secret {
        insert(&mut headers, "x-hub-signature", &format!("sha1={}", sign::<Hmac<Sha1>>(secret, body)));
        insert(&mut headers, "x-hub-signature-256", &format!("sha256={}", sign::<Hmac<Sha256>>(secret, body)));
    }
    headers
}

fn insert(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

fn sign<M: Mac + KeyInit>(secret: &str, body: &[u8]) -> String {
    // HMAC takes keys of any length.
    <M as KeyInit>::new_from_slice(secret.as_bytes()).map_or_else(
        |_| String::new(),
        |mut mac| {
            mac.update(body);
            hex::encode(mac.finalize().into_bytes())
        },
    )
}
