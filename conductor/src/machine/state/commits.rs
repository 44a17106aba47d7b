//! What is known of commits: their checks, their tree, the run that made them.
//!
//! Facts of a commit may come before anybody knows what the commit is for, so they are kept by commit. Those that are the
//! head of no known pull request are forgotten after a while.

use std::collections::{BTreeMap, VecDeque};

use bus::{catalogue::agent::Fence, commit::Oid};
use serde::{Deserialize, Serialize};

use crate::machine::fact::{Check, Conclusion};

/// How many commits of a repository are kept that are no head.
const LOOSE: usize = 256;

/// How many checks of one commit are kept.
const CHECKS: usize = 64;

/// The commits of a repository that are known.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Commits {
    known: BTreeMap<Oid, Commit>,
    loose: VecDeque<Oid>,
}

/// What is known of a commit.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Commit {
    /// Its tree.
    pub tree: Option<Oid>,
    /// The run that its message names.
    pub run: Option<Fence>,
    /// Its checks: of each name the latest run.
    pub checks: Vec<RanCheck>,
    /// How many pull requests it is the head of.
    heads: u32,
}

/// The latest run of a check.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RanCheck {
    /// Its name.
    pub name: String,
    /// The run's numeric id.
    pub run: u64,
    /// How it ended; nothing while it has not.
    pub conclusion: Option<Conclusion>,
    /// What it says about its end.
    pub summary: String,
    /// Where it may be looked at.
    pub url: String,
}

impl RanCheck {
    fn follow(&mut self, next: &Self) {
        let goes_back = next.run < self.run || (next.run == self.run && next.conclusion.is_none());
        if !goes_back {
            self.clone_from(next);
        }
    }
}

impl Commits {
    /// What is known of a commit.
    #[must_use]
    pub fn get(&self, commit: Oid) -> Option<&Commit> {
        self.known.get(&commit)
    }

    /// The check of a commit.
    #[must_use]
    pub fn check(&self, commit: Oid, name: &str) -> Option<&RanCheck> {
        self.known.get(&commit)?.checks.iter().find(|check| check.name == name)
    }

    /// Notes a check. Never backwards: an earlier run says nothing new, and a run that ended has ended.
    pub fn note_check(&mut self, check: &Check) {
        let ran = RanCheck {
            name: check.name.clone(),
            run: check.run,
            conclusion: check.conclusion,
            summary: check.summary.clone(),
            url: check.url.clone(),
        };
        let checks = &mut self.entry(check.head).checks;
        match checks.iter().position(|known| known.name == ran.name) {
            Some(place) => checks.get_mut(place).into_iter().for_each(|known| known.follow(&ran)),
            None if checks.len() < CHECKS => checks.push(ran),
            None => {}
        }
    }

    /// Notes a commit's tree, and the run that its message names.
    pub fn note_tree(&mut self, commit: Oid, tree: Oid, run: Option<Fence>) {
        let known = self.entry(commit);
        known.tree = Some(tree);
        known.run = run.or(known.run);
    }

    /// Keeps a commit: it is the head of a pull request.
    pub fn hold(&mut self, commit: Oid) {
        self.entry(commit).heads += 1;
    }

    /// The commit is the head of one pull request less.
    pub fn release(&mut self, commit: Oid) {
        if let Some(known) = self.known.get_mut(&commit) {
            known.heads = known.heads.saturating_sub(1);
            if known.heads == 0 {
                self.loosen(commit);
            }
        }
    }

    fn entry(&mut self, commit: Oid) -> &mut Commit {
        if !self.known.contains_key(&commit) {
            self.loosen(commit);
        }
        self.known.entry(commit).or_default()
    }

    fn loosen(&mut self, commit: Oid) {
        self.loose.push_back(commit);
        if self.loose.len() <= LOOSE {
            return;
        }
        if let Some(oldest) = self.loose.pop_front()
            && self.known.get(&oldest).is_some_and(|known| known.heads == 0)
            && !self.loose.contains(&oldest)
        {
            self.known.remove(&oldest);
        }
    }
}
