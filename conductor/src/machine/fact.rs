//! What the machine is told: one record of LOG, its words already made into values.
//!
//! Facts are levels, not edges: each tells how a thing *is*, with the moment at which GitHub last changed it, so that
//! one that comes twice, late or out of order changes nothing.

use bus::{
    RecordId,
    ask::{Ask, Parsed},
    catalogue::{
        agent::{Failure, Fence, Outcome, Verdict},
        cmd::Origin,
        outcome::{End, PullState},
        work::Transition,
    },
    commit::Oid,
    number::{IssueNumber, ItemKey, PullNumber, RepositoryId},
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::order::Order;

/// One record of LOG.
#[derive(Clone, PartialEq, Debug)]
pub struct Record {
    /// Its identity: what it causes is derived from it.
    pub id: RecordId,
    /// When the server stored it. The machine has no other clock.
    pub at: OffsetDateTime,
    /// What it says.
    pub fact: Fact,
}

/// What a record says.
#[derive(Clone, PartialEq, Debug)]
pub enum Fact {
    /// How an issue is.
    Issue(Place, Issue),
    /// How a pull request is.
    Pull(Place, Pull),
    /// A review of a pull request.
    Review(Place, Review),
    /// A check of a commit.
    Check(Place, Check),
    /// Where a branch is.
    Branch(Place, Branch),
    /// What an agent claims.
    Claim(Claim),
    /// What became of a command.
    Outcome(RecordId, End),
    /// The commit that a target tells.
    Observed(RepositoryId, Oid),
    /// A target was tried.
    Smoked(RepositoryId, Smoke),
    /// What a person asks.
    Asked(Asked),
    /// What a person said about an item, and that is no order.
    Said(Said),
    /// A deadline passed.
    Due(Due),
    /// Thirty seconds went by.
    Tick,
    /// Our own: an item went on.
    Moved(ItemKey, Box<Transition>),
    /// Our own: a command.
    Ordered(Order),
    /// None of the machine's business.
    Other,
}

/// Which repository a fact is of, as GitHub spells it there and then.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// Its numeric id.
    pub id: RepositoryId,
    /// Its name, as `acme/hello.site`.
    pub name: String,
    /// Its default branch.
    pub default_branch: String,
}

/// How an issue is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Issue {
    /// Its number.
    pub number: IssueNumber,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// Who wrote it.
    pub author: String,
    /// Its labels.
    pub labels: Vec<String>,
    /// Whether it is open.
    pub open: bool,
    /// When GitHub last changed it.
    pub updated_at: OffsetDateTime,
    /// Who made it so, where that is told.
    pub by: Option<String>,
}

/// How a pull request is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pull {
    /// Its number.
    pub number: PullNumber,
    /// Its title.
    pub title: String,
    /// Who opened it.
    pub author: String,
    /// Whether the repository gives that person a say.
    pub member: bool,
    /// Its branch, where that lies in the same repository.
    pub branch: Option<String>,
    /// Its head.
    pub head: Oid,
    /// The branch it is for.
    pub base: String,
    /// The issues that it closes by its text.
    pub closes: Vec<IssueNumber>,
    /// Its labels.
    pub labels: Vec<String>,
    /// Whether it is a draft.
    pub draft: bool,
    /// Whether it is open, and what became of it where it is not.
    pub state: PullState,
    /// Whether git can merge it; nothing while GitHub does not say.
    pub mergeable: Option<bool>,
    /// When GitHub last changed it.
    pub updated_at: OffsetDateTime,
    /// Who made it so, where that is told.
    pub by: Option<String>,
}

/// A review.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Review {
    /// Its numeric id.
    pub id: u64,
    /// Of which pull request.
    pub pull: PullNumber,
    /// Who gave it.
    pub reviewer: String,
    /// Of which head.
    pub head: Oid,
    /// Whether the repository gives this person a say.
    pub member: bool,
    /// What it says; nothing where it was dismissed.
    pub verdict: Option<Verdict>,
}

/// A check of a commit: a check run, or a commit status.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Check {
    /// Its name.
    pub name: String,
    /// Of which commit.
    pub head: Oid,
    /// The run's numeric id: a later run has a higher one.
    pub run: u64,
    /// How it ended; nothing while it has not.
    pub conclusion: Option<Conclusion>,
    /// Where it may be looked at.
    pub url: String,
    /// What it says about its end, as the failing step.
    pub summary: String,
}

/// How a check ended: GitHub's eight conclusions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are GitHub's, and GitHub documents them")]
pub enum Conclusion {
    Success,
    Failure,
    TimedOut,
    StartupFailure,
    Cancelled,
    Skipped,
    Neutral,
    ActionRequired,
}

/// Where a branch is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Branch {
    /// Its name.
    pub name: String,
    /// Its head; nothing where it is gone.
    pub head: Option<Tip>,
}

/// A branch's head.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tip {
    /// The commit.
    pub commit: Oid,
    /// What it was before; nothing where the branch is new.
    pub before: Option<Oid>,
    /// The commit's tree.
    pub tree: Oid,
    /// The run that its message names.
    pub run: Option<Fence>,
    /// The commits that it takes back, by its message or by that of another commit of the same push.
    pub reverts: Vec<Oid>,
}

/// What an agent claims.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claim {
    /// Who.
    pub agent: String,
    /// About which work; a sign of life may be about none.
    pub fence: Option<Fence>,
    /// What.
    pub what: Says,
}

/// What an agent says of its run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Says {
    /// It takes the offer.
    Claimed,
    /// It lives.
    Alive {
        /// It takes nothing before then.
        resting_until: Option<OffsetDateTime>,
    },
    /// It is done.
    Finished(Outcome),
    /// It is not done, and will not be.
    Failed(Failure),
    /// It cannot do this.
    GaveUp(String),
}

/// A target was tried.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Smoke {
    /// The commit it told.
    pub commit: Oid,
    /// How many named checks there are.
    pub checks: u32,
    /// What went wrong.
    pub failures: Vec<String>,
}

/// What a person asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    /// The record it was said in: what comes again, as a delivery of GitHub's may, is answered once.
    pub record: RecordId,
    /// Who.
    pub who: String,
    /// Whether the person may change anything here.
    pub may_order: bool,
    /// Where it was said, and is answered.
    pub origin: Origin,
    /// The item whose room it was said in.
    pub here: Option<ItemKey>,
    /// What.
    pub heard: Heard,
}

/// What words were taken for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Heard {
    /// An order or a question.
    Ask(Ask),
    /// Almost one: what may have been meant.
    Near(String),
}

impl Heard {
    /// What is to be answered of what a person said; nothing where the words are for others.
    #[must_use]
    pub fn of(parsed: Parsed) -> Option<Self> {
        match parsed {
            Parsed::Ask(ask) => Some(Self::Ask(ask)),
            Parsed::Near { word: _, meant } => Some(Self::Near(meant)),
            Parsed::None => None,
        }
    }
}

/// What a person said in the room of an item, for whoever works on it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Said {
    /// The record it was said in.
    pub record: RecordId,
    /// Who.
    pub who: String,
    /// The item's repository.
    pub repository: String,
    /// The item.
    pub issue: IssueNumber,
    /// What.
    pub say: String,
}

/// A deadline passed. It counts only if the item still has exactly this one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Due {
    /// Whose.
    pub item: ItemKey,
    /// The fence of the item that set it.
    pub generation: u32,
    /// The moment that was set.
    pub due_at: OffsetDateTime,
}
