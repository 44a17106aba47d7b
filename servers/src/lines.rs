use std::{fmt, sync::Arc};

/// Where the sentences go that a person should see: what is being installed, which folder was taken, what died.
///
/// Each line is complete and without a line end.
#[derive(Clone)]
pub struct Lines(Arc<dyn Fn(&str) + Send + Sync>);

impl Lines {
    /// Lines go to this function.
    pub fn to(tell: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    /// Nobody listens.
    #[must_use]
    pub fn none() -> Self {
        Self::to(|_| ())
    }

    /// Tells one line.
    pub fn tell(&self, line: &str) {
        (self.0)(line);
    }
}

impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lines")
    }
}
