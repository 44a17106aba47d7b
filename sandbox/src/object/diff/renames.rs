//! Renames: a file that went and one that came, so alike that they are one. Found in git's order: the same content
//! first, then the same file name if no other has it and three quarters stayed, then whatever is most alike, if half
//! of it stayed.

use super::{ChangedPath, hunks};
use crate::object::{Entry, Objects, Oid};
use bytes::Bytes;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap, HashSet},
};

/// Scores are of this, as git's, so that its roundings are ours.
const WHOLE: u64 = 60_000;
const HALF: u64 = 30_000;
const THREE_QUARTERS: u64 = 45_000;
/// Beyond so many pairs git looks for the same content only.
const PAIRS: usize = 1_000_000;
/// Git remembers so many candidates for each file that came.
const CANDIDATES: usize = 4;
/// Git counts what stayed by line, and a longer line by pieces of this length.
const PIECE: usize = 64;

pub(super) fn found(objects: &Objects, changed: Vec<ChangedPath>) -> Vec<ChangedPath> {
    let mut search = Search::new(objects, &changed);
    if search.went.is_empty() || search.came.is_empty() {
        return changed;
    }
    search.same_content();
    if search.went.len() * search.came.len() <= PAIRS {
        search.same_name();
        search.most_alike();
    }
    let renames = search.renames;
    let gone: HashSet<usize> = renames.values().map(|(went, _)| *went).collect();
    let renamed = |(at, change): (usize, &ChangedPath)| {
        let Some((went, score)) = renames.get(&at) else { return Some(change.clone()) };
        let went = changed.get(*went)?;
        let similarity = u8::try_from(score * 100 / WHOLE).unwrap_or(100);
        Some(ChangedPath { renamed: Some((went.path.clone(), similarity)), old: went.old, ..change.clone() })
    };
    changed.iter().enumerate().filter(|(at, _)| !gone.contains(at)).filter_map(renamed).collect()
}

struct Search<'a> {
    objects: &'a Objects,
    changed: &'a [ChangedPath],
    /// Files that went and have not been found again, by place among the changes.
    went: Vec<usize>,
    came: Vec<usize>,
    /// For one that came, the one that went, and how alike they are.
    renames: HashMap<usize, (usize, u64)>,
    pieces: HashMap<Oid, Option<Pieces>>,
}

/// How many bytes of a content are in each of its pieces.
struct Pieces {
    size: u64,
    bytes: HashMap<Bytes, u64>,
}

impl<'a> Search<'a> {
    fn new(objects: &'a Objects, changed: &'a [ChangedPath]) -> Self {
        let places = |wanted: fn(&ChangedPath) -> bool| {
            changed.iter().enumerate().filter(|(_, change)| wanted(change)).map(|(at, _)| at).collect()
        };
        Self {
            objects,
            changed,
            went: places(|change| change.new.is_none()),
            came: places(|change| change.old.is_none()),
            renames: HashMap::new(),
            pieces: HashMap::new(),
        }
    }

    fn old(&self, went: usize) -> Option<Entry> {
        self.changed.get(went)?.old
    }

    fn new_entry(&self, came: usize) -> Option<Entry> {
        self.changed.get(came)?.new
    }

    fn name(&self, at: usize) -> &'a [u8] {
        self.changed.get(at).map(|change| change.path.file_name()).unwrap_or_default()
    }

    fn rename(&mut self, went: usize, came: usize, score: u64) {
        self.renames.insert(came, (went, score));
        self.went.retain(|at| *at != went);
        self.came.retain(|at| *at != came);
    }

    fn same_content(&mut self) {
        let mut by_content: HashMap<Oid, Vec<usize>> = HashMap::new();
        for went in &self.went {
            by_content.entry(self.old(*went).map_or(Oid::ZERO, |entry| entry.oid)).or_default().push(*went);
        }
        for came in self.came.clone() {
            let Some(new) = self.new_entry(came) else { continue };
            let alike = |went: &&usize| self.old(**went).is_some_and(|old| old.mode.is_like(new.mode));
            let sources = by_content.get(&new.oid).map(Vec::as_slice).unwrap_or_default();
            let named = |went: &&usize| (self.name(**went) == self.name(came), Reverse(**went));
            let Some(went) = sources.iter().filter(alike).max_by_key(named).copied() else { continue };
            by_content.entry(new.oid).and_modify(|sources| sources.retain(|at| *at != went));
            self.rename(went, came, WHOLE);
        }
    }

    fn same_name(&mut self) {
        let came = self.only_of_their_name(&self.came);
        for (name, went) in self.only_of_their_name(&self.went) {
            let Some(came) = came.get(name).copied() else { continue };
            let score = self.score(went, came);
            if score >= THREE_QUARTERS {
                self.rename(went, came, score);
            }
        }
    }

    fn only_of_their_name(&self, places: &[usize]) -> BTreeMap<&'a [u8], usize> {
        let mut named: BTreeMap<&[u8], Vec<usize>> = BTreeMap::new();
        for at in places {
            named.entry(self.name(*at)).or_default().push(*at);
        }
        let only = |(name, places): (&'a [u8], Vec<usize>)| match places.as_slice() {
            [at] => Some((name, *at)),
            _ => None,
        };
        named.into_iter().filter_map(only).collect()
    }

    fn most_alike(&mut self) {
        let mut candidates = Vec::new();
        for came in self.came.clone() {
            let mut alike: Vec<_> = self.went.clone().into_iter().map(|went| self.candidate(went, came)).collect();
            alike.retain(|candidate| candidate.score >= HALF);
            alike.sort_by_key(|candidate| Reverse((candidate.score, candidate.named)));
            candidates.extend(alike.into_iter().take(CANDIDATES));
        }
        candidates.sort_by_key(|candidate| Reverse((candidate.score, candidate.named)));
        for Candidate { went, came, score, .. } in candidates {
            if self.went.contains(&went) && self.came.contains(&came) {
                self.rename(went, came, score);
            }
        }
    }

    fn candidate(&mut self, went: usize, came: usize) -> Candidate {
        Candidate { went, came, score: self.score(went, came), named: self.name(went) == self.name(came) }
    }

    /// How much of the bytes of the larger one both have.
    fn score(&mut self, went: usize, came: usize) -> u64 {
        let (Some(old), Some(new)) = (self.old(went), self.new_entry(came)) else { return 0 };
        if !old.mode.is_file() || !new.mode.is_file() {
            return 0;
        }
        self.read(old.oid);
        self.read(new.oid);
        let pieces = |oid| self.pieces.get(&oid).and_then(Option::as_ref);
        let (Some(old), Some(new)) = (pieces(old.oid), pieces(new.oid)) else { return 0 };
        let kept = |(piece, bytes): (&Bytes, &u64)| new.bytes.get(piece).map_or(0, |there| (*bytes).min(*there));
        let kept: u64 = old.bytes.iter().map(kept).sum();
        (kept * WHOLE).checked_div(old.size.max(new.size)).unwrap_or(0)
    }

    fn read(&mut self, oid: Oid) {
        let objects = self.objects;
        self.pieces.entry(oid).or_insert_with(|| objects.blob(oid).map(Pieces::of));
    }
}

struct Candidate {
    went: usize,
    came: usize,
    score: u64,
    named: bool,
}

impl Pieces {
    fn of(content: &Bytes) -> Self {
        let mut bytes: HashMap<Bytes, u64> = HashMap::new();
        for line in hunks::lines(content) {
            for piece in line.chunks(PIECE) {
                *bytes.entry(content.slice_ref(piece)).or_default() += piece.len() as u64;
            }
        }
        Self { size: content.len() as u64, bytes }
    }
}
