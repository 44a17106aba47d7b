use std::fmt;

/// A text that holds secrets, and is not shown where its owner is.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The text itself: for whom it is meant, and for nobody's log.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}
