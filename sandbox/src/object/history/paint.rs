//! The walk under every question of history.

use crate::object::{Objects, Oid};
use std::collections::{BinaryHeap, HashMap};

/// From which ends of a question a commit was reached.
pub(super) type Colours = u8;
/// From the first end.
pub(super) const ONE: Colours = 1;
/// From the second end.
pub(super) const OTHER: Colours = 2;
/// From both.
pub(super) const BOTH: Colours = ONE | OTHER;
/// From a commit that was itself reached from both.
pub(super) const STALE: Colours = 4;
const DONE: Colours = 8;

/// Gives commits with their colours, children before parents, until nothing that matters is left.
pub(super) struct Painter<'a> {
    objects: &'a Objects,
    matters: fn(Colours) -> bool,
    heap: BinaryHeap<(u32, i64, Oid)>,
    colours: HashMap<Oid, Colours>,
    /// How many of the heap's commits matter.
    mattering: usize,
}

impl<'a> Painter<'a> {
    pub(super) fn new(objects: &'a Objects, matters: fn(Colours) -> bool) -> Self {
        Self { objects, matters, heap: BinaryHeap::new(), colours: HashMap::new(), mattering: 0 }
    }

    pub(super) fn paint(&mut self, commit: Oid, colours: Colours) {
        if self.objects.commit(commit).is_none() {
            return;
        }
        let known = self.colours.get(&commit).copied();
        let (before, after) = (known.unwrap_or_default(), known.unwrap_or_default() | colours);
        if after == before {
            return;
        }
        self.colours.insert(commit, after);
        // Done before all its children can only be a commit whose history is not whole; it keeps what it was told as.
        if before & DONE == 0 {
            self.mattering += usize::from((self.matters)(after));
            self.mattering -= usize::from(known.is_some() && (self.matters)(before));
        }
        if known.is_none() {
            self.heap.push((
                self.objects.generation(commit).unwrap_or(u32::MAX),
                self.objects.committed(commit),
                commit,
            ));
        }
    }
}

impl Iterator for Painter<'_> {
    type Item = (Oid, Colours);

    fn next(&mut self) -> Option<Self::Item> {
        if self.mattering == 0 {
            return None;
        }
        let (_, _, commit) = self.heap.pop()?;
        let colours = self.colours.get(&commit).copied().unwrap_or_default();
        self.colours.insert(commit, colours | DONE);
        self.mattering -= usize::from((self.matters)(colours));
        let stale = if colours & BOTH == BOTH { STALE } else { 0 };
        for parent in self.objects.parents(commit) {
            self.paint(*parent, colours | stale);
        }
        Some((commit, colours))
    }
}
