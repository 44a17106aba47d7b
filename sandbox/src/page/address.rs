//! Where a page is.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// A path in its parts, and what comes after it.
pub(super) struct Address {
    parts: Vec<String>,
    query: String,
}

impl Address {
    pub(super) fn of(text: &str) -> Self {
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        let parts = path.split('/').filter(|part| !part.is_empty());
        let decoded = |part: &str| percent_decode_str(part).decode_utf8_lossy().into_owned();
        Self { parts: parts.map(decoded).collect(), query: query.to_owned() }
    }

    pub(super) fn parts(&self) -> Vec<&str> {
        self.parts.iter().map(String::as_str).collect()
    }

    /// What the query says of a name.
    pub(super) fn said(&self, name: &str) -> Option<String> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&self.query).ok()?;
        pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

/// A path as it stands in an address; its slashes part it.
pub(super) fn encoded(path: &str) -> String {
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b'~');
    utf8_percent_encode(path, KEPT).to_string()
}
