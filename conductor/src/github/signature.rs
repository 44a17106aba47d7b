//! The signature that GitHub puts on each delivery, checked on the bytes as they came.
//!
//! Two secrets hold while one takes the other's place, so that no delivery is lost in between.

use std::fmt;

use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::refused::Refused;

/// The shortest secret that is taken, in bytes.
pub const SHORTEST: usize = 16;

/// The header that carries the signature.
pub const HEADER: &str = "x-hub-signature-256";

const PREFIX: &str = "sha256=";

/// The secrets that a delivery may be signed with. There is none without a secret: that is what the type is for.
#[derive(Clone)]
pub struct Secrets {
    current: Hmac<Sha256>,
    previous: Option<Hmac<Sha256>>,
}

/// Why there is no secret to check signatures with.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// It is empty.
    #[error(
        "the webhook secret is empty, and without one anybody could speak as GitHub; `openssl rand -hex 32` makes one"
    )]
    Empty,
    /// It can be guessed.
    #[error("the webhook secret has {0} bytes and needs {SHORTEST}; `openssl rand -hex 32` makes a good one")]
    Short(usize),
    /// It is more than a line.
    #[error("the webhook secret has more than one line, and what GitHub signs with is one")]
    Lines,
}

impl Secrets {
    /// One secret.
    ///
    /// # Errors
    /// When it is empty, too short or more than a line.
    pub fn new(secret: &str) -> Result<Self, Unusable> {
        Ok(Self { current: keyed(secret)?, previous: None })
    }

    /// The same, and the secret before it, which still counts.
    ///
    /// # Errors
    /// When that one is empty, too short or more than a line.
    pub fn and_previous(self, secret: &str) -> Result<Self, Unusable> {
        Ok(Self { previous: Some(keyed(secret)?), ..self })
    }

    /// The signature this secret puts on these bytes, as the header writes it.
    #[must_use]
    pub fn sign(&self, bytes: &[u8]) -> String {
        let signature = self.current.clone().chain_update(bytes).finalize().into_bytes();
        format!("{PREFIX}{}", hex::encode(signature))
    }

    /// The bytes, once their signature was found to be GitHub's.
    ///
    /// # Errors
    /// 401 when there is no signature, or none of ours.
    pub fn verify(&self, headers: &HeaderMap, bytes: Bytes) -> Result<Verified, Refused> {
        let signature = claimed(headers)?;
        let of = |secret: &Hmac<Sha256>| secret.clone().chain_update(&bytes).verify_slice(&signature).is_ok();
        if of(&self.current) || self.previous.as_ref().is_some_and(of) {
            return Ok(Verified(bytes));
        }
        Err(unauthorised(
            "the signature does not match the body",
            "the secret set at GitHub is not the one in secrets/webhook_secret",
        ))
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets").finish_non_exhaustive()
    }
}

/// Bytes whose signature was checked. Only [`Secrets::verify`] makes them.
#[derive(Clone, Debug)]
pub struct Verified(Bytes);

impl Verified {
    /// The bytes as they came.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The signature in the headers, decoded: without one a body need not even be read.
///
/// # Errors
/// 401 when there is none, or it is not of the form `sha256=` and 64 hexadecimal digits.
pub fn claimed(headers: &HeaderMap) -> Result<[u8; 32], Refused> {
    let Some(value) = headers.get(HEADER) else {
        return Err(unauthorised(
            "the delivery carries no X-Hub-Signature-256",
            "set the secret from secrets/webhook_secret in the webhook's settings at GitHub",
        ));
    };
    let mut signature = [0; 32];
    let digits = value.as_bytes().strip_prefix(PREFIX.as_bytes());
    let decoded = digits.and_then(|digits| hex::decode_to_slice(digits, &mut signature).ok());
    decoded.map(|()| signature).ok_or_else(|| {
        unauthorised(
            "X-Hub-Signature-256 is not `sha256=` and 64 hexadecimal digits",
            "send it as GitHub does: docs/webhooks.md",
        )
    })
}

fn unauthorised(error: &'static str, hint: &'static str) -> Refused {
    Refused::new(StatusCode::UNAUTHORIZED, error, hint)
}

fn keyed(secret: &str) -> Result<Hmac<Sha256>, Unusable> {
    let secret = secret.trim_end_matches(['\n', '\r']);
    match secret.len() {
        0 => Err(Unusable::Empty),
        _ if secret.contains(['\n', '\r']) => Err(Unusable::Lines),
        short @ 1..SHORTEST => Err(Unusable::Short(short)),
        length => Hmac::new_from_slice(secret.as_bytes()).map_err(|_| Unusable::Short(length)),
    }
}
