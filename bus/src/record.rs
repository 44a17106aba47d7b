//! Records: what is about to be published, and what was read.

use async_nats::HeaderMap;
use bytes::Bytes;
use serde::Serialize;
use time::OffsetDateTime;

use crate::{
    catalogue::TypeName,
    envelope::{Envelope, Sealed},
    id::RecordId,
    subject::{Subject, UnknownSubject},
};

/// Headers that only the server writes, on a republished or directly fetched message. A stored record that carries one
/// pretends to be another.
const SERVERS_OWN: [&str; 2] = ["Nats-Subject", "Nats-Sequence"];

/// A record that is about to be published.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Where it will stand.
    pub subject: Subject,
    /// Its identity.
    pub id: RecordId,
    /// The envelope's bytes.
    pub body: Bytes,
}

impl Draft {
    /// A record of this envelope.
    ///
    /// # Errors
    /// When the data cannot be written as JSON.
    pub fn new<D: Serialize>(subject: Subject, envelope: &Envelope<'_, D>) -> Result<Self, serde_json::Error> {
        let body = serde_json::to_vec(envelope)?.into();
        Ok(Self { subject, id: envelope.id, body })
    }
}

/// A record with its place: read from a stream.
#[derive(Clone, Debug)]
pub struct Sequenced {
    /// Its number in the stream.
    pub sequence: u64,
    /// The subject as it is stored.
    pub subject: String,
    /// Headers as they are stored.
    pub headers: HeaderMap,
    /// The body as it is stored: an envelope, or whatever a broken program sent.
    pub body: Bytes,
    /// When the server stored it.
    pub stored_at: OffsetDateTime,
}

/// Why a stored message is not taken for a record. It is kept all the same.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// It carries a header that only the server writes.
    #[error("it carries the header {0}, which only the server writes")]
    ServersHeader(&'static str),
    /// Its subject is not one of ours.
    #[error(transparent)]
    Subject(#[from] UnknownSubject),
    /// Its body is not an envelope.
    #[error("its body is not a CloudEvents envelope: {0}")]
    Body(#[from] serde_json::Error),
    /// Its `specversion` is not `1.0`.
    #[error("its specversion is `{0}`, and `1.0` is what is read here")]
    Version(String),
    /// Its type is not of the form `rig.<family>.<kind>.v<n>`.
    #[error("its type `{0}` is not of the form rig.<family>.<kind>.v<n>")]
    Type(String),
    /// Its type does not belong on its subject.
    #[error("its type `{type_name}` does not belong on its subject `{subject}`")]
    Disagree {
        /// The type it claims.
        type_name: String,
        /// The subject it stands on.
        subject: String,
    },
}

impl Sequenced {
    /// The record, when it is one: its subject is ours, its body an envelope, and the two agree.
    ///
    /// # Errors
    /// Says why it is not taken for a record.
    pub fn decode(&self) -> Result<(Subject, Sealed<'_>), Refusal> {
        if let Some(name) = SERVERS_OWN.into_iter().find(|name| self.headers.get(*name).is_some()) {
            return Err(Refusal::ServersHeader(name));
        }
        let subject: Subject = self.subject.parse()?;
        let envelope: Sealed<'_> = serde_json::from_slice(&self.body)?;
        if envelope.specversion != "1.0" {
            return Err(Refusal::Version(envelope.specversion.into_owned()));
        }
        agree(&subject, &envelope.type_name)?;
        Ok((subject, envelope))
    }
}

fn agree(subject: &Subject, type_name: &str) -> Result<(), Refusal> {
    let parsed = TypeName::parse(type_name).ok_or_else(|| Refusal::Type(type_name.to_owned()))?;
    if parsed.belongs_on(subject) {
        return Ok(());
    }
    Err(Refusal::Disagree { type_name: type_name.to_owned(), subject: subject.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(subject: &str, type_name: &str) -> Sequenced {
        let envelope = Envelope::new(
            RecordId::new(),
            type_name,
            "/rig/test",
            OffsetDateTime::UNIX_EPOCH,
            serde_json::json!({"say": "hello"}),
        );
        Sequenced {
            sequence: 1,
            subject: subject.to_owned(),
            headers: HeaderMap::new(),
            body: serde_json::to_vec(&envelope).unwrap().into(),
            stored_at: OffsetDateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        let record = stored("rig.evt.chat.general.operator.sam", "rig.chat.said.v1");
        let (subject, envelope) = record.decode().unwrap();
        assert_eq!(subject.to_string(), record.subject);
        assert_eq!(envelope.say(), "hello");
    }

    #[test]
    fn a_type_on_anothers_subject_is_refused() {
        for (subject, type_name) in [
            ("rig.evt.chat.general.operator.sam", "rig.github.issues.v1"),
            ("rig.evt.github.acme.site.push", "rig.github.issues.v1"),
            ("rig.evt.agent.dev-e.alive", "rig.agent.finished.v1"),
        ] {
            assert!(
                matches!(stored(subject, type_name).decode(), Err(Refusal::Disagree { .. })),
                "{subject} {type_name}"
            );
        }
    }

    #[test]
    fn an_unknown_type_on_its_own_subject_is_taken() {
        assert!(stored("rig.evt.work.acme.site.4.merged", "rig.work.merged.v7").decode().is_ok());
    }

    #[test]
    fn a_header_of_the_servers_own_is_refused() {
        let mut record = stored("rig.evt.chat.general.operator.sam", "rig.chat.said.v1");
        record.headers.insert("Nats-Subject", "rig.evt.chat.general.operator.nora");
        assert!(matches!(record.decode(), Err(Refusal::ServersHeader("Nats-Subject"))));
    }

    #[test]
    fn rubbish_is_refused_with_a_reason_and_never_panics() {
        let mut record = stored("rig.evt.chat.general.operator.sam", "said");
        assert!(matches!(record.decode(), Err(Refusal::Type(_))));
        for body in [&b""[..], b"{", b"null", b"[1]", b"\xff\xfe", b"{\"specversion\":\"1.0\"}"] {
            record.body = Bytes::from_static(body);
            assert!(matches!(record.decode(), Err(Refusal::Body(_))));
        }
    }
}
