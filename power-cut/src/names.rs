//! Changes of names that are not durable yet.
//!
//! A change is done or not done, never half: a rename takes the old name away and gives the new one in one. Changes
//! that touch the same name become durable in their order.

use std::{collections::HashSet, ffi::OsString};

use crate::tree::Ino;

/// When a name becomes durable: that of a new file, or of one renamed or removed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Entries {
    /// When its folder is flushed, or the file itself, with the names on the way to it: so do ext4, XFS and btrfs,
    /// whose journals bring a file's name to the disk with the file. They promise more than this.
    #[default]
    WithFile,
    /// When its folder is flushed and at no other time: the least that POSIX allows.
    WithFolder,
}

/// What a name in a folder meant before a change, and what it means after it.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) folder: Ino,
    pub(crate) name: OsString,
    pub(crate) before: Option<Ino>,
    pub(crate) after: Option<Ino>,
}

/// Changes that are done together.
pub(crate) type Changes = Vec<Change>;

/// The changes that are not durable, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Unflushed(Vec<Changes>);

impl Unflushed {
    pub(crate) fn push(&mut self, changes: Changes) {
        self.0.push(changes);
    }

    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn take_all(&mut self) -> Vec<Changes> {
        std::mem::take(&mut self.0)
    }

    /// Takes those of the first `count` that a flush of this file or folder makes durable.
    pub(crate) fn take(&mut self, flushed: Ino, count: usize, entries: Entries) -> Vec<Changes> {
        let wanted = self.wanted(flushed, count, entries);
        let all = self.take_all();
        let (taken, left): (Vec<_>, Vec<_>) =
            all.into_iter().enumerate().partition(|(place, _)| wanted.contains(place));
        self.0 = left.into_iter().map(|(_, changes)| changes).collect();
        taken.into_iter().map(|(_, changes)| changes).collect()
    }

    /// From the newest to the oldest: a change brings along the older ones of the same names and, on the way to a
    /// file, those that made its folders.
    fn wanted(&self, flushed: Ino, count: usize, entries: Entries) -> HashSet<usize> {
        let mut names = HashSet::new();
        let mut on_the_way = HashSet::from([flushed]);
        let mut wanted = HashSet::new();
        for (place, changes) in self.0[..count].iter().enumerate().rev() {
            let by_folder = changes.iter().any(|change| change.folder == flushed);
            let by_name = changes.iter().any(|change| names.contains(&(change.folder, &change.name)));
            let by_file = entries == Entries::WithFile && changes.iter().any(|change| change.concerns(&on_the_way));
            if by_folder || by_name || by_file {
                wanted.insert(place);
                names.extend(changes.iter().map(|change| (change.folder, &change.name)));
                on_the_way.extend(changes.iter().map(|change| change.folder));
            }
        }
        wanted
    }
}

impl Change {
    fn concerns(&self, inodes: &HashSet<Ino>) -> bool {
        [self.before, self.after].into_iter().flatten().any(|ino| inodes.contains(&ino))
    }
}
