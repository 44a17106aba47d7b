//! The bytes of one file, in pages: as they are now, and as they were when they were last flushed.
//!
//! A page is shared between the two until it is written to, so a flush costs what was written since the last one and
//! not the file.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    sync::Arc,
};

use crate::tear::{Fate, Tear};

pub(crate) const PAGE: u64 = 4096;

type Page = Arc<[u8; PAGE as usize]>;

/// The bytes of one file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Content {
    now: Bytes,
    flushed: Bytes,
    /// Pages in which the two may differ.
    dirty: BTreeSet<u64>,
    /// The least size since the last flush: less than the flushed one if the file was cut short in between.
    shortest: u64,
}

/// What a flush that has begun will have made durable at its end.
#[derive(Debug)]
pub(crate) struct Flushing {
    size: u64,
    pages: Vec<(u64, Option<Page>)>,
}

/// Pages that are absent hold zeroes.
#[derive(Clone, Debug, Default)]
struct Bytes {
    size: u64,
    pages: BTreeMap<u64, Page>,
}

impl Content {
    pub(crate) const fn size(&self) -> u64 {
        self.now.size
    }

    /// How much of the disk it takes: pages that were never written take nothing.
    pub(crate) fn takes(&self) -> u64 {
        self.now.pages.len() as u64 * PAGE
    }

    /// How many of so many bytes can be written if it may take this much more.
    pub(crate) fn fitting(&self, offset: u64, bytes: usize, more: u64) -> usize {
        let mut new_pages = more / PAGE;
        let mut fitting = 0;
        for (index, within) in parts(offset..offset + bytes as u64) {
            let new = !self.now.pages.contains_key(&index);
            if new && new_pages == 0 {
                break;
            }
            new_pages -= u64::from(new);
            fitting += within.len();
        }
        fitting
    }

    pub(crate) fn read(&self, offset: u64, most: u64) -> Vec<u8> {
        let end = offset.saturating_add(most).min(self.now.size);
        let mut bytes = Vec::new();
        for (index, within) in parts(offset..end) {
            match self.now.pages.get(&index) {
                Some(page) => bytes.extend_from_slice(&page[within]),
                None => bytes.resize(bytes.len() + within.len(), 0),
            }
        }
        bytes
    }

    pub(crate) fn write(&mut self, offset: u64, mut data: &[u8]) {
        let end = offset + data.len() as u64;
        for (index, within) in parts(offset..end) {
            let (part, rest) = data.split_at(within.len());
            self.now.page(index)[within].copy_from_slice(part);
            self.dirty.insert(index);
            data = rest;
        }
        self.now.size = self.now.size.max(end);
    }

    pub(crate) fn resize(&mut self, size: u64) {
        if size < self.now.size {
            self.dirty.extend(self.now.pages.range(size / PAGE..).map(|(index, _)| *index));
            self.shortest = self.shortest.min(size);
        }
        self.now.resize(size);
    }

    pub(crate) fn begin_flush(&self) -> Flushing {
        let pages = self.dirty.iter().map(|index| (*index, self.now.pages.get(index).cloned())).collect();
        Flushing { size: self.now.size, pages }
    }

    /// What was written since the flush began stays volatile.
    pub(crate) fn end_flush(&mut self, flushing: Flushing) {
        self.flushed.size = flushing.size;
        for (index, page) in flushing.pages {
            if self.now.holds(index, page.as_ref()) {
                self.dirty.remove(&index);
            }
            self.flushed.put(index, page);
        }
        self.shortest = self.now.size.min(self.flushed.size);
    }

    /// What the disk holds after a cut, and how many pages it forgot.
    pub(crate) fn after_cut(&self, tear: &mut Tear) -> (Self, usize) {
        let mut left = self.flushed.clone();
        let mut forgotten = self.dirty.len();
        if self.shortest >= left.size || tear.survives() {
            left.resize(self.shortest.min(left.size));
            for index in &self.dirty {
                let fate = self.now.pages.get(index).map_or(Fate::Lost, |_| tear.fate());
                forgotten -= usize::from(fate == Fate::Kept);
                self.survive(&mut left, *index, fate);
            }
        }
        let shortest = left.size;
        (Self { now: left.clone(), flushed: left, dirty: BTreeSet::new(), shortest }, forgotten)
    }

    /// A page beyond the flushed end brings the end with it, as a file system writes the size after the data.
    fn survive(&self, left: &mut Bytes, index: u64, fate: Fate) {
        let Some(page) = self.now.pages.get(&index) else { return };
        match fate {
            Fate::Lost => return,
            Fate::Kept => left.put(index, Some(Arc::clone(page))),
            Fate::Torn(sectors) => {
                for within in sectors.ranges() {
                    left.page(index)[within.clone()].copy_from_slice(&page[within]);
                }
            }
        }
        left.size = left.size.max(self.now.size.min((index + 1) * PAGE));
    }
}

impl Bytes {
    fn page(&mut self, index: u64) -> &mut [u8; PAGE as usize] {
        let page = self.pages.entry(index).or_insert_with(|| Arc::new([0; PAGE as usize]));
        Arc::make_mut(page)
    }

    fn put(&mut self, index: u64, page: Option<Page>) {
        match page {
            Some(page) => self.pages.insert(index, page),
            None => self.pages.remove(&index),
        };
    }

    fn holds(&self, index: u64, page: Option<&Page>) -> bool {
        match (self.pages.get(&index), page) {
            (Some(held), Some(page)) => Arc::ptr_eq(held, page),
            (None, None) => true,
            _ => false,
        }
    }

    /// What is cut off must read as zeroes when the file grows again.
    fn resize(&mut self, size: u64) {
        if size < self.size {
            let _ = self.pages.split_off(&size.div_ceil(PAGE));
            let within = (size % PAGE) as usize;
            if within > 0 && self.pages.contains_key(&(size / PAGE)) {
                self.page(size / PAGE)[within..].fill(0);
            }
        }
        self.size = size;
    }
}

/// The pages a range touches, and where within each.
fn parts(range: Range<u64>) -> impl Iterator<Item = (u64, Range<usize>)> {
    let first = range.start / PAGE;
    let last = if range.is_empty() { first } else { range.end.div_ceil(PAGE) };
    (first..last).map(move |index| {
        let start = range.start.saturating_sub(index * PAGE).min(PAGE);
        let end = (range.end - index * PAGE).min(PAGE);
        (index, start as usize..end as usize)
    })
}

#[cfg(test)]
mod tests;
