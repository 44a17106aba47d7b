use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The longest name.
const LONGEST: usize = 32;

/// The name of a user, an agent, a pool, a subscriber: `[a-z0-9-]`, 1 to 32 of them, no hyphen at an end.
///
/// It is a token of subjects, a part of consumers' names, a user in the server's configuration and a folder, so it is
/// narrow enough for all four.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

/// What an agent can do: a [`Name`] without hyphens, so that `agent-<skill>-<pool>` reads in one way only.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Skill(Name);

/// Why a text is no name.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadName {
    /// Wrong characters, or none, or too many.
    #[error(
        "`{}` is no name: 1 to 32 of a-z, 0-9 and hyphens, no hyphen first or last",
        .0.escape_debug()
    )]
    Name(String),
    /// A hyphen where none may be.
    #[error("`{0}` is no role of an agent: no hyphens there, so that role and pool can be told apart")]
    Skill(String),
}

impl Name {
    /// The name of this text, if it is one.
    ///
    /// # Errors
    /// When it is not.
    pub fn of(text: &str) -> Result<Self, BadName> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let inside = !text.is_empty() && text.len() <= LONGEST && text.chars().all(fits);
        if inside && !text.starts_with('-') && !text.ends_with('-') {
            return Ok(Self(text.to_owned()));
        }
        Err(BadName::Name(text.to_owned()))
    }

    /// The name as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Skill {
    /// The skill of this text, if it is one.
    ///
    /// # Errors
    /// When it is not.
    pub fn of(text: &str) -> Result<Self, BadName> {
        let name = Name::of(text)?;
        if text.contains('-') {
            return Err(BadName::Skill(name.0));
        }
        Ok(Self(name))
    }

    /// The skill as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

macro_rules! text {
    ($type:ident) => {
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $type {
            type Err = BadName;

            fn from_str(text: &str) -> Result<Self, BadName> {
                Self::of(text)
            }
        }

        impl TryFrom<String> for $type {
            type Error = BadName;

            fn try_from(text: String) -> Result<Self, BadName> {
                Self::of(&text)
            }
        }

        impl From<$type> for String {
            fn from(name: $type) -> Self {
                name.as_str().to_owned()
            }
        }
    };
}

text!(Name);
text!(Skill);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_narrow() {
        for good in ["dev-e", "a", "ci-lamp", "0", &"x".repeat(32)] {
            assert!(Name::of(good).is_ok(), "{good}");
        }
        for bad in ["", "-", "-a", "a-", "A", "a b", "a.b", "a*", ">", "a\"", "a\n", "ä", "a_b", &"x".repeat(33)] {
            let refusal = Name::of(bad).unwrap_err().to_string();
            assert!(!refusal.contains('\n') && refusal.contains("is no name"), "{refusal}");
        }
    }

    #[test]
    fn role_and_pool_of_a_consumer_cannot_be_mistaken() {
        assert!(Skill::of("implement").is_ok());
        assert!(matches!(Skill::of("a-b"), Err(BadName::Skill(_))));
    }
}
