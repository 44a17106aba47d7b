//! From a record to its rows: pure, and total. Whatever a record holds, it has a row in `log`.

use std::sync::Arc;

use bus::{Refusal, Sequenced, Subject, Token, catalogue::Kind, envelope::Sealed, lineage::Lineage, stream::Epoch};

use super::{chat_message, dead, epochs::Epochs, github_delivery, log};
use crate::{
    place::{Place, bigint},
    text::{Text, clean},
};

/// A record, folded.
#[derive(Clone, Debug)]
pub(crate) struct Folded {
    /// Its number in LOG as LOG numbers it now.
    pub(crate) number: u64,
    pub(crate) log: log::Row,
    pub(crate) derived: Option<Derived>,
}

/// The row that a record gives beside the one in `log`.
#[derive(Clone, Debug)]
pub(crate) enum Derived {
    ChatMessage(chat_message::Row),
    GithubDelivery(github_delivery::Row),
    Dead(dead::Fact),
}

/// Why a record gives no row beside the one in `log`, though it should.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unfit {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("its data is not what its type says: {0}")]
    Data(#[from] serde_json::Error),
    #[error("it claims {claims} `{claimed}`, and its subject says `{}`", subject.as_str())]
    Claim { claims: &'static str, claimed: String, subject: Token },
}

/// Checks a claim in the data against the subject, which alone is enforced.
pub(super) fn claims(what: &'static str, claimed: &Text<'_>, subject: &Token) -> Result<(), Unfit> {
    if Token::of(claimed.as_str()) == *subject {
        return Ok(());
    }
    Err(Unfit::Claim { claims: what, claimed: claimed.as_str().to_owned(), subject: subject.clone() })
}

/// Folds records of one LOG.
#[derive(Clone, Debug)]
pub(crate) struct Fold {
    epochs: Arc<Epochs>,
    /// The ordinal of LOG's own epoch.
    own: i16,
    lineage: Lineage,
}

impl Fold {
    /// The epochs know LOG's own and those of its lineage.
    pub(crate) fn new(epochs: Arc<Epochs>, epoch: &Epoch, lineage: Lineage) -> Self {
        let own = epochs.ordinal(epoch);
        Self { epochs, own, lineage }
    }

    /// The rows of a record.
    pub(crate) fn fold(&self, record: &Sequenced) -> Folded {
        let place = self.place(record.sequence);
        let mut log = log::Row::new(place, record);
        let derived = derive(&mut log, record);
        Folded::new(record.sequence, log, derived)
    }

    fn place(&self, number: u64) -> Place {
        let (epoch, sequence) = match self.lineage.origin(number) {
            Some(origin) => (self.epochs.ordinal(&origin.epoch), origin.sequence),
            None => (self.own, number),
        };
        Place { epoch, sequence: bigint(sequence) }
    }
}

impl Folded {
    /// A record with what came of it; what makes it unfit is noted in its row.
    pub(crate) fn new(number: u64, mut log: log::Row, derived: Result<Option<Derived>, Unfit>) -> Self {
        let derived = derived.unwrap_or_else(|unfit| {
            log.refused = Some(clean(&unfit.to_string()).into_owned());
            None
        });
        Self { number, log, derived }
    }
}

/// What a record gives beside its row in `log`.
pub(crate) fn derive(log: &mut log::Row, record: &Sequenced) -> Result<Option<Derived>, Unfit> {
    let (subject, envelope) = record.decode()?;
    log.id = Some(envelope.id.uuid());
    log.type_name = Some(clean(&envelope.type_name).into_owned());
    derived(log, &subject, &envelope)
}

fn derived(log: &log::Row, subject: &Subject, envelope: &Sealed<'_>) -> Result<Option<Derived>, Unfit> {
    let Some(kind) = Kind::of_type(&envelope.type_name) else { return Ok(None) };
    Ok(match (kind, subject) {
        (Kind::Github(_), _) => Some(Derived::GithubDelivery(github_delivery::row(log, envelope)?)),
        (Kind::ChatSaid, _) => chat_message::row(log, subject, envelope)?.map(Derived::ChatMessage),
        (Kind::DeadParked, Subject::Dead { consumer }) => Some(Derived::Dead(dead::parked(log, consumer, envelope)?)),
        (Kind::DeadRetried, _) => Some(Derived::Dead(dead::retried(log, envelope)?)),
        (
            Kind::DeadParked
            | Kind::Work(_)
            | Kind::Agent(_)
            | Kind::Command(_)
            | Kind::Outcome(_)
            | Kind::DeployObserved
            | Kind::DeploySmoked
            | Kind::ConductorStep
            | Kind::GithubOutage
            | Kind::DueTick
            | Kind::DueDeadline
            | Kind::BusFilling
            | Kind::BusRelieved
            | Kind::BusRestored
            | Kind::BusGap
            | Kind::TraceTurn,
            _,
        ) => None,
    })
}

#[cfg(test)]
mod tests {
    use bus::{Envelope, RecordId};
    use proptest::prelude::*;
    use time::OffsetDateTime;

    use super::*;
    use crate::text::is_storable;

    fn fold(subject: &str, body: Vec<u8>) -> Folded {
        let epoch = Epoch::from("e".to_owned());
        let epochs = Arc::new(Epochs::default().with(&epoch, &Lineage::default()));
        Fold::new(epochs, &epoch, Lineage::default()).fold(&Sequenced {
            sequence: 7,
            subject: subject.to_owned(),
            headers: async_nats::HeaderMap::new(),
            body: body.into(),
            stored_at: OffsetDateTime::UNIX_EPOCH,
        })
    }

    fn envelope(type_name: &str, data: serde_json::Value) -> Vec<u8> {
        let id = RecordId::of_delivery("x");
        serde_json::to_vec(&Envelope::new(id, type_name, "/x", OffsetDateTime::UNIX_EPOCH, data)).unwrap()
    }

    #[test]
    fn every_kind_of_the_catalogue_is_folded_or_left_to_log() {
        for kind in Kind::all() {
            let (subject, expected) = match kind {
                Kind::Github(event) => (format!("rig.evt.github.acme.site.{}", event.name()), true),
                Kind::Work(kind) => (format!("rig.evt.work.acme.site.4.{}", kind.name()), false),
                Kind::Agent(kind) => (format!("rig.evt.agent.dev-e.{}", kind.name()), false),
                Kind::Command(verb) => (format!("rig.cmd.github.acme.site.{}", verb.name()), false),
                Kind::Outcome(verb) => (format!("rig.evt.outcome.github.{}", verb.name()), false),
                Kind::DeployObserved => ("rig.evt.deploy.acme.site.observed".to_owned(), false),
                Kind::DeploySmoked => ("rig.evt.deploy.acme.site.smoked".to_owned(), false),
                Kind::ConductorStep => ("rig.evt.conductor.step".to_owned(), false),
                Kind::GithubOutage => ("rig.evt.github._._.outage".to_owned(), false),
                Kind::ChatSaid => ("rig.evt.chat.r.operator.w".to_owned(), true),
                Kind::DeadParked | Kind::DeadRetried => ("rig.evt.dead.c".to_owned(), true),
                Kind::DueTick => ("rig.evt.due.tick".to_owned(), false),
                Kind::DueDeadline => ("rig.evt.due.deadline".to_owned(), false),
                Kind::BusFilling => ("rig.evt.bus.filling".to_owned(), false),
                Kind::BusRelieved => ("rig.evt.bus.relieved".to_owned(), false),
                Kind::BusRestored => ("rig.evt.bus.restored".to_owned(), false),
                Kind::BusGap => ("rig.evt.bus.gap".to_owned(), false),
                Kind::TraceTurn => unreachable!("LOG holds none"),
            };
            let data = serde_json::json!({
                "say": "s", "room": "r", "who": "w", "event": "e", "delivery": "d", "payload": {}, "consumer": "c",
                "sequence": 1, "subject": "s", "deliveries": 1, "errors": [], "dead": RecordId::of_delivery("y"),
            });
            let folded = fold(&subject, envelope(kind.type_name(), data));
            assert_eq!((folded.derived.is_some(), folded.log.refused), (expected, None), "{}", kind.type_name());
        }
    }

    #[test]
    fn a_type_of_a_later_version_is_left_to_log() {
        let folded = fold("rig.evt.chat.r.operator.w", envelope("rig.chat.said.v2", serde_json::json!({"words": []})));
        assert!(folded.derived.is_none() && folded.log.refused.is_none() && folded.log.id.is_some());
    }

    #[test]
    fn a_type_that_holds_what_a_column_refuses_is_shown() {
        let folded = fold("rig.evt.chat.r.operator.w", envelope("rig.chat.\0.v1", serde_json::json!({})));
        assert_eq!(folded.log.type_name.as_deref(), Some("rig.chat.\u{fffd}.v1"));
    }

    proptest! {
        #[test]
        fn whatever_is_in_it_a_record_has_a_row_that_every_column_takes(
            subject in "(rig\\.evt\\.(chat\\.r\\.operator\\.w|github\\.a\\.b\\.issues|dead\\.c))|\\PC*",
            type_name in "(rig\\.chat\\.said\\.v1|rig\\.github\\.issues\\.v1|rig\\.dead\\.parked\\.v1)|.*",
            text in any::<String>(),
            bytes in prop::option::of(prop::collection::vec(any::<u8>(), 0..60)),
        ) {
            let data = serde_json::json!({ "say": text, "room": "r", "who": "w", "event": text, "delivery": text });
            let folded = fold(&subject, bytes.unwrap_or_else(|| envelope(&type_name, data)));
            let texts = [Some(folded.log.subject), folded.log.type_name, folded.log.refused];
            prop_assert!(texts.iter().flatten().all(|text| is_storable(text.as_bytes())));
            prop_assert_eq!((folded.number, folded.log.place), (7, Place { epoch: 1, sequence: 7 }));
        }
    }
}
