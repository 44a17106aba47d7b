//! An App's key pair, drawn as GitHub draws it. It opens nothing but a played world.

use rsa::{
    RsaPrivateKey,
    pkcs1::{EncodeRsaPrivateKey as _, LineEnding},
    pkcs8::EncodePublicKey as _,
    rand_core::OsRng,
};

/// What GitHub draws.
const BITS: usize = 2048;

/// Both halves, as PEM.
pub(crate) struct Pair {
    pub(crate) private: String,
    pub(crate) public: String,
}

/// Draws a pair. It takes a moment: not for a thread that others wait for.
pub(crate) fn draw() -> Result<Pair, Box<dyn std::error::Error + Send + Sync>> {
    let drawn = RsaPrivateKey::new(&mut OsRng, BITS)?;
    let public = drawn.to_public_key().to_public_key_pem(LineEnding::LF)?;
    let private = drawn.to_pkcs1_pem(LineEnding::LF)?.to_string();
    Ok(Pair { private, public })
}
