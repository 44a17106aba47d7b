//! Which objects came in packs.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use crate::object::Oid;

/// A loose object is seen by its file; one in a pack only by asking git. So those that came in packs are remembered, by
/// the object directory they are in. What is forgotten with the process is at worst written once more.
#[derive(Debug, Default)]
pub(super) struct Packed {
    known: Mutex<HashMap<PathBuf, HashSet<Oid>>>,
}

impl Packed {
    pub(super) fn has(&self, objects: &Path, oid: Oid) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(objects).is_some_and(|oids| oids.contains(&oid))
    }

    pub(super) fn add(&self, objects: &Path, oids: impl IntoIterator<Item = Oid>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(objects.to_owned()).or_default().extend(oids);
    }

    pub(super) fn forget(&self, objects: &Path) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(objects);
    }
}
