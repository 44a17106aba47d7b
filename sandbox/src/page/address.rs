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

    /// The same with another word for a name of its query.
    pub(super) fn with(&self, name: &str, value: &str) -> String {
        let kept = self.pairs().into_iter().filter(|(key, _)| key != name);
        self.asking(kept.chain([(name.to_owned(), value.to_owned())]).collect())
    }

    /// The same with nothing in its query but one word for a name.
    pub(super) fn only(&self, name: &str, value: &str) -> String {
        self.asking(vec![(name.to_owned(), value.to_owned())])
    }

    fn asking(&self, pairs: Vec<(String, String)>) -> String {
        let path: Vec<String> = self.parts.iter().map(|part| encoded(part)).collect();
        format!("/{}?{}", path.join("/"), serde_urlencoded::to_string(pairs).unwrap_or_default())
    }

    /// What the query says of a name.
    pub(super) fn said(&self, name: &str) -> Option<String> {
        self.pairs().into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    fn pairs(&self) -> Vec<(String, String)> {
        serde_urlencoded::from_str(&self.query).unwrap_or_default()
    }
}

/// A path as it stands in an address; its slashes part it.
pub(super) fn encoded(path: &str) -> String {
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b'~');
    utf8_percent_encode(path, KEPT).to_string()
}
