//! Git's objects, without git: content-addressed by real SHA-1 ids, held in memory, pure. What is made here has the ids
//! git gives it, so a repository on disk can mirror it object by object.
//!
//! [`Objects`] is the store. On it stand the questions: the tree's (`walk`), its changes (`edit`), `history`, `diff`
//! and `merge`. What the store does not hold reads as absent: a missing tree lists nothing, a missing commit has no
//! parents. Objects that came by a push are complete, because git refuses a push that is not.

mod commit;
mod diff;
mod edit;
mod history;
mod merge;
mod oid;
mod patch;
mod path;
mod store;
mod tree;
mod walk;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};
use std::{fmt, sync::Arc};
use thiserror::Error;

pub use commit::{Commit, Signature};
pub use diff::{ChangedPath, FileChange, Status, unified};
pub use edit::Change;
pub use history::AheadBehind;
pub use oid::{Oid, ParseOid};
pub use path::FilePath;
pub use store::Objects;
pub use tree::{Entry, Mode, Tree, TreeEntry};

/// One object of git. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Object {
    /// A file's content.
    Blob(Bytes),
    /// A directory.
    Tree(Tree),
    /// A commit.
    Commit(Arc<Commit>),
    /// An annotated tag: its bytes, and what it names.
    Tag(Tag),
}

/// An annotated tag. Nobody here makes one, so its bytes are kept as they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// The tag as git wrote it.
    pub raw: Bytes,
    /// The object it names.
    pub target: Oid,
}

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A file's content.
    Blob,
    /// A directory.
    Tree,
    /// A commit.
    Commit,
    /// An annotated tag.
    Tag,
}

/// Why bytes are no object, or a change cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Error {
    /// The bytes are not what git writes for this kind: refuse them.
    #[error("these bytes are no {kind}: {fault}")]
    Malformed {
        /// What they were said to be.
        kind: Kind,
        /// What is wrong.
        fault: &'static str,
    },
    /// A path git would not check out: refuse it.
    #[error("'{0}' is no path of a file: it may have no empty, '.', '..' or '.git' part")]
    Path(FilePath),
    /// The object is not in the store, or is of another kind.
    #[error("there is no {kind} {oid} in this store")]
    Missing {
        /// What was sought.
        kind: Kind,
        /// Its id.
        oid: Oid,
    },
}

impl Object {
    /// Git's bytes of this object, without the header.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        match self {
            Self::Blob(content) => content.clone(),
            Self::Tree(tree) => tree.encode(),
            Self::Commit(commit) => commit.encode(),
            Self::Tag(tag) => tag.raw.clone(),
        }
    }

    /// Reads git's bytes. Encoding what was read gives the same bytes for everything git itself writes; for the odd
    /// ones (a zone of `-0000`, a name that is not UTF-8) ask the store, which keeps them: [`Objects::raw`].
    pub fn decode(kind: Kind, bytes: Bytes) -> Result<Self, Error> {
        Ok(match kind {
            Kind::Blob => Self::Blob(bytes),
            Kind::Tree => Self::Tree(Tree::decode(&bytes)?),
            Kind::Commit => Self::Commit(Arc::new(Commit::decode(&bytes)?)),
            Kind::Tag => Self::Tag(Tag::decode(bytes)?),
        })
    }

    /// The id git gives it.
    #[must_use]
    pub fn id(&self) -> Oid {
        id(self.kind(), &self.encode())
    }

    /// What it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Blob(_) => Kind::Blob,
            Self::Tree(_) => Kind::Tree,
            Self::Commit(_) => Kind::Commit,
            Self::Tag(_) => Kind::Tag,
        }
    }
}

/// The id of an object of this kind with these bytes.
#[must_use]
pub fn id(kind: Kind, bytes: &[u8]) -> Oid {
    let mut hash = Sha1::new();
    hash.update(kind.name());
    hash.update(format!(" {}\0", bytes.len()));
    hash.update(bytes);
    Oid(hash.finalize().into())
}

impl Tag {
    fn decode(raw: Bytes) -> Result<Self, Error> {
        let target = raw
            .strip_prefix(b"object ")
            .and_then(|rest| rest.get(..40))
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| hex.parse().ok())
            .ok_or(Error::Malformed { kind: Kind::Tag, fault: "it names no object" })?;
        Ok(Self { raw, target })
    }
}

impl Kind {
    /// Git's word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Blob => "blob",
            Self::Tree => "tree",
            Self::Commit => "commit",
            Self::Tag => "tag",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
