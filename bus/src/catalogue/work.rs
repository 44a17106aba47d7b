//! The life of one work item: an issue, and what came of it.
//!
//! Each transition carries the whole course of the item after it, so that whoever reads one record knows where the item
//! stands, and whoever reads them all again stands where the conductor stood.

mod standing;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

pub use self::standing::{
    Deploying, Expected, Gated, Landing, Leased, Offered, Parked, Place, Queued, Standing, Verifying, Waiting,
};
use crate::{
    commit::Oid,
    number::{IssueNumber, PullNumber, RepositoryId},
};

/// `rig.work.<kind>.v1`: a work item went from one standing to another.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Transition {
    /// The sentence people are shown.
    pub say: String,
    /// Which item.
    pub item: About,
    /// The name of the standing before.
    pub before: String,
    /// The name of the standing after.
    pub after: String,
    /// Who made it happen, where somebody did: a login, an agent's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// The commit it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<Oid>,
    /// Where it may be looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The whole course of the item after it.
    pub course: Course,
}

/// What an item is called.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct About {
    /// The repository's numeric id, which survives renames.
    pub repository_id: RepositoryId,
    /// The repository, as `acme/hello.site`.
    pub repository: String,
    /// The issue.
    pub number: IssueNumber,
    /// The issue's title.
    pub title: String,
}

/// Where an item stands, and what it cost so far: all that the conductor decided about it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Course {
    /// Where it stands.
    pub standing: Standing,
    /// The fence: goes up with every offer. What an agent says with an older one does not count.
    pub generation: u32,
    /// Runs that failed one after the other.
    pub strikes: u8,
    /// Runs that reached a limit, and went on in another.
    pub resumes: u8,
    /// Reviews that asked for changes.
    pub rounds: u8,
    /// Tasks given because of a conflict or a red check.
    pub repairs: u8,
    /// Merges that were ordered.
    pub merges: u8,
    /// The pull request that carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull: Option<PullNumber>,
    /// Nothing begins and nothing lands while somebody holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    /// A person's word that this head may land.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permit: Option<Permit>,
    /// The commit on the base branch that it became.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub landed: Option<Oid>,
    /// The gates that were shut when somebody merged it by hand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed_by: Vec<Reason>,
    /// Taken up by a person's word, whatever its labels say.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub asked_for: bool,
}

/// Somebody holds an item.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Hold {
    /// Who.
    pub by: String,
    /// Since when.
    #[serde(with = "time::serde::rfc3339")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub since: OffsetDateTime,
}

/// A person's word that a head may land; another head needs another.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Permit {
    /// Who gave it.
    pub by: String,
    /// For which head.
    pub head: Oid,
    /// Why the review may be passed over, where it may: checks must be green all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}

/// What an agent is to do.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Task {
    /// Make the change.
    Build,
    /// Answer the review of this head.
    Fix {
        /// The head that was reviewed.
        head: Oid,
    },
    /// Make the red check of this head green.
    Mend {
        /// The head.
        head: Oid,
        /// The check.
        check: String,
    },
    /// Bring this head up to the base branch, conflicts resolved.
    Rebase {
        /// The head.
        head: Oid,
    },
    /// Judge this head.
    Review {
        /// The head.
        head: Oid,
        /// Which review this is, from 1.
        round: u8,
    },
}

/// Why a pull request cannot land yet.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// The gate.
    pub gate: String,
    /// Why it is shut, as people are told.
    pub say: String,
}

/// What a person is asked for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "for", rename_all = "snake_case")]
pub enum Need {
    /// More words: without them the item is cancelled at the deadline.
    Words {
        /// The question.
        question: String,
        /// What the issue's text was when it was asked (SHA-256): another text is looked at again.
        text: String,
    },
    /// The word that this head may land: without it the item is asked for again.
    Approval {
        /// The head.
        head: Oid,
    },
    /// Whether this is the same as another item: without an answer it is superseded by it.
    Duplicate {
        /// Of which.
        of: IssueNumber,
    },
    /// A decision, because nothing goes on by itself: asked for again at each deadline.
    Trouble {
        /// What stopped it.
        why: String,
        /// The commit that was found wanting after the landing: a target that shows a later one is tried again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tried: Option<Oid>,
    },
}

/// What an item is put aside for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "for", rename_all = "snake_case")]
pub enum Why {
    /// These have to be done first.
    After {
        /// Which.
        items: Vec<Prerequisite>,
    },
    /// The repository is only watched: said what would be done.
    Watched,
    /// It was stopped by a person.
    Stopped {
        /// Who.
        by: String,
    },
    /// The last attempt failed; the next waits a little.
    Backoff {
        /// What for.
        task: Task,
    },
}

/// An issue that has to be done first.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Prerequisite {
    /// Its repository, as `acme/hello.site`, in lower case.
    pub repository: String,
    /// Its number.
    pub issue: IssueNumber,
}

macro_rules! kinds {
    ($($(#[$meta:meta])* $variant:ident $name:literal,)*) => {
        /// What happened to an item: the last place of the record's subject.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Kind { $($(#[$meta])* $variant,)* }

        impl Kind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Its name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The envelope's `type`.
            #[must_use]
            pub const fn type_name(self) -> &'static str {
                match self { $(Self::$variant => concat!("rig.work.", $name, ".v1")),* }
            }
        }
    };
}

kinds! {
    /// It was taken up.
    Filed "filed",
    /// It waits for its turn.
    Queued "queued",
    /// It was put before agents.
    Offered "offered",
    /// An agent has it.
    Claimed "claimed",
    /// An agent says that it is done.
    Finished "finished",
    /// A run ended without what it was for.
    Failed "failed",
    /// An agent gave no sign of life, or took too long.
    Lost "lost",
    /// What was being done is no longer wanted.
    Withdrawn "withdrawn",
    /// Its pull request is there.
    Opened "opened",
    /// A review is wanted.
    ReviewRequested "review_requested",
    /// A review asks for changes.
    ChangesRequested "changes_requested",
    /// A required check is red.
    CheckFailed "check_failed",
    /// The base branch and the change contradict each other.
    Conflicted "conflicted",
    /// It waits for facts.
    Gated "gated",
    /// A person is asked.
    Asked "asked",
    /// A person is asked again, or is told how long it takes.
    Reminded "reminded",
    /// Nothing goes on by itself: a named person is told.
    Escalated "escalated",
    /// It was put aside.
    Parked "parked",
    /// A person had it go on from where it stood.
    Retried "retried",
    /// A person holds it.
    Held "held",
    /// The hold is over.
    Released "released",
    /// A person's word that its head may land.
    Permitted "permitted",
    /// Its merge was ordered.
    Landing "landing",
    /// It is on the base branch.
    Merged "merged",
    /// It is on the base branch, and not by our order.
    Ungated "ungated",
    /// It is on the target, and being tried there.
    Deployed "deployed",
    /// A try of the target went wrong.
    SmokeFailed "smoke_failed",
    /// It is on the target, and was tried there.
    Live "live",
    /// Another item stands for it.
    Superseded "superseded",
    /// It is not to be done.
    Cancelled "cancelled",
}

/// Whether an item whose standing has this name waits for a named person.
#[must_use]
pub fn waits_for_a_person(standing: &str) -> bool {
    matches!(standing, "needs_info" | "escalated" | "waiting")
}

impl Task {
    const fn pick(&self, build: &'static str, fix: &'static str, review: &'static str) -> &'static str {
        match self {
            Self::Build => build,
            Self::Fix { .. } | Self::Mend { .. } | Self::Rebase { .. } => fix,
            Self::Review { .. } => review,
        }
    }

    /// Whether it is for whoever judges, not for whoever makes.
    #[must_use]
    pub const fn is_review(&self) -> bool {
        matches!(self, Self::Review { .. })
    }

    /// The head it is about; a build has none.
    #[must_use]
    pub const fn head(&self) -> Option<Oid> {
        match self {
            Self::Build => None,
            Self::Fix { head } | Self::Mend { head, .. } | Self::Rebase { head } | Self::Review { head, .. } => {
                Some(*head)
            }
        }
    }
}
