//! What the adapter is told at its start.

use std::{ffi::OsString, path::PathBuf, time::Duration};

/// Which git, and how much of it a request may have.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Git's program, 2.38 or later; sought on [`Settings::path`] when it is a bare name.
    pub program: PathBuf,
    /// The `PATH` of every child. Nothing else is handed down of the environment this process was started with.
    pub path: OsString,
    /// The most bytes of one request, and of one request's body after gzip.
    pub body: u64,
    /// The most bytes that the objects of one push, or of one merge, may unpack to.
    pub unpacked: u64,
    /// The longest that one request or one question may take.
    pub time: Duration,
    /// The most gits that serve clients at the same time; more clients wait.
    pub children: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            program: "git".into(),
            path: "/usr/local/bin:/usr/bin:/bin".into(),
            body: 100 << 20,
            unpacked: 512 << 20,
            time: Duration::from_mins(1),
            children: 16,
        }
    }
}
