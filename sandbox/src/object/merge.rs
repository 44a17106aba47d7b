//! Merging by path. Nothing is merged within a file: a file that both sides changed, each in its way, is a conflict.
//! Git may do better on such a file; it never does worse.

use super::{Entry, FilePath, Mode, Objects, Oid, Tree, TreeEntry};
use bytes::Bytes;
use std::collections::BTreeSet;

impl Objects {
    /// The tree with what `theirs` changed since `base` done to `ours`, or the paths at which both changed, sorted.
    /// A tree that is not in the store conflicts with everything but itself.
    pub fn merge(&mut self, base: Oid, ours: Oid, theirs: Oid) -> Result<Oid, Vec<String>> {
        let directory = |oid| Some(Entry { mode: Mode::DIRECTORY, oid });
        let mut merge = Merge { objects: self, conflicts: BTreeSet::new() };
        let merged = merge.at(&FilePath::default(), [base, ours, theirs].map(directory));
        if !merge.conflicts.is_empty() {
            return Err(merge.conflicts.iter().map(ToString::to_string).collect());
        }
        Ok(merged.map_or_else(|| self.insert(Tree::default()), |entry| entry.oid))
    }
}

struct Merge<'a> {
    objects: &'a mut Objects,
    conflicts: BTreeSet<FilePath>,
}

/// What stands at one path in base, ours and theirs.
type Three<T> = [T; 3];

/// The side that changed, if only one did or both did the same.
fn decided<T: PartialEq>([base, ours, theirs]: Three<T>) -> Option<T> {
    if ours == theirs || base == theirs {
        return Some(ours);
    }
    (base == ours).then_some(theirs)
}

impl Merge<'_> {
    /// A directory may stand where a file stood, so the two are merged each for itself; only what is left of both is
    /// a clash.
    fn at(&mut self, path: &FilePath, three: Three<Option<Entry>>) -> Option<Entry> {
        if let Some(decided) = decided(three) {
            return decided;
        }
        let directory = |entry: &Entry| entry.mode.is_directory();
        let file = self.file(path, three.map(|entry| entry.filter(|entry| !directory(entry))));
        let directory = self.directory(path, three.map(|entry| entry.filter(directory)));
        if file.is_some() && directory.is_some() {
            self.conflicts.insert(path.clone());
        }
        file.or(directory)
    }

    fn file(&mut self, path: &FilePath, three: Three<Option<Entry>>) -> Option<Entry> {
        let merged = decided(three).or_else(|| mode_and_content(three).map(Some));
        if merged.is_none() {
            self.conflicts.insert(path.clone());
        }
        merged.flatten()
    }

    fn directory(&mut self, path: &FilePath, three: Three<Option<Entry>>) -> Option<Entry> {
        if let Some(decided) = decided(three) {
            return decided;
        }
        let Some(trees) = self.trees(three) else {
            self.conflicts.insert(path.clone());
            return None;
        };
        self.names(path, &trees)
    }

    fn trees(&self, three: Three<Option<Entry>>) -> Option<Three<Tree>> {
        let [base, ours, theirs] = three;
        let read = |entry: Option<Entry>| match entry {
            Some(entry) => self.objects.tree(entry.oid),
            None => Some(Tree::default()),
        };
        Some([read(base)?, read(ours)?, read(theirs)?])
    }

    fn names(&mut self, path: &FilePath, trees: &Three<Tree>) -> Option<Entry> {
        let names: BTreeSet<Bytes> = trees.iter().flat_map(Tree::entries).map(|entry| entry.name.clone()).collect();
        let mut entries = Vec::new();
        for name in names {
            let three = trees.each_ref().map(|tree| tree.get(&name));
            let merged = self.at(&path.join(&name), three);
            entries.extend(merged.map(|Entry { mode, oid }| TreeEntry { mode, name, oid }));
        }
        let oid = (!entries.is_empty()).then(|| self.objects.insert(Tree::new(entries)))?;
        Some(Entry { mode: Mode::DIRECTORY, oid })
    }
}

/// One side may have made a file runnable while the other changed what is in it.
fn mode_and_content(three: Three<Option<Entry>>) -> Option<Entry> {
    let [Some(base), Some(ours), Some(theirs)] = three else { return None };
    let three = [base, ours, theirs];
    if !three.iter().all(|entry| entry.mode.is_file()) {
        return None;
    }
    let (mode, oid) = (decided(three.map(|entry| entry.mode))?, decided(three.map(|entry| entry.oid))?);
    Some(Entry { mode, oid })
}
