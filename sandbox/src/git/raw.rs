//! An object as git holds it.

use bytes::Bytes;

use super::Error;
use crate::object::{self, Kind, Object, Oid};

/// One object with exactly the bytes its id is made of, which [`Object::encode`] cannot promise for the odd ones that
/// were pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raw {
    /// Its id.
    pub oid: Oid,
    /// What it is.
    pub kind: Kind,
    /// Git's bytes, without the header.
    pub bytes: Bytes,
}

impl Raw {
    /// The object of these bytes.
    #[must_use]
    pub fn new(kind: Kind, bytes: Bytes) -> Self {
        Self { oid: object::id(kind, &bytes), kind, bytes }
    }

    /// The object as the world reads it.
    pub fn decode(&self) -> Result<Object, Error> {
        Object::decode(self.kind, self.bytes.clone()).map_err(|source| Error::Strange { oid: self.oid, source })
    }

    /// Takes apart the header that stands before an object in its file, up to and with the NUL.
    pub(super) fn header(bytes: &[u8]) -> Option<(Kind, u64, usize)> {
        let end = memchr::memchr(0, bytes.get(..32.min(bytes.len()))?)?;
        let text = std::str::from_utf8(bytes.get(..end)?).ok()?;
        let (kind, size) = text.split_once(' ')?;
        Some((Self::kind(kind)?, size.parse().ok()?, end + 1))
    }

    pub(super) fn kind(name: &str) -> Option<Kind> {
        [Kind::Blob, Kind::Tree, Kind::Commit, Kind::Tag].into_iter().find(|kind| kind.name() == name)
    }
}

impl From<&Object> for Raw {
    fn from(object: &Object) -> Self {
        Self::new(object.kind(), object.encode())
    }
}

impl From<(Oid, Kind, Bytes)> for Raw {
    fn from((oid, kind, bytes): (Oid, Kind, Bytes)) -> Self {
        Self { oid, kind, bytes }
    }
}
