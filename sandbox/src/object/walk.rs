//! Looking into trees, and at what an object names.

use super::{Entry, FilePath, Mode, Object, Objects, Oid, Tree, TreeEntry};

impl Objects {
    /// What stands at a path in a tree: a file, a directory, a link, a submodule. The root has no entry.
    #[must_use]
    pub fn entry(&self, tree: Oid, path: impl AsRef<[u8]>) -> Option<Entry> {
        let mut parts = path.as_ref().split(|byte| *byte == b'/');
        let first = self.tree(tree)?.get(parts.next()?)?;
        parts.try_fold(first, |at, name| self.tree(at.oid).filter(|_| at.mode.is_directory())?.get(name))
    }

    /// What stands in a directory, in git's order.
    #[must_use]
    pub fn entries(&self, tree: Oid) -> Tree {
        self.tree(tree).unwrap_or_default()
    }

    /// Everything in a tree and below with its path, a directory before what is in it, in git's order.
    #[must_use]
    pub fn walk(&self, tree: Oid) -> Vec<(FilePath, Entry)> {
        let mut found = Vec::new();
        let mut ahead: Vec<(FilePath, Entry)> = children(&FilePath::default(), &self.entries(tree));
        while let Some((path, entry)) = ahead.pop() {
            if entry.mode.is_directory() {
                ahead.extend(children(&path, &self.entries(entry.oid)));
            }
            found.push((path, entry));
        }
        found
    }

    /// The objects that this one is not whole without. A submodule's commit is another repository's.
    #[must_use]
    pub fn named(&self, oid: Oid) -> Vec<Oid> {
        match self.get(oid) {
            Some(Object::Commit(commit)) => commit.parents.iter().copied().chain([commit.tree]).collect(),
            Some(Object::Tree(tree)) => {
                let entries = tree.entries().iter().filter(|entry| entry.mode != Mode::SUBMODULE);
                entries.map(|entry| entry.oid).collect()
            }
            Some(Object::Tag(tag)) => vec![tag.target],
            Some(Object::Blob(_)) | None => Vec::new(),
        }
    }
}

/// The entries with their paths, the last first, so that a stack gives them in order.
fn children(at: &FilePath, tree: &Tree) -> Vec<(FilePath, Entry)> {
    let child = |entry: &TreeEntry| (at.join(&entry.name), entry.entry());
    tree.entries().iter().rev().map(child).collect()
}
