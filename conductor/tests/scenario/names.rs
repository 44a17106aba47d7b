//! Names for what has ids: `h1` is a commit, and is shown as `h1` again.

use std::collections::BTreeMap;

use bus::commit::Oid;
use sha2::{Digest, Sha256};

/// The ids that were given out.
#[derive(Default)]
pub(crate) struct Names(BTreeMap<String, String>);

impl Names {
    /// The id of a name; always the same.
    pub(crate) fn oid(&mut self, name: &str) -> Oid {
        let digest = Sha256::digest(name.as_bytes());
        let mut bytes = [0; 20];
        bytes.copy_from_slice(&digest[..20]);
        let oid = Oid::of(bytes);
        self.0.insert(oid.short(), name.to_owned());
        oid
    }

    /// A text with the names in the place of the ids.
    pub(crate) fn shown(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (short, name)| text.replace(short, name))
    }
}
