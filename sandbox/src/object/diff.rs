//! What differs between two trees.

mod hunks;
mod pairs;
mod renames;
mod unified;

use super::{Entry, FilePath, Mode, Objects, Oid};
use bytes::Bytes;
use hunks::Hunks;
use serde::Serialize;

pub use unified::unified;

/// A path at which two trees differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedPath {
    /// Where: in the new tree, if it stands there.
    pub path: FilePath,
    /// Where it stood, if it was renamed, and how much of it stayed the same, in hundredths.
    pub renamed: Option<(FilePath, u8)>,
    /// What stood there.
    pub old: Option<Entry>,
    /// What stands there.
    pub new: Option<Entry>,
}

/// A changed path with its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// Where: in the new tree, if it stands there.
    pub path: FilePath,
    /// Where it stood, if it was renamed.
    pub previous_path: Option<FilePath>,
    /// How much of a renamed file stayed the same, in hundredths; of any other, 100.
    pub similarity: u8,
    /// What happened to it.
    pub status: Status,
    /// What stood there.
    pub old: Option<Entry>,
    /// What stands there.
    pub new: Option<Entry>,
    /// Lines that came.
    pub additions: usize,
    /// Lines that went.
    pub deletions: usize,
    /// The hunks as git prints them, from the first `@@` on; nothing where no line changed, or for a binary.
    pub patch: Option<String>,
    /// The lengths before and after of what is no text, and so has no lines.
    pub binary: Option<(usize, usize)>,
}

/// What happened to a file: GitHub's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It came.
    Added,
    /// It went.
    Removed,
    /// It has another content or mode.
    Modified,
    /// It stands elsewhere, maybe with another content.
    Renamed,
    /// It became another kind of thing: a file a link, a link a submodule.
    Changed,
}

impl Objects {
    /// The paths at which two trees differ, sorted, a rename being a removal and an addition. Reads no content.
    #[must_use]
    pub fn changed_paths(&self, a: Oid, b: Oid) -> Vec<ChangedPath> {
        pairs::pairs(self, a, b)
    }

    /// The files that differ between two trees, sorted by path, with renames found as `git diff -M` finds them.
    #[must_use]
    pub fn diff(&self, a: Oid, b: Oid) -> Vec<FileChange> {
        let changed = renames::found(self, self.changed_paths(a, b));
        changed.into_iter().map(|changed| self.file_change(changed)).collect()
    }

    /// The files that differ between two trees, sorted by path, a rename being a removal and an addition.
    #[must_use]
    pub fn diff_without_renames(&self, a: Oid, b: Oid) -> Vec<FileChange> {
        self.changed_paths(a, b).into_iter().map(|changed| self.file_change(changed)).collect()
    }

    fn file_change(&self, changed: ChangedPath) -> FileChange {
        let status = changed.status();
        let ChangedPath { path, renamed, old, new } = changed;
        let (before, after) = (self.content(old), self.content(new));
        let binary = hunks::is_binary(&before) || hunks::is_binary(&after);
        let hunks = match status {
            Status::Changed => Hunks::between(&before, b"").then(Hunks::between(b"", &after)),
            Status::Added | Status::Removed | Status::Modified | Status::Renamed => Hunks::between(&before, &after),
        };
        let Hunks { additions, deletions, text } = hunks;
        FileChange {
            path,
            similarity: renamed.as_ref().map_or(100, |(_, similarity)| *similarity),
            previous_path: renamed.map(|(from, _)| from),
            status,
            old,
            new,
            additions,
            deletions,
            patch: (!text.is_empty()).then_some(text),
            binary: binary.then_some((before.len(), after.len())),
        }
    }

    /// What git compares at a path: a submodule is a line that names its commit; what is not here is empty.
    fn content(&self, entry: Option<Entry>) -> Bytes {
        match entry {
            Some(Entry { mode: Mode::SUBMODULE, oid }) => format!("Subproject commit {oid}\n").into(),
            Some(Entry { oid, .. }) => self.blob(oid).cloned().unwrap_or_default(),
            None => Bytes::new(),
        }
    }
}

impl ChangedPath {
    /// What happened there.
    #[must_use]
    pub fn status(&self) -> Status {
        match (self.old, self.new) {
            _ if self.renamed.is_some() => Status::Renamed,
            (None, _) => Status::Added,
            (_, None) => Status::Removed,
            (Some(old), Some(new)) if old.mode.is_like(new.mode) => Status::Modified,
            _ => Status::Changed,
        }
    }
}
