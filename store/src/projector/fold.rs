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
    epoch: Epoch,
    lineage: Lineage,
}

impl Fold {
    /// The epochs know LOG's own and those of its lineage.
    pub(crate) const fn new(epochs: Arc<Epochs>, epoch: Epoch, lineage: Lineage) -> Self {
        Self { epochs, epoch, lineage }
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
            None => (self.epochs.ordinal(&self.epoch), number),
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
            | Kind::GithubOutage
            | Kind::DueTick
            | Kind::DueDeadline
            | Kind::BusFilling
            | Kind::BusRelieved
            | Kind::BusRestored
            | Kind::BusGap,
            _,
        ) => None,
    })
}
