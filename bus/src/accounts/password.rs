use std::{fmt, str::FromStr};

use rand::{TryRngCore as _, rngs::OsRng};

/// Bytes of randomness in a password that is made here.
const BYTES: usize = 24;

/// The shortest password that is taken.
const SHORTEST: usize = 16;

/// The longest password that is taken.
const LONGEST: usize = 128;

/// What a user proves itself with: 16 to 128 of `[A-Za-z0-9_-]`, so that it stands unchanged in an address, in a file of
/// one line and in the server's configuration. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

/// Why a text is no password. It does not say the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a password has 16 to 128 of the characters A-Z a-z 0-9 _ -")]
pub struct BadPassword;

impl Password {
    /// A new one, drawn by the system.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn draw() -> Result<Self, rand::rand_core::OsError> {
        const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
        let mut bytes = [0_u8; BYTES];
        OsRng.try_fill_bytes(&mut bytes)?;
        Ok(Self(bytes.iter().map(|byte| char::from(DIGITS[usize::from(byte % 64)])).collect()))
    }

    /// The password itself, for the file or the server it is meant for.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for Password {
    type Err = BadPassword;

    fn from_str(text: &str) -> Result<Self, BadPassword> {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        let whole = (SHORTEST..=LONGEST).contains(&text.len()) && text.chars().all(fits);
        if whole { Ok(Self(text.to_owned())) } else { Err(BadPassword) }
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_is_a_password_and_another_each_time() {
        let (one, other) = (Password::draw().unwrap(), Password::draw().unwrap());
        assert_eq!(one.expose().parse(), Ok(one.clone()));
        assert_ne!(one, other);
        assert!(!format!("{one:?}").contains(one.expose()));
    }

    #[test]
    fn what_would_mean_something_else_somewhere_is_refused() {
        for bad in [
            "",
            "short",
            "$2a$11$abcdefghijklmnopqrstuv",
            "with space with space",
            "abcdefghijklmnop\"",
            "abcdefghijklmnop@h",
        ] {
            assert_eq!(bad.parse::<Password>(), Err(BadPassword), "{bad}");
        }
    }
}
