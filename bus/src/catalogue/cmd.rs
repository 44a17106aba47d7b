//! What the conductor orders: from agents, from GitHub's door, from the chat's, from the probe.
//!
//! A command's id is UUIDv5(cause, n): the key of its outcome, and the hidden marker in what it leaves behind.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    agent::{Fence, Remark, Verdict},
    work::{About, Task},
};
use crate::{
    commit::Oid,
    number::{IssueNumber, PullNumber, RepositoryId},
};

/// `rig.cmd.offer.v1`: a piece of work, put before the agents of a pool.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Offer {
    /// The sentence people are shown.
    pub say: String,
    /// The right to it.
    #[serde(flatten)]
    pub fence: Fence,
    /// Which item.
    pub item: About,
    /// What is to be done.
    pub task: Task,
    /// Which run of this item's it is, from 1.
    pub attempt: u8,
    /// The branch it is done on, computed from number and title.
    pub branch: String,
    /// The branch it is for.
    pub base: String,
    /// The pull request, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull: Option<PullNumber>,
}

/// One order to GitHub's door.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Github {
    /// The sentence people are shown.
    pub say: String,
    /// The repository's numeric id.
    pub repository_id: RepositoryId,
    /// The repository, as `acme/hello.site`.
    pub repository: String,
    /// What is to be done there.
    #[serde(flatten)]
    pub order: GithubOrder,
}

/// What is to be done on GitHub; the verb is the last place of the subject.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "snake_case")]
pub enum GithubOrder {
    /// `rig.cmd.file.v1`: an issue, with the label that has it taken up.
    File {
        /// Its title.
        title: String,
        /// Its text.
        body: String,
        /// Its labels.
        labels: Vec<String>,
        /// Where it was asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        origin: Option<Origin>,
    },
    /// `rig.cmd.open.v1`: a pull request for a branch of ours.
    Open {
        /// The issue it closes.
        issue: IssueNumber,
        /// The branch.
        branch: String,
        /// The branch it is for.
        base: String,
        /// Its title.
        title: String,
        /// Its text; it names the issue it closes.
        body: String,
    },
    /// `rig.cmd.review.v1`: a review, by the reviewer's principal.
    Review {
        /// The pull request.
        pull: PullNumber,
        /// The head that was judged.
        head: Oid,
        /// The judgement.
        verdict: Verdict,
        /// Its text.
        body: String,
        /// Remarks on lines.
        remarks: Vec<Remark>,
    },
    /// `rig.cmd.look.v1`: read a pull request back: head, base, authors, tree, reviews, checks.
    Look {
        /// The pull request.
        pull: PullNumber,
        /// The head that is known here.
        head: Oid,
    },
    /// `rig.cmd.update.v1`: bring the base branch into the head, where it goes without a conflict.
    Update {
        /// The pull request.
        pull: PullNumber,
        /// The head that may be updated, and no other.
        head: Oid,
    },
    /// `rig.cmd.merge.v1`: the landing.
    Merge {
        /// The pull request.
        pull: PullNumber,
        /// The head that may be merged, and no other.
        head: Oid,
        /// The landed commit's title.
        title: String,
    },
    /// `rig.cmd.close.v1`: close a pull request of ours that another stands for.
    Close {
        /// The pull request.
        pull: PullNumber,
        /// Which one stands for it.
        by: PullNumber,
    },
    /// `rig.cmd.tell.v1`: the one comment of ours on an issue or a pull request, edited in place.
    Tell {
        /// The issue or the pull request.
        thread: u64,
        /// The comment's text.
        text: String,
        /// Who is called by it. Whoever else is named in it is not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mention: Option<String>,
    },
    /// `rig.cmd.answer.v1`: what a person asked in a comment is answered under it, once.
    Answer {
        /// The issue or the pull request.
        thread: u64,
        /// The numeric id of the comment that asks.
        comment: u64,
        /// The answer.
        text: String,
    },
    /// `rig.cmd.judge.v1`: the check `rig / gate` on a head.
    Judge {
        /// The head.
        head: Oid,
        /// Whether it may land.
        open: bool,
        /// Whether its pull request was merged by hand, or closed: nothing more is said of it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        landed: bool,
        /// Why, or why not.
        summary: String,
    },
}

/// Where something was asked, and is answered.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Origin {
    /// The room; that of an item is called after it.
    pub room: String,
    /// The comment on GitHub, where it was asked in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<Comment>,
}

/// A comment on GitHub.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Comment {
    /// The issue or the pull request that it stands under.
    pub thread: u64,
    /// Its numeric id.
    pub id: u64,
}

/// One order to the probe.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Deploy {
    /// The sentence people are shown.
    pub say: String,
    /// The repository's numeric id.
    pub repository_id: RepositoryId,
    /// The repository, as `acme/hello.site`.
    pub repository: String,
    /// The target's address.
    pub url: String,
    /// What is to be done there.
    #[serde(flatten)]
    pub order: DeployOrder,
}

/// What is to be done at a target.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "snake_case")]
pub enum DeployOrder {
    /// `rig.cmd.observe.v1`: look until the target tells this commit, or another one than before.
    Observe {
        /// The landed commit.
        commit: Oid,
        /// What it told before. Where nobody knows, it is what it tells first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        known: Option<Oid>,
    },
    /// `rig.cmd.smoke.v1`: try the pages that are named, on this commit.
    Smoke {
        /// The commit that the target showed.
        commit: Oid,
    },
}

/// `rig.cmd.say.v1`: words of the conductor's in a room.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Say {
    /// The words.
    pub say: String,
    /// Who is to be pushed, chosen by the conductor alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub push: Vec<String>,
}

/// Who carries a command out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Door {
    /// An agent.
    Agent,
    /// GitHub's door.
    Github,
    /// The probe.
    Deploy,
    /// The chat's door.
    Chat,
}

macro_rules! verbs {
    ($($(#[$meta:meta])* $variant:ident $name:literal by $door:ident,)*) => {
        /// What is ordered: the last place of a command's subject, and of its outcome's.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Verb { $($(#[$meta])* $variant,)* }

        impl Verb {
            /// Every verb.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Its name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// Who carries it out.
            #[must_use]
            pub const fn door(self) -> Door {
                match self { $(Self::$variant => Door::$door),* }
            }

            /// The `type` of the command's envelope.
            #[must_use]
            pub const fn type_name(self) -> &'static str {
                match self { $(Self::$variant => concat!("rig.cmd.", $name, ".v1")),* }
            }

            /// The `type` of the envelope of its outcome.
            #[must_use]
            pub const fn outcome_type_name(self) -> &'static str {
                match self { $(Self::$variant => concat!("rig.outcome.", $name, ".v1")),* }
            }
        }
    };
}

verbs! {
    /// [`Offer`].
    Offer "offer" by Agent,
    /// [`GithubOrder::File`].
    File "file" by Github,
    /// [`GithubOrder::Open`].
    Open "open" by Github,
    /// [`GithubOrder::Review`].
    Review "review" by Github,
    /// [`GithubOrder::Look`].
    Look "look" by Github,
    /// [`GithubOrder::Update`].
    Update "update" by Github,
    /// [`GithubOrder::Merge`].
    Merge "merge" by Github,
    /// [`GithubOrder::Close`].
    Close "close" by Github,
    /// [`GithubOrder::Tell`].
    Tell "tell" by Github,
    /// [`GithubOrder::Answer`].
    Answer "answer" by Github,
    /// [`GithubOrder::Judge`].
    Judge "judge" by Github,
    /// [`DeployOrder::Observe`].
    Observe "observe" by Deploy,
    /// [`DeployOrder::Smoke`].
    Smoke "smoke" by Deploy,
    /// [`Say`].
    Say "say" by Chat,
}

impl GithubOrder {
    /// What is ordered.
    #[must_use]
    pub const fn verb(&self) -> Verb {
        match self {
            Self::File { .. } => Verb::File,
            Self::Open { .. } => Verb::Open,
            Self::Review { .. } => Verb::Review,
            Self::Look { .. } => Verb::Look,
            Self::Update { .. } => Verb::Update,
            Self::Merge { .. } => Verb::Merge,
            Self::Close { .. } => Verb::Close,
            Self::Tell { .. } => Verb::Tell,
            Self::Answer { .. } => Verb::Answer,
            Self::Judge { .. } => Verb::Judge,
        }
    }
}

impl DeployOrder {
    /// What is ordered.
    #[must_use]
    pub const fn verb(&self) -> Verb {
        match self {
            Self::Observe { .. } => Verb::Observe,
            Self::Smoke { .. } => Verb::Smoke,
        }
    }
}
