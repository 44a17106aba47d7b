//! A pull request, as GitHub shows it.

use bus::{
    catalogue::{
        agent::Verdict,
        outcome::{Look, PullState},
    },
    commit::Oid,
    number::{IssueNumber, PullNumber},
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::machine::{
    apply::issue_of_branch,
    fact::{Pull, Review},
};

/// What is known of a pull request.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KnownPull {
    /// The issue it is for: by our branch, or the one issue that its text closes.
    pub issue: Option<IssueNumber>,
    /// The other issues that it closes by its text.
    pub closes: Vec<IssueNumber>,
    /// Whether its branch is ours, so that an agent can push to it.
    pub is_ours: bool,
    /// The newer one for which we ordered it to be closed.
    pub replaced: Option<PullNumber>,
    /// Who opened it, in lower case.
    pub author: String,
    /// Whether it is of ours, or of somebody whom the repository gives a say: others' do not carry an item.
    pub may_carry: bool,
    /// Its head.
    pub head: Oid,
    /// The branch it is for.
    pub base: String,
    /// Its labels, in lower case.
    pub labels: Vec<String>,
    /// Whether it is a draft.
    pub draft: bool,
    /// Whether it is open.
    pub state: PullState,
    /// Whether git can merge it.
    pub mergeable: Option<bool>,
    /// When GitHub last changed it.
    pub updated_at: OffsetDateTime,
    /// Who made it so, where that was told.
    pub by: Option<String>,
    /// Two different reports came with the same moment: it has to be read back.
    pub doubt: bool,
    /// Of each reviewer the latest judgement.
    pub judgements: Vec<Judgement>,
    /// As it was last read back.
    pub look: Option<Look>,
    /// The heads that we ourselves brought up to date, the latest last: each made of the one before it.
    pub updates: Vec<Oid>,
    /// The text that was last put on its thread, as a digest.
    pub told: Option<u64>,
    /// The head and the text of our check, as a digest.
    pub judged: Option<(Oid, u64)>,
    /// The head that we last ordered to be merged: every gate of it was open.
    pub ordered: Option<Oid>,
}

/// A reviewer's judgement.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Judgement {
    /// The review's numeric id: a later one has a higher one.
    pub review: u64,
    /// Who.
    pub reviewer: String,
    /// Whether the repository gives this person a say.
    pub member: bool,
    /// Of which head.
    pub head: Oid,
    /// What; nothing where it was dismissed.
    pub verdict: Option<Verdict>,
    /// What the pull request changed then, where that was read back.
    pub patch: Option<String>,
}

impl KnownPull {
    /// What is kept of a pull request for this issue.
    #[must_use]
    pub fn of(pull: &Pull, issue: Option<IssueNumber>) -> Self {
        let is_ours = pull.branch.as_deref().is_some_and(|branch| issue_of_branch(branch).is_some());
        Self {
            issue,
            closes: pull.closes.iter().copied().filter(|closed| Some(*closed) != issue).collect(),
            is_ours,
            replaced: None,
            author: pull.author.to_lowercase(),
            may_carry: pull.member || is_ours,
            head: pull.head,
            base: pull.base.clone(),
            labels: pull.labels.iter().map(|label| label.to_lowercase()).collect(),
            draft: pull.draft,
            state: pull.state,
            mergeable: pull.mergeable,
            updated_at: pull.updated_at,
            by: pull.by.clone(),
            doubt: false,
            judgements: Vec::new(),
            look: None,
            updates: Vec::new(),
            told: None,
            judged: None,
            ordered: None,
        }
    }

    /// Takes a report over unless it is older than what is known. A merge is never taken back.
    pub fn follow(&mut self, pull: &Pull, issue: Option<IssueNumber>) {
        if pull.updated_at < self.updated_at {
            return;
        }
        let same_moment = pull.updated_at == self.updated_at;
        let merged = matches!(self.state, PullState::Merged { .. });
        let next = Self::of(pull, issue.or(self.issue));
        self.doubt = same_moment && (next.head != self.head || next.state != self.state) && !merged;
        (self.issue, self.closes) = (next.issue, next.closes);
        self.set_head(next.head);
        self.state = if merged { self.state } else { next.state };
        self.mergeable = next.mergeable.or(self.mergeable);
        (self.base, self.labels, self.draft) = (next.base, next.labels, next.draft);
        (self.updated_at, self.by) = (next.updated_at, next.by);
    }

    /// Takes over what was read back.
    pub fn look(&mut self, look: Look) {
        if look.updated_at < self.updated_at {
            return;
        }
        self.doubt = false;
        self.set_head(look.head);
        if self.state != look.state && !matches!(self.state, PullState::Merged { .. }) {
            (self.state, self.by) = (look.state, None);
        }
        (self.draft, self.mergeable, self.updated_at) = (look.draft, look.mergeable, look.updated_at);
        for judgement in self.judgements.iter_mut().filter(|judgement| judgement.head == look.head) {
            judgement.patch.get_or_insert_with(|| look.patch.clone());
        }
        self.look = Some(look);
    }

    fn set_head(&mut self, head: Oid) {
        if head != self.head {
            self.head = head;
            self.mergeable = None;
        }
    }

    /// Takes a review over. Only a later one of the same reviewer counts; a comment takes nothing back, and what
    /// was dismissed stays so.
    pub fn judge(&mut self, review: &Review) {
        if review.verdict == Some(Verdict::Commented) {
            return;
        }
        let reviewer = review.reviewer.to_lowercase();
        let patch = self.look.as_ref().filter(|look| look.head == review.head).map(|look| look.patch.clone());
        let judgement = Judgement {
            review: review.id,
            reviewer,
            member: review.member,
            head: review.head,
            verdict: review.verdict,
            patch,
        };
        let known = self.judgements.iter_mut().find(|known| known.reviewer == judgement.reviewer);
        match known {
            Some(known) if known.review > judgement.review => {}
            Some(known) if known.review == judgement.review && known.verdict.is_none() => {}
            Some(known) => *known = judgement,
            None => self.judgements.push(judgement),
        }
    }

    /// What was read back of the head as it is now.
    #[must_use]
    pub fn looked(&self) -> Option<&Look> {
        self.look.as_ref().filter(|look| look.head == self.head && !self.doubt)
    }

    /// Whether it is open.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.state, PullState::Open)
    }

    /// The judgements that count for the head as it is: those of this head, and those of the head that we ourselves
    /// brought up to date, where what it changes stayed the same.
    pub fn standing_judgements(&self) -> impl Iterator<Item = &Judgement> {
        self.judgements.iter().filter(|judgement| self.still_counts(judgement))
    }

    fn still_counts(&self, judgement: &Judgement) -> bool {
        judgement.head == self.head || (self.is_updated_from(judgement.head) && self.changes_the_same(judgement))
    }

    /// Whether the head is what our own updates made of another one.
    fn is_updated_from(&self, head: Oid) -> bool {
        self.updates.last() == Some(&self.head) && self.updates.contains(&head)
    }

    /// Notes that we brought a head up to date.
    pub fn note_update(&mut self, from: Oid, to: Oid) {
        if self.updates.last() != Some(&from) {
            self.updates = vec![from];
        }
        self.updates.push(to);
        if self.head == from {
            self.set_head(to);
        }
    }

    /// Whether somebody judged this head, or one that we made it of.
    #[must_use]
    pub fn may_be_judged(&self) -> bool {
        let judged =
            |judgement: &&Judgement| matches!(judgement.verdict, Some(Verdict::Approved | Verdict::ChangesRequested));
        self.judgements.iter().filter(judged).any(|known| known.head == self.head || self.is_updated_from(known.head))
    }

    /// Whether this reviewer approved or rejected this very head.
    #[must_use]
    pub fn is_judged_by(&self, reviewer: &str, head: Oid) -> bool {
        let judged = |verdict| matches!(verdict, Some(Verdict::Approved | Verdict::ChangesRequested));
        self.judgements.iter().any(|known| known.reviewer == reviewer && known.head == head && judged(known.verdict))
    }

    fn changes_the_same(&self, judgement: &Judgement) -> bool {
        let then = judgement.patch.as_ref();
        then.is_some() && then == self.looked().map(|look| &look.patch)
    }
}
