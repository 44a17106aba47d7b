//! The store: every object of a repository (or of several that share), by id, in the order in which they came.

use super::{Commit, Error, Kind, Object, Oid, Tree, id};
use bytes::Bytes;
use indexmap::IndexMap;
use std::{collections::HashMap, sync::Arc};

/// Objects by id. Nothing is ever taken out.
#[derive(Debug, Clone, Default)]
pub struct Objects {
    objects: IndexMap<Oid, Stored>,
    /// Commits whose generation is unknown, by a parent whose generation they wait for.
    waiting: HashMap<Oid, Vec<Oid>>,
}

#[derive(Debug, Clone)]
struct Stored {
    object: Object,
    /// The bytes, where encoding the object would not give them again.
    odd: Option<Bytes>,
    /// For a commit whose whole history is here: one more than its parents' greatest, as git's commit-graph has it.
    generation: Option<u32>,
}

impl Objects {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts an object in; one that is there already stays.
    pub fn insert(&mut self, object: impl Into<Object>) -> Oid {
        let object = object.into();
        let oid = object.id();
        self.place(oid, object, None);
        oid
    }

    /// Puts in what git wrote. Its id is that of the bytes as they are.
    pub fn insert_raw(&mut self, kind: Kind, bytes: Bytes) -> Result<Oid, Error> {
        let oid = id(kind, &bytes);
        if self.objects.contains_key(&oid) {
            return Ok(oid);
        }
        let object = Object::decode(kind, bytes.clone())?;
        let odd = (object.encode() != bytes).then_some(bytes);
        self.place(oid, object, odd);
        Ok(oid)
    }

    fn place(&mut self, oid: Oid, object: Object, odd: Option<Bytes>) {
        if self.objects.contains_key(&oid) {
            return;
        }
        let is_commit = object.kind() == Kind::Commit;
        self.objects.insert(oid, Stored { object, odd, generation: None });
        if is_commit {
            self.settle(oid);
        }
    }

    /// Gives a commit its generation, and then those that waited for it. Packs bring commits in any order.
    fn settle(&mut self, commit: Oid) {
        let mut unsettled = vec![commit];
        while let Some(oid) = unsettled.pop() {
            match self.next_generation(oid) {
                Ok(generation) => {
                    if let Some(stored) = self.objects.get_mut(&oid) {
                        stored.generation = Some(generation);
                    }
                    unsettled.extend(self.waiting.remove(&oid).unwrap_or_default());
                }
                Err(parent) => self.waiting.entry(parent).or_default().push(oid),
            }
        }
    }

    /// The generation after the parents', or the parent that has none yet.
    fn next_generation(&self, commit: Oid) -> Result<u32, Oid> {
        let greatest = self.parents(commit).iter().try_fold(0, |greatest, parent| {
            self.generation(*parent).map(|generation| generation.max(greatest)).ok_or(*parent)
        })?;
        Ok(greatest + 1)
    }

    /// How long the longest way from this commit to a root is; `None` if a part of its history is not here.
    pub(super) fn generation(&self, commit: Oid) -> Option<u32> {
        self.objects.get(&commit)?.generation
    }

    /// The object of this id.
    #[must_use]
    pub fn get(&self, oid: Oid) -> Option<&Object> {
        self.objects.get(&oid).map(|stored| &stored.object)
    }

    /// The object of this id as git wrote it.
    #[must_use]
    pub fn raw(&self, oid: Oid) -> Option<(Kind, Bytes)> {
        self.objects.get(&oid).map(Stored::raw)
    }

    /// Whether it is here.
    #[must_use]
    pub fn contains(&self, oid: Oid) -> bool {
        self.objects.contains_key(&oid)
    }

    /// The commit of this id.
    #[must_use]
    pub fn commit(&self, oid: Oid) -> Option<&Arc<Commit>> {
        match self.get(oid)? {
            Object::Commit(commit) => Some(commit),
            Object::Blob(_) | Object::Tree(_) | Object::Tag(_) => None,
        }
    }

    /// The tree of this id. The empty tree is always there.
    #[must_use]
    pub fn tree(&self, oid: Oid) -> Option<Tree> {
        match self.get(oid) {
            Some(Object::Tree(tree)) => Some(tree.clone()),
            None if oid == Oid::EMPTY_TREE => Some(Tree::default()),
            _ => None,
        }
    }

    /// The content of this id.
    #[must_use]
    pub fn blob(&self, oid: Oid) -> Option<&Bytes> {
        match self.get(oid)? {
            Object::Blob(content) => Some(content),
            Object::Tree(_) | Object::Commit(_) | Object::Tag(_) => None,
        }
    }

    /// The commit a tag names, through tags of tags; a commit names itself.
    #[must_use]
    pub fn peel(&self, oid: Oid) -> Option<Oid> {
        let mut oid = oid;
        while let Object::Tag(tag) = self.get(oid)? {
            oid = tag.target;
        }
        self.commit(oid).map(|_| oid)
    }

    pub(super) fn parents(&self, commit: Oid) -> &[Oid] {
        self.commit(commit).map(|commit| commit.parents.as_slice()).unwrap_or_default()
    }

    /// Every object as git writes it, in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = (Oid, Kind, Bytes)> + '_ {
        self.since(0)
    }

    /// The objects that came after the first `count`: what a mirror that knew so many has yet to learn.
    pub fn since(&self, count: usize) -> impl Iterator<Item = (Oid, Kind, Bytes)> + '_ {
        let raw = |(oid, stored): (&Oid, &Stored)| {
            let (kind, bytes) = stored.raw();
            (*oid, kind, bytes)
        };
        self.objects.iter().skip(count).map(raw)
    }

    /// How many objects there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.objects.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }
}

impl Stored {
    fn raw(&self) -> (Kind, Bytes) {
        (self.object.kind(), self.odd.clone().unwrap_or_else(|| self.object.encode()))
    }
}

impl From<Tree> for Object {
    fn from(tree: Tree) -> Self {
        Self::Tree(tree)
    }
}

impl From<Commit> for Object {
    fn from(commit: Commit) -> Self {
        Self::Commit(Arc::new(commit))
    }
}
