//! Check suites and check runs: what Apps say of a commit. A suite's standing is not stored; it is that of its runs.

mod follow;
mod report;
mod tell;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    id::{AppId, CheckRunId, CheckSuiteId},
    moment::Moment,
};
use crate::{object::Oid, workflow::Conclusion};

/// An App's check runs on a commit.
#[derive(Clone, Debug)]
pub(crate) struct Suite {
    pub(crate) id: CheckSuiteId,
    pub(crate) app: AppId,
    pub(crate) head: Oid,
    pub(crate) branch: Option<String>,
    /// Where the push that asked for it began.
    pub(crate) before: Option<Oid>,
    /// How it stands where it has no runs: a workflow that does not start has none.
    pub(crate) alone: Progress,
    /// Whether it was asked for again, and its App has said nothing since.
    pub(crate) asked_again: bool,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
}

/// One check of one commit.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) id: CheckRunId,
    pub(crate) suite: CheckSuiteId,
    pub(crate) name: String,
    pub(crate) external_id: Option<String>,
    pub(crate) details_url: Option<String>,
    pub(crate) progress: Progress,
    pub(crate) started_at: Moment,
    pub(crate) report: Report,
    pub(crate) actions: Vec<Action>,
    /// Of the last change that was reported.
    pub(crate) updated_at: Moment,
}

/// How far a check is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Progress {
    Open(Open),
    Ended { at: Moment, conclusion: Conclusion },
}

/// How far a check is that has not ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Open {
    Queued,
    Waiting,
    Requested,
    Pending,
    InProgress,
}

/// What a check run says beside its conclusion.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    pub(crate) title: Option<String>,
    pub(crate) summary: Option<String>,
    pub(crate) text: Option<String>,
    pub(crate) annotations: Vec<Annotation>,
}

/// What a check run says of a line.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Annotation {
    pub(crate) path: String,
    pub(crate) start_line: u64,
    pub(crate) end_line: u64,
    #[serde(default)]
    pub(crate) start_column: Option<u64>,
    #[serde(default)]
    pub(crate) end_column: Option<u64>,
    pub(crate) annotation_level: Level,
    pub(crate) message: String,
    #[serde(default)]
    pub(crate) title: Option<String>,
    #[serde(default)]
    pub(crate) raw_details: Option<String>,
}

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Level {
    Notice,
    Warning,
    Failure,
}

/// A button that a check run offers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Action {
    pub(crate) label: String,
    pub(crate) description: String,
    pub(crate) identifier: String,
}

/// A repository's check suites and runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Checks {
    pub(crate) suites: BTreeMap<CheckSuiteId, Suite>,
    pub(crate) runs: BTreeMap<CheckRunId, Run>,
    by_head: BTreeSet<(Oid, CheckSuiteId)>,
    by_suite: BTreeSet<(CheckSuiteId, CheckRunId)>,
}

impl Checks {
    pub(crate) fn add_suite(&mut self, suite: Suite) {
        self.by_head.insert((suite.head, suite.id));
        self.suites.insert(suite.id, suite);
    }

    pub(crate) fn add_run(&mut self, run: Run) {
        self.by_suite.insert((run.suite, run.id));
        self.runs.insert(run.id, run);
    }

    /// A commit's suites, oldest first.
    pub(crate) fn suites_of(&self, head: Oid) -> impl DoubleEndedIterator<Item = &Suite> {
        let of_head = self.by_head.range((head, CheckSuiteId(0))..=(head, CheckSuiteId(u64::MAX)));
        of_head.filter_map(|(_, id)| self.suites.get(id))
    }

    /// A suite's runs, oldest first.
    pub(crate) fn runs_of(&self, suite: CheckSuiteId) -> impl DoubleEndedIterator<Item = &Run> {
        let of_suite = self.by_suite.range((suite, CheckRunId(0))..=(suite, CheckRunId(u64::MAX)));
        of_suite.filter_map(|(_, id)| self.runs.get(id))
    }

    /// Of each name the newest run of a suite, by name.
    pub(crate) fn latest_of(&self, suite: CheckSuiteId) -> BTreeMap<&str, &Run> {
        self.runs_of(suite).map(|run| (run.name.as_str(), run)).collect()
    }

    /// How a suite stands.
    pub(crate) fn progress(&self, suite: &Suite) -> Progress {
        let latest = self.latest_of(suite.id);
        if suite.asked_again {
            return Progress::Open(Open::Queued);
        }
        if latest.is_empty() {
            return suite.alone;
        }
        let begun = latest.values().any(|run| !matches!(run.progress, Progress::Open(Open::Queued)));
        let ended: Option<Vec<_>> = latest.values().map(|run| run.progress.ended()).collect();
        match ended.as_deref().and_then(worst) {
            Some((at, conclusion)) => Progress::Ended { at, conclusion },
            None if begun => Progress::Open(Open::InProgress),
            None => Progress::Open(Open::Queued),
        }
    }
}

impl Progress {
    /// When and how it ended, if it did.
    pub(crate) const fn ended(self) -> Option<(Moment, Conclusion)> {
        match self {
            Self::Ended { at, conclusion } => Some((at, conclusion)),
            Self::Open(_) => None,
        }
    }

    /// GitHub's word for it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Open(Open::Queued) => "queued",
            Self::Open(Open::Waiting) => "waiting",
            Self::Open(Open::Requested) => "requested",
            Self::Open(Open::Pending) => "pending",
            Self::Open(Open::InProgress) => "in_progress",
            Self::Ended { .. } => "completed",
        }
    }
}

fn worst(ended: &[(Moment, Conclusion)]) -> Option<(Moment, Conclusion)> {
    let at = ended.iter().map(|(at, _)| *at).max()?;
    ended
        .iter()
        .map(|(_, conclusion)| *conclusion)
        .min_by_key(|conclusion| weight(*conclusion))
        .map(|worst| (at, worst))
}

/// The lesser, the more it says of a suite.
const fn weight(conclusion: Conclusion) -> u8 {
    match conclusion {
        Conclusion::Failure => 0,
        Conclusion::TimedOut => 1,
        Conclusion::StartupFailure => 2,
        Conclusion::ActionRequired => 3,
        Conclusion::Cancelled => 4,
        Conclusion::Stale => 5,
        Conclusion::Success => 6,
        Conclusion::Neutral => 7,
        Conclusion::Skipped => 8,
    }
}
