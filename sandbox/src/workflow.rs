//! What a repository declares of its CI, in `.ci.toml`: pure, from text to values. `docs/sandbox-ci.md` tells the format.

mod needs;
mod parse;
mod period;
pub(crate) mod table;

use std::{collections::BTreeMap, fmt, time::Duration};

pub use parse::parse;

/// The file of a repository that declares its checks.
pub const FILE: &str = ".ci.toml";

/// A repository's checks, each after those it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workflow {
    checks: Vec<Check>,
}

impl Workflow {
    /// Every check, each after those it needs.
    #[must_use]
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// The checks that an event starts, each after those it needs.
    pub fn started_by(&self, event: Event) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(move |check| check.starts_on(event))
    }
}

/// One check: a script, and when it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its name, which is the name of its check runs.
    pub name: String,
    /// What runs.
    pub script: Script,
    /// What starts it; never empty, each kind at most once.
    pub on: Vec<Trigger>,
    /// How long one run may take.
    pub timeout: Duration,
    /// Whether a newer run ends an older one.
    pub concurrency: Concurrency,
    /// The declared part of the script's environment.
    pub environment: BTreeMap<String, String>,
    /// The checks that must have passed before it starts. They start on every event that it starts on.
    pub needs: Vec<String>,
}

impl Check {
    /// Whether the event starts it.
    #[must_use]
    pub fn starts_on(&self, event: Event) -> bool {
        self.on.iter().any(|trigger| trigger.event() == event)
    }

    /// Whether it may start, given how the checks of the same event ended (nothing for one that has not).
    pub fn readiness(&self, ended: impl Fn(&str) -> Option<Conclusion>) -> Readiness {
        let mut readiness = Readiness::Ready;
        for need in &self.needs {
            match ended(need) {
                Some(conclusion) if conclusion.passes() => {}
                Some(_) => return Readiness::Skipped,
                None => readiness = Readiness::Waiting,
            }
        }
        readiness
    }
}

/// Whether a check may start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// All that it needs has passed.
    Ready,
    /// Something that it needs has not ended.
    Waiting,
    /// Something that it needs did not pass: it never starts, and its conclusion is [`Conclusion::Skipped`].
    Skipped,
}

/// A script and the program that runs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The name of a program on the `PATH`, which is given the script's file.
    pub shell: String,
    /// The script itself.
    pub text: String,
}

/// What starts a check, with what there is to say of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// A push to a branch.
    Push,
    /// A pull request that is opened, reopened, or gets commits.
    PullRequest,
    /// The passing of this long, on the default branch.
    Every(Duration),
}

impl Trigger {
    /// The kind of event that it waits for.
    #[must_use]
    pub fn event(self) -> Event {
        match self {
            Self::Push => Event::Push,
            Self::PullRequest => Event::PullRequest,
            Self::Every(_) => Event::Schedule,
        }
    }
}

/// The kinds of event that start checks, as GitHub names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// `push`
    Push,
    /// `pull_request`
    PullRequest,
    /// `schedule`
    Schedule,
}

impl Event {
    const ALL: [Self; 3] = [Self::Push, Self::PullRequest, Self::Schedule];

    /// GitHub's word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::PullRequest => "pull_request",
            Self::Schedule => "schedule",
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether a newer run of a check ends an older one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concurrency {
    /// Every run goes to its end.
    Unlimited,
    /// A newer run of the same check for the same branch or pull request cancels those before it.
    Branch,
}

/// How a check ended, in GitHub's words: the eight conclusions of a check run, and a workflow's `startup_failure`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// The script ended well.
    Success,
    /// The script ended otherwise.
    Failure,
    /// The script ended well and said that there is nothing to judge.
    Neutral,
    /// Somebody, or a newer run, ended it.
    Cancelled,
    /// The script said that it had nothing to do, or what the check needs did not pass.
    Skipped,
    /// It took longer than it may.
    TimedOut,
    /// The script said that a person has to do something first.
    ActionRequired,
    /// Nothing was reported for too long. The world decides this; no script ends so.
    Stale,
    /// The script did not start: no such commit, no such shell.
    StartupFailure,
}

impl Conclusion {
    /// GitHub's word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Neutral => "neutral",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
            Self::TimedOut => "timed_out",
            Self::ActionRequired => "action_required",
            Self::Stale => "stale",
            Self::StartupFailure => "startup_failure",
        }
    }

    /// Whether a check that needs this one may start.
    #[must_use]
    pub fn passes(self) -> bool {
        matches!(self, Self::Success | Self::Neutral)
    }
}

/// Everything that is wrong with a declaration.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{FILE} cannot be used:")?;
        self.0.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

/// One thing that is wrong with a declaration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {sentence}")]
pub struct Fault {
    /// Where: the path of a key, or a line.
    pub place: String,
    /// What is wrong, and what to write instead.
    pub sentence: String,
}
