//! What a runner is asked for, and what it answers.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use bytes::Bytes;

use crate::workflow::{Conclusion, Script};

/// One run of one script on one commit.
#[derive(Clone, Debug)]
pub struct Job {
    /// What it runs on.
    pub checkout: Checkout,
    /// What runs.
    pub script: Script,
    /// What the script's environment holds beside what every job's holds, which wins where both name a variable.
    pub environment: BTreeMap<String, String>,
    /// What it may use.
    pub limits: Limits,
}

/// A commit of a repository.
#[derive(Clone, Debug)]
pub struct Checkout {
    /// A bare repository. It is only read.
    pub repository: PathBuf,
    /// The commit's id in full.
    pub commit: String,
}

/// What a job may use.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How long it may take, the checkout with it.
    pub time: Duration,
    /// How many bytes of its output the log keeps: of more, the first half and the last.
    pub output: usize,
    /// How many bytes of address space each of its processes may have.
    pub memory: Option<u64>,
    /// How many bytes each file that it writes may have, in steps of 512.
    pub file_size: Option<u64>,
}

/// How a job ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// Its conclusion; never [`Conclusion::Stale`].
    pub conclusion: Conclusion,
    /// The script's exit status, 128 and the signal's number if a signal ended it; nothing if it did not end by itself.
    pub exit: Option<i32>,
    /// What it wrote to standard output and standard error, as it came, with a line for whatever is to be said of it.
    pub log: Bytes,
    /// How long it took, the time in the queue left out.
    pub took: Duration,
}

impl Ended {
    /// It was cancelled in the queue.
    pub(super) fn unbegun() -> Self {
        let log = Bytes::from_static(b"[ci] cancelled before it began\n");
        Self { conclusion: Conclusion::Cancelled, exit: None, log, took: Duration::ZERO }
    }

    /// Nobody is left to say how it ended.
    pub(super) fn lost(error: &tokio::task::JoinError) -> Self {
        let log = Bytes::from(format!("[ci] the runner lost this job: {error}\n"));
        Self { conclusion: Conclusion::StartupFailure, exit: None, log, took: Duration::ZERO }
    }
}
