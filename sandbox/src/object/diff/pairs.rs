//! Two trees side by side. Directories that are the same are never entered.

use super::ChangedPath;
use crate::object::{Entry, FilePath, Objects, Oid, TreeEntry};
use std::cmp::Ordering;

pub(super) fn pairs(objects: &Objects, a: Oid, b: Oid) -> Vec<ChangedPath> {
    let mut found = Vec::new();
    let mut ahead = vec![(FilePath::default(), Some(a), Some(b))];
    while let Some((at, a, b)) = ahead.pop() {
        let read = |tree: Option<Oid>| tree.map(|tree| objects.entries(tree)).unwrap_or_default();
        for (name, old, new) in zipped(read(a).entries(), read(b).entries()) {
            let path = at.join(&name.name);
            if name.mode.is_directory() {
                ahead.push((path, old.map(|old| old.oid), new.map(|new| new.oid)));
            } else {
                found.push(ChangedPath { path, renamed: None, old, new });
            }
        }
    }
    found.sort_unstable_by(|one, other| one.path.cmp(&other.path));
    found
}

type Pair = (TreeEntry, Option<Entry>, Option<Entry>);

/// The entries that differ. A file and a directory of one name are two entries, as they are in git's order.
fn zipped(a: &[TreeEntry], b: &[TreeEntry]) -> Vec<Pair> {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    let mut pairs = Vec::new();
    loop {
        let first = match (a.peek(), b.peek()) {
            (Some(old), Some(new)) => old.order(new),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return pairs,
        };
        let old = if first.is_le() { a.next() } else { None };
        let new = if first.is_ge() { b.next() } else { None };
        let entries = (old.map(TreeEntry::entry), new.map(TreeEntry::entry));
        if entries.0 != entries.1 {
            pairs.extend(new.or(old).map(|name| (name.clone(), entries.0, entries.1)));
        }
    }
}
