//! The catalogue: every type of record that is written, in one closed enum.
//!
//! JSON Schemas, `docs/records.md` and the schemas beside it are generated from here; a test fails when they drift. A
//! new field has a default; a new meaning is a new version. A type that is not here is logged and projected raw.

pub mod agent;
pub mod bus;
pub mod chat;
pub mod cmd;
pub mod conductor;
pub mod dead;
pub mod deploy;
pub mod due;
pub mod github;
pub mod outcome;
pub mod trace;
pub mod work;

use crate::subject::Subject;

/// Every type of record that is written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// An event that GitHub told us.
    Github(github::Event),
    /// A work item went on.
    Work(work::Kind),
    /// A claim of an agent's.
    Agent(agent::Kind),
    /// A command.
    Command(cmd::Verb),
    /// What became of a command.
    Outcome(cmd::Verb),
    /// The commit that a target tells.
    DeployObserved,
    /// A target was tried.
    DeploySmoked,
    /// The conductor's position and fence.
    ConductorStep,
    /// Deliveries that could not be stored for a while.
    GithubOutage,
    /// A person's or an agent's words.
    ChatSaid,
    /// The tick.
    DueTick,
    /// A deadline passed.
    DueDeadline,
    /// A record was given up.
    DeadParked,
    /// A given-up record was handed out again.
    DeadRetried,
    /// LOG is filling up.
    BusFilling,
    /// LOG has room again.
    BusRelieved,
    /// LOG was restored.
    BusRestored,
    /// A record that is lost for good, named where it stood.
    BusGap,
    /// A turn of a run began, or ended. It stands in TRACE.
    TraceTurn,
}

const OTHERS: [Kind; 13] = [
    Kind::DeployObserved,
    Kind::DeploySmoked,
    Kind::ConductorStep,
    Kind::GithubOutage,
    Kind::ChatSaid,
    Kind::DueTick,
    Kind::DueDeadline,
    Kind::DeadParked,
    Kind::DeadRetried,
    Kind::BusFilling,
    Kind::BusRelieved,
    Kind::BusRestored,
    Kind::BusGap,
];

impl Kind {
    /// Every kind, GitHub's events first.
    pub fn everywhere() -> impl Iterator<Item = Self> {
        Self::all().chain([Self::TraceTurn])
    }

    /// Every kind that LOG holds, GitHub's events first.
    pub fn all() -> impl Iterator<Item = Self> {
        let verbs = || cmd::Verb::ALL.iter().copied();
        let github = github::Event::ALL.iter().copied().map(Self::Github);
        let work = work::Kind::ALL.iter().copied().map(Self::Work);
        let agent = agent::Kind::ALL.into_iter().map(Self::Agent);
        let commands = verbs().map(Self::Command).chain(verbs().map(Self::Outcome));
        github.chain(work).chain(agent).chain(commands).chain(OTHERS)
    }

    /// The envelope's `type`.
    #[must_use]
    pub const fn type_name(self) -> &'static str {
        match self {
            Self::Github(event) => event.type_name(),
            Self::Work(kind) => kind.type_name(),
            Self::Agent(kind) => kind.type_name(),
            Self::Command(verb) => verb.type_name(),
            Self::Outcome(verb) => verb.outcome_type_name(),
            Self::DeployObserved => "rig.deploy.observed.v1",
            Self::DeploySmoked => "rig.deploy.smoked.v1",
            Self::ConductorStep => "rig.conductor.step.v1",
            Self::GithubOutage => "rig.github.outage.v1",
            Self::ChatSaid => "rig.chat.said.v1",
            Self::DueTick => "rig.due.tick.v1",
            Self::DueDeadline => "rig.due.deadline.v1",
            Self::DeadParked => "rig.dead.parked.v1",
            Self::DeadRetried => "rig.dead.retried.v1",
            Self::BusFilling => "rig.bus.filling.v1",
            Self::BusRelieved => "rig.bus.relieved.v1",
            Self::BusRestored => "rig.bus.restored.v1",
            Self::BusGap => "rig.bus.gap.v1",
            Self::TraceTurn => "rig.trace.turn.v1",
        }
    }

    /// The kind of an envelope's `type`; nothing for a type this version does not know.
    #[must_use]
    pub fn of_type(type_name: &str) -> Option<Self> {
        Self::everywhere().find(|kind| kind.type_name() == type_name)
    }
}

/// A type taken apart: `rig.<family>.<kind>.v<n>`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TypeName<'a> {
    /// As `github` or `work`.
    pub family: &'a str,
    /// As `issues` or `merged`.
    pub kind: &'a str,
    /// As 1.
    pub version: u32,
}

impl<'a> TypeName<'a> {
    /// Takes a type apart; nothing when it is not of that form.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split('.');
        let (rig, family, kind, version) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let version = version.strip_prefix('v')?.parse().ok()?;
        let whole = rig == "rig" && parts.next().is_none() && !family.is_empty() && !kind.is_empty();
        whole.then_some(Self { family, kind, version })
    }

    /// Whether a record of this type may stand on this subject: the family agrees, and the kind where the subject
    /// names one.
    #[must_use]
    pub fn belongs_on(&self, subject: &Subject) -> bool {
        self.family == family_of(subject) && subject.kind().is_none_or(|kind| kind.as_str() == self.kind)
    }
}

const fn family_of(subject: &Subject) -> &'static str {
    match subject {
        Subject::Github { .. } => "github",
        Subject::ChatOperator { .. } | Subject::ChatAgent { .. } | Subject::SayChat { .. } => "chat",
        Subject::Agent { .. } | Subject::SayAgent { .. } => "agent",
        Subject::Outcome { .. } => "outcome",
        Subject::Dead { .. } => "dead",
        Subject::Deploy { .. } => "deploy",
        Subject::Due { .. } | Subject::DueFired { .. } | Subject::Sched { .. } => "due",
        Subject::Work { .. } => "work",
        Subject::ConductorStep => "conductor",
        Subject::Bus { .. } => "bus",
        Subject::CmdAgent { .. } | Subject::CmdGithub { .. } | Subject::CmdChat { .. } | Subject::CmdDeploy { .. } => {
            "cmd"
        }
        Subject::Trace { .. } => "trace",
        Subject::Svc { .. } => "svc",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_type_has_the_form_and_stands_once() {
        let mut seen = HashSet::new();
        for kind in Kind::everywhere() {
            assert!(TypeName::parse(kind.type_name()).is_some(), "{}", kind.type_name());
            assert!(seen.insert(kind.type_name()), "{} stands twice", kind.type_name());
            assert_eq!(Kind::of_type(kind.type_name()), Some(kind));
        }
    }

    #[test]
    fn what_has_not_the_form_is_no_type() {
        for text in ["", "rig.github.issues", "rig.github.issues.1", "rig..issues.v1", "rig.a.b.v1.c", "cow.a.b.v1"] {
            assert_eq!(TypeName::parse(text), None, "{text}");
        }
    }
}
