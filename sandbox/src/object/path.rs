//! A path in a tree. Git's paths are bytes, so they stay bytes; text is made of them only to be shown.

use bytes::Bytes;
use serde::{Serialize, Serializer};
use std::{borrow::Cow, fmt};

/// A path from the root of a tree, with `/` between its parts. Shown as text, with what is not UTF-8 replaced.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FilePath(Bytes);

impl FilePath {
    /// The path's bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The path as text, with what is not UTF-8 replaced.
    #[must_use]
    pub fn to_text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }

    /// The last part.
    #[must_use]
    pub fn file_name(&self) -> &[u8] {
        self.0.rsplit(|byte| *byte == b'/').next().unwrap_or_default()
    }

    /// The path of `name` in the directory at this path; the root is the empty path.
    #[must_use]
    pub fn join(&self, name: &[u8]) -> Self {
        if self.0.is_empty() {
            return Self(Bytes::copy_from_slice(name));
        }
        Self([&self.0[..], b"/", name].concat().into())
    }

    /// The path as git prints it after `prefix` in a diff: between quotes, with escapes, if a byte needs it.
    #[must_use]
    pub fn quoted(&self, prefix: &str) -> String {
        let plain = |byte: &u8| matches!(byte, 0x20..=0x7e) && !matches!(byte, b'"' | b'\\');
        if self.0.iter().all(plain) {
            return format!("{prefix}{self}");
        }
        let escaped: String = self.0.iter().map(|byte| escape(*byte)).collect();
        format!("\"{prefix}{escaped}\"")
    }
}

fn escape(byte: u8) -> String {
    match byte {
        0x07 => "\\a".to_owned(),
        0x08 => "\\b".to_owned(),
        b'\t' => "\\t".to_owned(),
        b'\n' => "\\n".to_owned(),
        0x0b => "\\v".to_owned(),
        0x0c => "\\f".to_owned(),
        b'\r' => "\\r".to_owned(),
        b'"' => "\\\"".to_owned(),
        b'\\' => "\\\\".to_owned(),
        0x20..=0x7e => char::from(byte).to_string(),
        _ => format!("\\{byte:03o}"),
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_text())
    }
}

impl fmt::Debug for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_text())
    }
}

impl From<&str> for FilePath {
    fn from(path: &str) -> Self {
        Self(Bytes::copy_from_slice(path.as_bytes()))
    }
}

impl From<&[u8]> for FilePath {
    fn from(path: &[u8]) -> Self {
        Self(Bytes::copy_from_slice(path))
    }
}

impl AsRef<[u8]> for FilePath {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl PartialEq<str> for FilePath {
    fn eq(&self, other: &str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl PartialEq<&str> for FilePath {
    fn eq(&self, other: &&str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl Serialize for FilePath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_text())
    }
}
