//! Changing a tree: what git's index does between `read-tree` and `write-tree`.

use super::{Entry, Error, FilePath, Kind, Mode, Object, Objects, Oid, Tree, TreeEntry, tree::is_name};
use bytes::Bytes;
use std::collections::BTreeMap;

/// What shall stand at a path: this blob (or, with a directory's or submodule's mode, this tree or commit); `None`
/// for nothing.
pub type Change = Option<(Mode, Oid)>;

impl Objects {
    /// The tree with these changes made one after the other. A file takes the place of a directory and a directory
    /// that of a file, as in git's index; a directory left empty vanishes; removing what is not there does nothing, and
    /// removing a directory removes all of it.
    pub fn edit<P: AsRef<[u8]>>(&mut self, tree: Oid, changes: &[(P, Change)]) -> Result<Oid, Error> {
        let mut root = Directory::read(self, tree)?;
        for (path, change) in changes {
            let parts = parts(path.as_ref())?;
            root.make(self, &parts, change.map(|(mode, oid)| Entry { mode, oid }))?;
        }
        Ok(root.write(self).unwrap_or_else(|| self.insert(Tree::default())))
    }
}

fn parts(path: &[u8]) -> Result<Vec<&[u8]>, Error> {
    let parts: Vec<_> = path.split(|byte| *byte == b'/').collect();
    if parts.iter().all(|part| is_name(part)) { Ok(parts) } else { Err(Error::Path(FilePath::from(path))) }
}

/// A directory while it is changed: only what a change touches is read.
struct Directory {
    names: BTreeMap<Bytes, Node>,
}

enum Node {
    Kept(Entry),
    Opened(Directory),
}

impl Directory {
    fn read(objects: &Objects, tree: Oid) -> Result<Self, Error> {
        let tree = objects.tree(tree).ok_or(Error::Missing { kind: Kind::Tree, oid: tree })?;
        let kept = |entry: &TreeEntry| (entry.name.clone(), Node::Kept(entry.entry()));
        Ok(Self { names: tree.entries().iter().map(kept).collect() })
    }

    fn make(&mut self, objects: &Objects, parts: &[&[u8]], change: Option<Entry>) -> Result<(), Error> {
        match (parts, change) {
            ([], _) => {}
            ([name], Some(entry)) => {
                self.names.insert(Bytes::copy_from_slice(name), Node::Kept(entry));
            }
            ([name], None) => {
                self.names.remove(*name);
            }
            ([name, below @ ..], _) => {
                if let Some(directory) = self.open(objects, name, change.is_some())? {
                    directory.make(objects, below, change)?;
                }
            }
        }
        Ok(())
    }

    /// The directory of this name, in place of a file if it is `wanted`.
    fn open(&mut self, objects: &Objects, name: &[u8], wanted: bool) -> Result<Option<&mut Self>, Error> {
        let opened = match self.names.get(name) {
            Some(Node::Opened(_)) => None,
            Some(Node::Kept(entry)) if entry.mode.is_directory() => Some(Self::read(objects, entry.oid)?),
            _ if wanted => Some(Self { names: BTreeMap::new() }),
            _ => return Ok(None),
        };
        if let Some(directory) = opened {
            self.names.insert(Bytes::copy_from_slice(name), Node::Opened(directory));
        }
        match self.names.get_mut(name) {
            Some(Node::Opened(directory)) => Ok(Some(directory)),
            _ => Ok(None),
        }
    }

    /// Puts the trees into the store; nothing for an empty one.
    fn write(self, objects: &mut Objects) -> Option<Oid> {
        let mut entries = Vec::with_capacity(self.names.len());
        for (name, node) in self.names {
            let entry = match node {
                Node::Kept(entry) => Some(entry),
                Node::Opened(directory) => directory.write(objects).map(|oid| Entry { mode: Mode::DIRECTORY, oid }),
            };
            entries.extend(entry.map(|Entry { mode, oid }| TreeEntry { mode, name, oid }));
        }
        (!entries.is_empty()).then(|| objects.insert(Object::Tree(Tree::new(entries))))
    }
}
