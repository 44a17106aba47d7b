//! What an agent thinks with. A brain takes turns in a working tree; what it says of them is a claim.

pub mod command;
pub mod rehearsal;

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use bus::{
    catalogue::{
        agent::{Remark, Verdict},
        work::Task,
    },
    commit::Oid,
    number::{IssueNumber, PullNumber},
    service::run::Word,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use tokio::time::Instant;

use crate::{
    character::{self, Limits, tidy},
    context::Context,
    runtime::{claims::Claims, notes::Notes},
    workspace::Tree,
};
use command::Command;
use rehearsal::Playbook;

/// What an agent thinks with, ready.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Brain {
    /// A program.
    Command(Command),
    /// A playbook.
    Rehearsal(Playbook),
}

/// What is to be done, as a brain is told it: as data, all of it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Assignment {
    pub(crate) persona: String,
    pub(crate) repository: String,
    pub(crate) number: IssueNumber,
    pub(crate) title: String,
    #[serde(flatten)]
    pub(crate) context: Context,
    pub(crate) task: Task,
    /// Which run of this item's it is, from 1.
    pub(crate) attempt: u8,
    /// Which turn of this run's it is, from 1.
    pub(crate) turn: u32,
    pub(crate) branch: String,
    pub(crate) base: String,
    /// The base branch's head.
    pub(crate) base_commit: Oid,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pull: Option<PullNumber>,
    /// What people said to this work so far.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) said: Vec<Word>,
    /// What the brain kept in an earlier turn, or before a kill.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub(crate) state: Value,
}

/// What a turn has at hand.
pub(crate) struct Desk<'a> {
    pub(crate) assignment: &'a Assignment,
    pub(crate) tree: &'a Tree,
    claims: &'a Claims<'a>,
    pub(crate) notes: &'a Notes<'a>,
    pub(crate) limits: Limits,
    /// When the first turn began: a large repository is not held against who works in it.
    pub(crate) began: Instant,
    /// The last of what the brain wrote besides.
    talk: Mutex<String>,
}

/// How a turn ended, as the brain says.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case", deny_unknown_fields)]
pub enum Answer {
    /// It is done.
    Done {
        /// What was done, for people.
        #[serde(default)]
        say: String,
        /// The pull request's title.
        #[serde(default)]
        title: Option<String>,
        /// The pull request's text.
        #[serde(default)]
        body: Option<String>,
    },
    /// The head is judged.
    Judged {
        /// The judgement.
        verdict: Verdict,
        /// What there is to say, for people.
        #[serde(default)]
        say: String,
        /// The review's text.
        #[serde(default)]
        body: String,
        /// Remarks on lines.
        #[serde(default)]
        remarks: Vec<Remark>,
    },
    /// It wants another turn.
    More,
    /// It came to a limit of its own.
    Incomplete,
    /// What it works with takes no more before then.
    Saturated {
        /// When it takes work again.
        #[serde(with = "time::serde::rfc3339")]
        until: OffsetDateTime,
        /// What it was told.
        #[serde(default)]
        why: String,
    },
    /// It cannot do this.
    GaveUp {
        /// What would help.
        say: String,
    },
    /// It broke.
    Broken {
        /// How.
        error: String,
    },
    /// It ended and said nothing of how.
    #[serde(skip)]
    Nothing,
}

impl Answer {
    /// Its name, as a program gives it.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Done { .. } => "done",
            Self::Judged { .. } => "judged",
            Self::More => "more",
            Self::Incomplete => "incomplete",
            Self::Saturated { .. } => "saturated",
            Self::GaveUp { .. } => "gave_up",
            Self::Broken { .. } => "broken",
            Self::Nothing => "nothing",
        }
    }
}

/// Why there is no brain.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The playbook's file cannot be read.
    #[error("the playbook {} cannot be read", path.display())]
    Unreadable {
        /// Which.
        path: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What stands in the playbook is none.
    #[error("the playbook cannot be used: {0}")]
    Playbook(#[from] toml::de::Error),
}

impl Brain {
    /// The brain that a character's file names.
    ///
    /// # Errors
    /// When its playbook cannot be used.
    pub fn of(brain: &character::Brain) -> Result<Self, Error> {
        Ok(match brain {
            character::Brain::Command { program, args } => {
                Self::Command(Command { program: program.clone(), args: args.clone() })
            }
            character::Brain::Rehearsal { playbook: None } => Self::Rehearsal(rehearsal::HELLO_SITE.parse()?),
            character::Brain::Rehearsal { playbook: Some(path) } => {
                let text = std::fs::read_to_string(path);
                let text = text.map_err(|source| Error::Unreadable { path: path.clone(), source })?;
                Self::Rehearsal(text.parse()?)
            }
        })
    }

    /// Its kind, as character files have it.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Command(_) => "command",
            Self::Rehearsal(_) => "rehearsal",
        }
    }

    /// One turn. It ends at the hard limit at the latest; dropped, everything that it started ends.
    pub(crate) async fn turn(&self, desk: &Desk<'_>) -> Answer {
        let turn = async {
            match self {
                Self::Command(command) => command.turn(desk).await,
                Self::Rehearsal(playbook) => playbook.turn(desk).await,
            }
        };
        tokio::time::timeout_at(desk.at(desk.limits.hard), turn).await.unwrap_or(Answer::Incomplete)
    }
}

impl<'a> Desk<'a> {
    pub(crate) const fn new(
        assignment: &'a Assignment,
        tree: &'a Tree,
        claims: &'a Claims<'a>,
        notes: &'a Notes<'a>,
        limits: Limits,
        began: Instant,
    ) -> Self {
        Self { assignment, tree, claims, notes, limits, began, talk: Mutex::new(String::new()) }
    }

    /// Says something on the way, unless a replica that was killed said it already in this turn.
    pub(crate) async fn say(&self, words: &str) {
        let say = tidy(words);
        if say.is_empty() || self.notes.was_said(&say) {
            return;
        }
        let place = format!("{}.{}", self.assignment.turn, self.notes.said().len());
        self.claims.progressed(say.clone(), &place).await;
        self.notes.says(say).await;
    }

    /// Tells what the brain wrote besides, for whoever looks over its shoulder.
    pub(crate) fn talked(&self, words: String) {
        *self.talk.lock().unwrap_or_else(PoisonError::into_inner) = words;
    }

    pub(crate) fn talk(&self) -> String {
        self.talk.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// So long after the run began.
    pub(crate) fn at(&self, after: Duration) -> Instant {
        self.began + after
    }
}
