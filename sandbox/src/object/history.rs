//! Questions about the graph of commits.
//!
//! All of them paint: each end of the question has a colour, commits are taken from a heap by generation, children
//! always before parents, and give their colours to their parents. So a commit that is taken has all the colours it
//! will ever have, clocks may be as wrong as they like, and a walk ends where nothing is left that could matter.

mod paint;

use super::{Objects, Oid};
use paint::{BOTH, ONE, OTHER, Painter, STALE};
use serde::Serialize;
use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
};

/// How two branches stand to each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct AheadBehind {
    /// Commits of the head that the base has not.
    pub ahead: usize,
    /// Commits of the base that the head has not.
    pub behind: usize,
}

impl Objects {
    /// Whether `b` is `a` or was made on it.
    #[must_use]
    pub fn is_ancestor(&self, a: Oid, b: Oid) -> bool {
        let oldest = self.generation(a);
        let mut painter = Painter::new(self, |_| true);
        painter.paint(b, ONE);
        let young = |commit: &Oid| oldest.is_none() || self.generation(*commit).is_none_or(|it| Some(it) >= oldest);
        painter.map(|(commit, _)| commit).take_while(young).any(|commit| commit == a)
    }

    /// The newest commit that both have and that no other such commit was made on; of two as new, the one of the
    /// lesser id.
    #[must_use]
    pub fn merge_base(&self, a: Oid, b: Oid) -> Option<Oid> {
        self.merge_bases(a, b).into_iter().max_by_key(|oid| (self.committed(*oid), Reverse(*oid)))
    }

    /// All commits that both have and that no other such commit was made on, sorted by id.
    #[must_use]
    pub fn merge_bases(&self, a: Oid, b: Oid) -> Vec<Oid> {
        let mut painter = Painter::new(self, |colours| colours & STALE == 0);
        painter.paint(a, ONE);
        painter.paint(b, OTHER);
        let mut bases: Vec<_> = painter.filter(|(_, colours)| *colours == BOTH).map(|(commit, _)| commit).collect();
        bases.sort_unstable();
        bases
    }

    /// How many commits `head` has that `base` has not, and the other way round.
    #[must_use]
    pub fn ahead_behind(&self, base: Oid, head: Oid) -> AheadBehind {
        let mut painter = Painter::new(self, |colours| colours & BOTH != BOTH);
        painter.paint(base, ONE);
        painter.paint(head, OTHER);
        painter.fold(AheadBehind::default(), |found, (_, colours)| AheadBehind {
            ahead: found.ahead + usize::from(colours == OTHER),
            behind: found.behind + usize::from(colours == ONE),
        })
    }

    /// The commits of `tip` that none of `stop_at` has, newest first, never a parent before its child: the order of
    /// `git log --date-order`.
    #[must_use]
    pub fn log(&self, tip: Oid, stop_at: &[Oid]) -> Vec<Oid> {
        let mut painter = Painter::new(self, |colours| colours == ONE);
        painter.paint(tip, ONE);
        stop_at.iter().for_each(|stop| painter.paint(*stop, OTHER));
        let wanted: Vec<_> = painter.filter(|(_, colours)| *colours == ONE).map(|(commit, _)| commit).collect();
        self.by_date(&wanted)
    }

    /// The commits of `head` that `base` has not, oldest first: what a pull request brings.
    #[must_use]
    pub fn between(&self, base: Oid, head: Oid) -> Vec<Oid> {
        let mut commits = self.log(head, &[base]);
        commits.reverse();
        commits
    }

    /// Of commits in an order in which children come before parents: newest first, children still before parents.
    fn by_date(&self, commits: &[Oid]) -> Vec<Oid> {
        let mut children: HashMap<Oid, usize> = commits.iter().map(|commit| (*commit, 0)).collect();
        for parent in commits.iter().flat_map(|commit| self.parents(*commit)) {
            children.entry(*parent).and_modify(|count| *count += 1);
        }
        let childless = commits.iter().filter(|commit| children.get(commit) == Some(&0));
        // The count makes of two commits of one second the one come first that was met first, as in git.
        let mut ready: BinaryHeap<_> =
            childless.enumerate().map(|(met, commit)| (self.committed(*commit), Reverse(met), *commit)).collect();
        let mut met = ready.len();
        let mut ordered = Vec::with_capacity(commits.len());
        while let Some((_, _, commit)) = ready.pop() {
            ordered.push(commit);
            for parent in self.parents(commit) {
                let Some(count) = children.get_mut(parent) else { continue };
                *count -= 1;
                if *count == 0 {
                    ready.push((self.committed(*parent), Reverse(met), *parent));
                    met += 1;
                }
            }
        }
        ordered
    }

    /// When the commit was made, in seconds since 1970.
    fn committed(&self, commit: Oid) -> i64 {
        self.commit(commit).map_or(0, |commit| commit.committer.seconds)
    }
}
