//! Ids by which the stream recognises a record that it has.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::id::RecordId;

/// Makes deduplication ids that nobody else can make.
///
/// The stream remembers ids of all its publishers in one table. If the id were the record's alone, whoever learned it
/// could publish something else under it first, and the true record would be answered as a duplicate and dropped. So
/// the id carries a tag that only the holder of the user's password can compute, and `duplicate` always means one's own.
#[derive(Clone)]
pub struct DedupKey(Hmac<Sha256>);

impl DedupKey {
    /// The key of the user with this password.
    #[must_use]
    pub fn new(password: &str) -> Self {
        // HMAC takes keys of any length, so this has no failing case; an empty key is the harmless stand-in.
        let mac = Hmac::new_from_slice(password.as_bytes()).unwrap_or_else(|_| Hmac::new(&Default::default()));
        Self(mac)
    }

    /// The `Nats-Msg-Id` of a record: `<id>.<tag>`.
    #[must_use]
    pub fn message_id(&self, id: RecordId) -> String {
        let mut mac = self.0.clone();
        mac.update(id.uuid().as_bytes());
        let tag = mac.finalize().into_bytes();
        let tag = u64::from_be_bytes([tag[0], tag[1], tag[2], tag[3], tag[4], tag[5], tag[6], tag[7]]);
        format!("{id}.{tag:016x}")
    }
}

impl fmt::Debug for DedupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DedupKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_record_of_the_same_user_has_the_same_id_and_of_another_user_another() {
        let id = RecordId::of_delivery("guid");
        let mine = DedupKey::new("mine");
        assert_eq!(mine.message_id(id), DedupKey::new("mine").message_id(id));
        assert_ne!(mine.message_id(id), DedupKey::new("yours").message_id(id));
        assert!(mine.message_id(id).starts_with(&id.to_string()));
    }
}
