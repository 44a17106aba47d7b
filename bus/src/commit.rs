//! Git's object ids, as GitHub tells them: a commit, a tree.

use std::{borrow::Cow, fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The id of a git object (SHA-1), written as 40 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid([u8; 20]);

/// A text that is no object id.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{0}` is no commit id: 40 hexadecimal digits are expected")]
pub struct NoOid(String);

impl Oid {
    /// The id of these bytes.
    #[must_use]
    pub const fn of(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }

    /// The seven digits that people read.
    #[must_use]
    pub fn short(self) -> String {
        let mut digits = hex::encode(self.0);
        digits.truncate(7);
        digits
    }

    /// Whether these are the first digits of the id.
    #[must_use]
    pub fn starts_with(self, digits: &str) -> bool {
        !digits.is_empty() && self.to_string().starts_with(&digits.to_ascii_lowercase())
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Oid {
    type Err = NoOid;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 20];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| NoOid(text.chars().take(64).collect()))?;
        Ok(Self(bytes))
    }
}

impl Serialize for Oid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Oid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for Oid {
    fn schema_name() -> Cow<'static, str> {
        "Oid".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[0-9a-f]{40}$", "description": "The id of a git object." })
    }

    fn inline_schema() -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_comes_back_from_its_digits() {
        let text = "4c1e0a9d5b6f7081920a3b4c5d6e7f8091a2b3c4";
        let oid: Oid = text.to_uppercase().parse().unwrap();
        assert_eq!(oid.to_string(), text);
        assert_eq!(oid.short(), "4c1e0a9");
        assert!(oid.starts_with("4C1E") && !oid.starts_with("") && !oid.starts_with("4c1f"));
        assert_eq!(serde_json::from_str::<Oid>(&serde_json::to_string(&oid).unwrap()).unwrap(), oid);
    }

    #[test]
    fn what_has_not_forty_digits_is_no_id() {
        for text in ["", "4c1e0a9", "zc1e0a9d5b6f7081920a3b4c5d6e7f8091a2b3c4", "ééééééééééééééééééééé"]
        {
            assert!(text.parse::<Oid>().is_err(), "{text}");
        }
    }
}
