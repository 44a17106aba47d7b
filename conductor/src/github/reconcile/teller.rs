//! What was looked up becomes records, and only what is new. Pure: whoever looks stores them.
//!
//! What counts as new is what the machine would be told: GitHub's objects hold counters and addresses that change without
//! anybody having done anything. A record's id is made of the object, of how it was when it was told before, and of how it
//! is: so two looks that find the same come to the same record.

use std::collections::HashMap;

use bus::{Draft, Sequenced};
use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use super::Found;
use crate::{
    github::inbound::{self, Origin},
    machine::Fact,
    reading,
};

const SOURCE: &str = "/rig/reconcile";

/// What was not found for so long is forgotten: it is closed, or gone.
const KEPT: time::Duration = time::Duration::days(2);

type Digest = [u8; 16];

/// Knows what was told, and so what is new.
#[derive(Debug, Default)]
pub struct Teller {
    told: HashMap<String, Told>,
}

/// What is new, and the record that tells it.
#[derive(Debug)]
pub struct News {
    /// The record.
    pub draft: Draft,
    thing: String,
    told: Told,
}

/// How a thing was when it was last told, and when it was last found so.
#[derive(Clone, Copy, Debug)]
struct Told {
    digest: Digest,
    found: OffsetDateTime,
}

impl Teller {
    /// The record of what was found, where that is new.
    pub fn news(&mut self, found: &Found, now: OffsetDateTime) -> Option<News> {
        let Found { event, payload } = found;
        let (thing, digest) = thing(event, payload)?;
        let told = Told { digest, found: now };
        let before = self.told.get_mut(&thing);
        let digest_before = before.as_ref().map(|before| before.digest);
        if let Some(before) = before.filter(|before| before.digest == digest) {
            *before = told;
            return None;
        }
        let delivery = delivery(&thing, digest_before, digest);
        let origin = Origin { event, delivery: &delivery, hook: None, source: SOURCE };
        let draft = inbound::record(&origin, payload.as_bytes(), now).ok()?;
        Some(News { draft, thing, told })
    }

    /// It was told.
    pub fn note(&mut self, News { draft: _, thing, told }: News) {
        self.told.insert(thing, told);
    }

    /// Forgets what has not been found for long.
    pub(super) fn forget(&mut self, now: OffsetDateTime) {
        self.told.retain(|_, told| now - told.found < KEPT);
    }

    /// Forgets everything: all of it is told again.
    pub(super) fn forget_all(&mut self) {
        self.told.clear();
    }
}

/// Which thing this is, and how it is; nothing where the machine would be told nothing.
fn thing(event: &str, payload: &str) -> Option<(String, Digest)> {
    let origin = Origin { event, delivery: "looked up", hook: None, source: SOURCE };
    let draft = inbound::record(&origin, payload.as_bytes(), OffsetDateTime::UNIX_EPOCH).ok()?;
    let (subject, body) = (draft.subject.to_string(), draft.body);
    let fact = fact(subject, body);
    let name = match &fact {
        Fact::Issue(place, issue) => format!("{} {event} {}", place.id.0, issue.number),
        Fact::Pull(place, pull) => format!("{} {event} {}", place.id.0, pull.number),
        Fact::Review(place, review) => format!("{} {event} {}", place.id.0, review.id),
        Fact::Check(place, check) => format!("{} {event} {} {}", place.id.0, check.head, check.run),
        Fact::Branch(place, branch) => format!("{} {event} {}", place.id.0, branch.name),
        _ => return None,
    };
    Some((name, digest(format!("{fact:?}").as_bytes())))
}

fn fact(subject: String, body: Bytes) -> Fact {
    let stored_at = OffsetDateTime::UNIX_EPOCH;
    reading::read(&Sequenced { sequence: 0, subject, headers: Default::default(), body, stored_at }).fact
}

/// What stands in the place of a GUID.
fn delivery(thing: &str, before: Option<Digest>, digest: Digest) -> String {
    let whole = format!("{thing} {before:?} {digest:?}");
    format!("observed-{}", hex::encode(self::digest(whole.as_bytes())))
}

fn digest(bytes: &[u8]) -> Digest {
    let mut digest = Digest::default();
    digest.iter_mut().zip(Sha256::digest(bytes)).for_each(|(here, there)| *here = there);
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issue(title: &str, counter: u32) -> String {
        format!(
            r#"{{"action":"observed","issue":{{"number":7,"title":"{title}","state":"open","updated_at":"2026-11-22T10:00:00Z","comments":{counter}}},
            "repository":{{"id":1,"full_name":"acme/hello.site","default_branch":"main","open_issues_count":{counter}}}}}"#
        )
    }

    #[test]
    fn what_the_machine_would_not_be_told_is_no_news() {
        let first = thing("issues", &issue("Greet", 1)).unwrap();
        assert_eq!(first, thing("issues", &issue("Greet", 2)).unwrap());
        assert_ne!(first.1, thing("issues", &issue("Remember", 1)).unwrap().1);
        assert_eq!(thing("star", &issue("Greet", 1)), None);
        assert_eq!(thing("issues", "[]"), None);
    }

    #[test]
    fn what_is_new_is_new_until_it_is_told_and_when_it_changes() {
        let mut teller = Teller::default();
        let now = OffsetDateTime::UNIX_EPOCH;
        let found = |title| Found { event: "issues", payload: issue(title, 1) };
        let first = teller.news(&found("Greet"), now).unwrap();
        let again = teller.news(&found("Greet"), now).unwrap();
        assert_eq!(first.draft.id, again.draft.id, "nobody stored it yet");
        teller.note(again);
        assert!(teller.news(&found("Greet"), now).is_none());
        let changed = teller.news(&found("Remember"), now).unwrap();
        assert_ne!(changed.draft.id, first.draft.id);
    }

    #[test]
    fn a_thing_that_is_again_as_it_was_is_another_record() {
        let (a, b) = ([1; 16], [2; 16]);
        assert_eq!(delivery("x", None, a), delivery("x", None, a));
        assert_ne!(delivery("x", None, a), delivery("x", Some(b), a));
    }
}
