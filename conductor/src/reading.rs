//! Reading: a record of LOG becomes what the machine is told.
//!
//! Total, and without judgement: what is not understood is [`Fact::Other`], and so is what a field of another type makes
//! senseless. Of what GitHub tells, the object is read and not the action, so that an action nobody has seen, and what
//! was only looked up there, tell how things are all the same. Whoever speaks is taken from the subject, which the server
//! holds, and never from the body.

mod agent;
mod chat;
mod due;
mod github;
mod own;
mod reverts;
mod trailer;

use bus::{
    RecordId, Sequenced, Subject,
    catalogue::{TypeName, deploy, outcome},
    envelope::Sealed,
};
use uuid::Uuid;

pub use self::trailer::run_of;
use crate::machine::{Fact, Record, fact::Smoke};

/// The version of every type that is read here.
const VERSION: u32 = 1;

/// What a record tells the machine.
#[must_use]
pub fn read(stored: &Sequenced) -> Record {
    let at = stored.stored_at;
    let Ok((subject, envelope)) = stored.decode() else {
        return Record { id: unnamed(stored.sequence), at, fact: Fact::Other };
    };
    let fact = TypeName::parse(&envelope.type_name).and_then(|name| told(&subject, name, &envelope));
    Record { id: envelope.id, at, fact: fact.unwrap_or(Fact::Other) }
}

/// What is no record has no id. Nothing follows from it, so that one of its place does.
fn unnamed(sequence: u64) -> RecordId {
    RecordId::from(Uuid::nil()).named(&sequence.to_string())
}

fn told(subject: &Subject, TypeName { family: _, kind, version }: TypeName<'_>, envelope: &Sealed<'_>) -> Option<Fact> {
    if version != VERSION {
        return None;
    }
    match subject {
        Subject::Github { .. } => github::told(kind, envelope),
        Subject::Agent { name, .. } => agent::claims(name, kind, envelope),
        Subject::ChatOperator { room, who } => chat::heard(room, who, envelope),
        Subject::Outcome { .. } => ended(envelope),
        Subject::Deploy { .. } => shown(kind, envelope),
        Subject::Due { .. } => due::rings(kind, envelope),
        Subject::Work { .. } => own::moved(envelope),
        Subject::CmdAgent { role, pool, .. } => own::offered(role, pool, envelope),
        Subject::CmdGithub { .. } => own::ordered_from_github(envelope),
        Subject::CmdDeploy { .. } => own::ordered_from_probe(envelope),
        Subject::CmdChat { room, .. } => own::said(room, envelope),
        _ => None,
    }
}

fn ended(envelope: &Sealed<'_>) -> Option<Fact> {
    let outcome::Outcome { say: _, command, end } = envelope.open().ok()?;
    Some(Fact::Outcome(command, end))
}

fn shown(kind: &str, envelope: &Sealed<'_>) -> Option<Fact> {
    match kind {
        "observed" => {
            let deploy::Observed { say: _, repository_id, commit, url: _ } = envelope.open().ok()?;
            Some(Fact::Observed(repository_id, commit))
        }
        "smoked" => {
            let deploy::Smoked { say: _, repository_id, commit, url: _, checks, failures } = envelope.open().ok()?;
            Some(Fact::Smoked(repository_id, Smoke { commit, checks, failures }))
        }
        _ => None,
    }
}
