//! A directory: its entries in git's order.

use super::{Error, Kind, Oid};
use bytes::{Bytes, BytesMut};
use serde::{Serialize, Serializer};
use std::{cmp::Ordering, collections::BTreeMap, fmt, sync::Arc};

/// A directory of git. Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    entries: Arc<[TreeEntry]>,
}

/// One name in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeEntry {
    /// What stands there.
    pub mode: Mode,
    /// Its name: bytes without `/`, not always UTF-8.
    pub name: Bytes,
    /// The blob, tree, or (for a submodule) the commit.
    pub oid: Oid,
}

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Entry {
    /// What it is.
    pub mode: Mode,
    /// The blob, tree, or (for a submodule) the commit.
    pub oid: Oid,
}

/// A file's mode as git keeps it. Shown and serialised as six octal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mode(u32);

impl Tree {
    /// The tree of these entries, put into git's order. Of two with one name, a file's and a directory's too, the
    /// later stands.
    #[must_use]
    pub fn new(entries: impl IntoIterator<Item = TreeEntry>) -> Self {
        let named: BTreeMap<Bytes, TreeEntry> = entries.into_iter().map(|entry| (entry.name.clone(), entry)).collect();
        let mut entries: Vec<_> = named.into_values().collect();
        entries.sort_by(TreeEntry::order);
        Self { entries: entries.into() }
    }

    /// The entries in git's order, in which a directory's name sorts as if `/` ended it.
    #[must_use]
    pub fn entries(&self) -> &[TreeEntry] {
        &self.entries
    }

    /// The entry of this name.
    #[must_use]
    pub fn get(&self, name: &[u8]) -> Option<Entry> {
        // Git's order depends on the mode, so a name without its mode has two places to stand.
        let find = |mode: Mode| self.entries.binary_search_by(|entry| order(&entry.name, entry.mode, name, mode)).ok();
        let at = find(Mode::FILE).or_else(|| find(Mode::DIRECTORY))?;
        self.entries.get(at).map(TreeEntry::entry)
    }

    pub(super) fn encode(&self) -> Bytes {
        let mut bytes = BytesMut::new();
        for entry in self.entries.iter() {
            bytes.extend_from_slice(format!("{:o} ", entry.mode.0).as_bytes());
            bytes.extend_from_slice(&entry.name);
            bytes.extend_from_slice(b"\0");
            bytes.extend_from_slice(&entry.oid.0);
        }
        bytes.freeze()
    }

    pub(super) fn decode(bytes: &Bytes) -> Result<Self, Error> {
        let mut rest = bytes.clone();
        let mut entries: Vec<TreeEntry> = Vec::new();
        while !rest.is_empty() {
            let entry = TreeEntry::decode(&mut rest).map_err(malformed)?;
            if entries.last().is_some_and(|last| last.order(&entry) != Ordering::Less) {
                return Err(malformed("its entries are not in git's order"));
            }
            entries.push(entry);
        }
        if twice(&entries) {
            return Err(malformed("a file and a directory have one name"));
        }
        Ok(Self { entries: entries.into() })
    }
}

const fn malformed(fault: &'static str) -> Error {
    Error::Malformed { kind: Kind::Tree, fault }
}

/// Whether a directory has the name of a file: other names sort between the two, so the order alone does not tell.
fn twice(entries: &[TreeEntry]) -> bool {
    entries.iter().filter(|entry| entry.mode.is_directory()).any(|directory| {
        let file = |entry: &TreeEntry| order(&entry.name, entry.mode, &directory.name, Mode::FILE);
        entries.binary_search_by(file).is_ok()
    })
}

impl TreeEntry {
    /// The entry without its name.
    #[must_use]
    pub const fn entry(&self) -> Entry {
        Entry { mode: self.mode, oid: self.oid }
    }

    pub(super) fn order(&self, other: &Self) -> Ordering {
        order(&self.name, self.mode, &other.name, other.mode)
    }

    fn decode(rest: &mut Bytes) -> Result<Self, &'static str> {
        let mode = field(rest, b' ').ok_or("an entry has no mode")?;
        let mode = Mode::parse(&mode).ok_or("an entry's mode is none that git knows")?;
        let name = field(rest, b'\0').ok_or("an entry has no name")?;
        if !is_name(&name) {
            return Err("an entry's name is none that a file can have");
        }
        let oid = rest.get(..20).and_then(|oid| oid.try_into().ok()).map(Oid).ok_or("it ends within an entry")?;
        drop(rest.split_to(20));
        Ok(Self { mode, name, oid })
    }
}

/// Takes what stands before `end`, and `end` itself, from the front.
fn field(rest: &mut Bytes, end: u8) -> Option<Bytes> {
    let at = rest.iter().position(|byte| *byte == end)?;
    let field = rest.split_to(at);
    drop(rest.split_to(1));
    Some(field)
}

/// Whether git lets a file or directory have this name.
pub(super) fn is_name(name: &[u8]) -> bool {
    !name.is_empty()
        && !matches!(name, b"." | b"..")
        && !name.eq_ignore_ascii_case(b".git")
        && !name.iter().any(|byte| matches!(byte, b'/' | b'\0'))
}

fn order(name: &[u8], mode: Mode, other: &[u8], other_mode: Mode) -> Ordering {
    let common = name.len().min(other.len());
    let end = |name: &[u8], mode: Mode| name.get(common).copied().or(mode.is_directory().then_some(b'/'));
    name.iter().take(common).cmp(other.iter().take(common)).then_with(|| end(name, mode).cmp(&end(other, other_mode)))
}

impl Mode {
    /// A plain file.
    pub const FILE: Self = Self(0o100_644);
    /// A file that can be run.
    pub const EXECUTABLE: Self = Self(0o100_755);
    /// A link; the blob is where it leads.
    pub const SYMLINK: Self = Self(0o120_000);
    /// A directory.
    pub const DIRECTORY: Self = Self(0o040_000);
    /// A commit of another repository.
    pub const SUBMODULE: Self = Self(0o160_000);

    /// Reads octal digits, as `100644` or `040000`; `None` for a mode git does not keep.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok().filter(|text| (5..=7).contains(&text.len()))?;
        let mode = Self(u32::from_str_radix(text, 8).ok().filter(|_| !text.starts_with('+'))?);
        let known = [Self::FILE, Self::EXECUTABLE, Self::SYMLINK, Self::DIRECTORY, Self::SUBMODULE];
        // Git wrote 100664 long ago and reads it still.
        (known.contains(&mode) || mode.0 == 0o100_664).then_some(mode)
    }

    /// Whether a tree stands there.
    #[must_use]
    pub fn is_directory(self) -> bool {
        self == Self::DIRECTORY
    }

    /// Whether a blob with a file's content stands there, be it runnable or not.
    #[must_use]
    pub const fn is_file(self) -> bool {
        self.0 & 0o170_000 == 0o100_000
    }

    /// Whether both are files, or both links, or the like: a file that can be run is a file.
    #[must_use]
    pub const fn is_like(self, other: Self) -> bool {
        self.0 & 0o170_000 == other.0 & 0o170_000
    }

    /// What the object there is.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::DIRECTORY => Kind::Tree,
            Self::SUBMODULE => Kind::Commit,
            _ => Kind::Blob,
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06o}", self.0)
    }
}

impl fmt::Debug for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mode({self})")
    }
}

impl Serialize for Mode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
