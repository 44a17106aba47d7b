//! Files and folders: as they are now, and as the disk holds them.
//!
//! Nothing is ever freed before a cut: what was removed is needed while its removal is not durable or a program has it
//! open. Owners, permissions and times are not forgotten; no promise rests upon them.

mod room;

use std::{
    collections::{BTreeMap, HashMap},
    ffi::{OsStr, OsString},
    path::PathBuf,
    time::SystemTime,
};

use nix::errno::Errno;

use crate::{
    content::{self, Content},
    names::{Change, Changes, Entries, Unflushed},
    tear::Tear,
};

/// The number of a file, folder or link.
pub(crate) type Ino = u64;

pub(crate) const ROOT: Ino = 1;

/// A file, folder or link.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) mode: u16,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) changed: SystemTime,
    pub(crate) links: u32,
    pub(crate) body: Body,
}

#[derive(Clone, Debug)]
pub(crate) enum Body {
    File(Content),
    Folder(Folder),
    Link(PathBuf),
}

/// What the names in a folder mean.
#[derive(Clone, Debug, Default)]
pub(crate) struct Folder {
    pub(crate) now: BTreeMap<OsString, Ino>,
    flushed: BTreeMap<OsString, Ino>,
}

/// A name in a folder.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) folder: Ino,
    pub(crate) name: &'a OsStr,
}

/// Everything under one mount.
#[derive(Debug)]
pub(crate) struct Tree {
    nodes: HashMap<Ino, Node>,
    last: Ino,
    unflushed: Unflushed,
    entries: Entries,
    /// How much all files may take together.
    room: u64,
}

/// A flush that has begun.
#[derive(Debug)]
pub(crate) struct Flush {
    ino: Ino,
    content: Option<content::Flushing>,
    names: usize,
}

/// What a cut took away.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Forgotten {
    /// Pages of 4 KiB that were written and not, or not wholly, on the disk.
    pub pages: usize,
    /// Names that were made, changed or removed, and were not on the disk so.
    pub names: usize,
}

impl Tree {
    pub(crate) fn new(root: Node, entries: Entries, room: u64) -> Self {
        Self { nodes: HashMap::from([(ROOT, root)]), last: ROOT, unflushed: Unflushed::default(), entries, room }
    }

    pub(crate) fn node(&self, ino: Ino) -> Result<&Node, Errno> {
        self.nodes.get(&ino).ok_or(Errno::ENOENT)
    }

    pub(crate) fn node_mut(&mut self, ino: Ino) -> Result<&mut Node, Errno> {
        self.nodes.get_mut(&ino).ok_or(Errno::ENOENT)
    }

    pub(crate) fn folder(&self, ino: Ino) -> Result<&Folder, Errno> {
        match &self.node(ino)?.body {
            Body::Folder(folder) => Ok(folder),
            Body::File(_) | Body::Link(_) => Err(Errno::ENOTDIR),
        }
    }

    pub(crate) fn content(&mut self, ino: Ino) -> Result<&mut Content, Errno> {
        match &mut self.node_mut(ino)?.body {
            Body::File(content) => Ok(content),
            Body::Folder(_) => Err(Errno::EISDIR),
            Body::Link(_) => Err(Errno::EINVAL),
        }
    }

    pub(crate) fn find(&self, place: Place<'_>) -> Result<Ino, Errno> {
        self.folder(place.folder)?.now.get(place.name).copied().ok_or(Errno::ENOENT)
    }

    pub(crate) fn make(&mut self, place: Place<'_>, node: Node) -> Result<Ino, Errno> {
        self.must_be_free(place)?;
        self.must_have_room()?;
        self.last += 1;
        self.nodes.insert(self.last, node);
        self.change(vec![place.from(None).to(Some(self.last))])?;
        Ok(self.last)
    }

    pub(crate) fn link(&mut self, ino: Ino, place: Place<'_>) -> Result<(), Errno> {
        self.must_be_free(place)?;
        self.change(vec![place.from(None).to(Some(ino))])
    }

    pub(crate) fn remove(&mut self, place: Place<'_>) -> Result<(), Errno> {
        let ino = self.find(place)?;
        self.must_be_empty(ino)?;
        self.change(vec![place.from(Some(ino)).to(None)])
    }

    pub(crate) fn rename(&mut self, from: Place<'_>, to: Place<'_>) -> Result<(), Errno> {
        let ino = self.find(from)?;
        self.folder(to.folder)?;
        let over = self.find(to).ok();
        if over == Some(ino) {
            return Ok(());
        }
        over.map_or(Ok(()), |over| self.must_be_empty(over))?;
        self.change(vec![from.from(Some(ino)).to(None), to.from(over).to(Some(ino))])
    }

    pub(crate) fn begin_flush(&mut self, ino: Ino) -> Result<Flush, Errno> {
        let content = match &self.node(ino)?.body {
            Body::File(content) => Some(content.begin_flush()),
            Body::Folder(_) | Body::Link(_) => None,
        };
        Ok(Flush { ino, content, names: self.unflushed.len() })
    }

    /// Only one flush may be under way at a time.
    pub(crate) fn end_flush(&mut self, flush: Flush) -> Result<(), Errno> {
        if let Some(flushing) = flush.content {
            self.content(flush.ino)?.end_flush(flushing);
        }
        for change in self.unflushed.take(flush.ino, flush.names, self.entries).iter().flatten() {
            self.note_flushed(change);
        }
        Ok(())
    }

    /// Makes all of it durable.
    pub(crate) fn settle(&mut self) {
        for change in self.unflushed.take_all().iter().flatten() {
            self.note_flushed(change);
        }
        for node in self.nodes.values_mut() {
            if let Body::File(content) = &mut node.body {
                let flushing = content.begin_flush();
                content.end_flush(flushing);
            }
        }
    }

    /// What the disk holds after a cut.
    pub(crate) fn after_cut(mut self, tear: &mut Tear) -> (Self, Forgotten) {
        let changes = self.unflushed.take_all();
        let survive = tear.first_of(changes.len());
        for change in changes[..survive].iter().flatten() {
            self.note_flushed(change);
        }
        let mut forgotten = Forgotten { pages: 0, names: changes.len() - survive };
        self.nodes = self.reached(tear, &mut forgotten);
        self.count_links();
        (self, forgotten)
    }

    /// What has a name on the disk.
    fn reached(&mut self, tear: &mut Tear, forgotten: &mut Forgotten) -> HashMap<Ino, Node> {
        let mut reached = HashMap::new();
        let mut to_visit = vec![ROOT];
        while let Some(ino) = to_visit.pop() {
            if let Some(node) = self.nodes.remove(&ino) {
                let node = node.after_cut(tear, forgotten);
                if let Body::Folder(folder) = &node.body {
                    to_visit.extend(folder.now.values());
                }
                reached.insert(ino, node);
            }
        }
        reached
    }

    fn note_flushed(&mut self, change: &Change) {
        if let Some(Node { body: Body::Folder(folder), .. }) = self.nodes.get_mut(&change.folder) {
            note(&mut folder.flushed, change);
        }
    }

    fn count_links(&mut self) {
        let folders = self.nodes.values().filter_map(|node| match &node.body {
            Body::Folder(folder) => Some(folder),
            Body::File(_) | Body::Link(_) => None,
        });
        let named: Vec<Ino> = folders.flat_map(|folder| folder.now.values().copied()).collect();
        for ino in named {
            if let Some(node) = self.nodes.get_mut(&ino) {
                node.links += 1;
            }
        }
    }

    fn must_be_free(&self, place: Place<'_>) -> Result<(), Errno> {
        match self.find(place) {
            Ok(_) => Err(Errno::EEXIST),
            Err(Errno::ENOENT) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn must_be_empty(&self, ino: Ino) -> Result<(), Errno> {
        let full = self.folder(ino).is_ok_and(|folder| !folder.now.is_empty());
        if full { Err(Errno::ENOTEMPTY) } else { Ok(()) }
    }

    fn change(&mut self, changes: Changes) -> Result<(), Errno> {
        for change in &changes {
            let Body::Folder(folder) = &mut self.node_mut(change.folder)?.body else { return Err(Errno::ENOTDIR) };
            note(&mut folder.now, change);
            if let Some(node) = change.before.and_then(|ino| self.nodes.get_mut(&ino)) {
                node.links = node.links.saturating_sub(1);
            }
            if let Some(node) = change.after.and_then(|ino| self.nodes.get_mut(&ino)) {
                node.links += 1;
            }
        }
        self.unflushed.push(changes);
        Ok(())
    }
}

fn note(names: &mut BTreeMap<OsString, Ino>, change: &Change) {
    match change.after {
        Some(ino) => names.insert(change.name.clone(), ino),
        None => names.remove(&change.name),
    };
}

impl Node {
    fn after_cut(self, tear: &mut Tear, forgotten: &mut Forgotten) -> Self {
        let body = match self.body {
            Body::File(content) => {
                let (content, pages) = content.after_cut(tear);
                forgotten.pages += pages;
                Body::File(content)
            }
            Body::Folder(Folder { flushed, .. }) => Body::Folder(Folder { now: flushed.clone(), flushed }),
            Body::Link(to) => Body::Link(to),
        };
        Self { links: 0, body, ..self }
    }
}

impl<'a> Place<'a> {
    pub(crate) const fn new(folder: Ino, name: &'a OsStr) -> Self {
        Self { folder, name }
    }

    fn from(self, before: Option<Ino>) -> Change {
        Change { folder: self.folder, name: self.name.to_owned(), before, after: None }
    }
}

impl Change {
    fn to(self, after: Option<Ino>) -> Self {
        Self { after, ..self }
    }
}
