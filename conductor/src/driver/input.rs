//! What LOG holds, as the driver looks at it: inputs, what conductors wrote, and where they wrote behind a fence.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
};

use bus::{
    RecordId, Sequenced,
    catalogue::conductor::Step,
    lineage::Lineage,
    read::{Position, Reader},
    stream::Epoch,
};
use serde::{Deserialize, Serialize};

use super::Error;
use crate::machine::{Fact, Record};

/// How many ids of inputs are remembered.
const REMEMBERED: usize = 1 << 16;

/// One record of LOG.
#[derive(Debug)]
pub(super) enum Seen {
    /// A position and fence.
    Step(Fenced),
    /// What a conductor said.
    Own(Own),
    /// Everything else: what is decided about.
    Input(Input),
}

/// A step record that was stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Fenced {
    /// Its number.
    pub(super) sequence: u64,
    /// Its identity: of which conductor it is.
    pub(super) id: RecordId,
    /// The term.
    pub(super) term: u64,
    /// The last number that was decided, as LOG counts now.
    pub(super) through: u64,
}

/// What a conductor said.
#[derive(Debug)]
pub(super) struct Own {
    /// Its number.
    pub(super) sequence: u64,
    /// What it says.
    pub(super) record: Record,
}

/// What is decided about.
#[derive(Debug)]
pub(super) struct Input {
    /// Its number.
    pub(super) sequence: u64,
    /// The id in its envelope.
    pub(super) envelope: RecordId,
    /// What it says, under an id that no other input has.
    pub(super) record: Record,
}

impl Input {
    /// What stands among a conductor's words and was said by nobody who decides: a command that was handed out again, or
    /// one whose input LOG lost. It is decided about in its turn.
    pub(super) fn stray(own: Own, places: &Places) -> Self {
        let Own { sequence, record } = own;
        tracing::warn!(sequence, "a conductor's record has no input in LOG; it is taken for an input itself");
        let id = record.id.named(&places.name(sequence));
        Self { sequence, envelope: record.id, record: Record { id, ..record } }
    }
}

/// Where records were first stored: they keep this when LOG is restored.
pub(super) struct Places {
    epoch: Epoch,
    lineage: Lineage,
}

impl Places {
    pub(super) fn of(reader: &Reader) -> Self {
        Self { epoch: reader.epoch().clone(), lineage: reader.lineage().clone() }
    }

    /// LOG's life now.
    pub(super) const fn epoch(&self) -> &Epoch {
        &self.epoch
    }

    fn name(&self, sequence: u64) -> String {
        let Position { epoch, sequence } =
            self.lineage.origin(sequence).unwrap_or_else(|| Position { epoch: self.epoch.clone(), sequence });
        format!("{epoch}/{sequence}")
    }

    /// A step that was put back names a number of the life of LOG that it was written in.
    fn counted_now(&self, step: Fenced) -> Fenced {
        let Some(origin) = self.lineage.origin(step.sequence) else {
            return step;
        };
        let through = Position { epoch: origin.epoch, sequence: step.through };
        Fenced { through: self.lineage.number_of(&through).unwrap_or(step.sequence.saturating_sub(1)), ..step }
    }
}

/// Reads records. What it reads depends on the records before, and on nothing else.
pub(super) struct Eye<R> {
    read: R,
    places: Arc<Places>,
    seen: Ids,
}

impl<R: Fn(&Sequenced) -> Record> Eye<R> {
    /// An eye that has seen inputs with these ids, the oldest first.
    pub(super) fn new(read: R, places: Arc<Places>, ids: Vec<RecordId>) -> Self {
        let mut seen = Ids::default();
        for id in ids {
            seen.note(id);
        }
        Self { read, places, seen }
    }

    /// How it reads.
    pub(super) fn reading(&self) -> R
    where
        R: Clone,
    {
        self.read.clone()
    }

    /// The ids of the inputs that it saw, the oldest first.
    pub(super) fn ids(&self) -> impl Iterator<Item = RecordId> {
        self.seen.order.iter().copied()
    }

    pub(super) fn see(&mut self, stored: &Sequenced) -> Result<Seen, Error> {
        let sequence = stored.sequence;
        if stored.subject == super::fence::SUBJECT {
            return fenced(stored).map(|step| Seen::Step(self.places.counted_now(step)));
        }
        let record = (self.read)(stored);
        if is_own(&stored.subject) {
            return Ok(Seen::Own(Own { sequence, record }));
        }
        let envelope = record.id;
        let id = self.unlike_others(sequence, &record);
        Ok(Seen::Input(Input { sequence, envelope, record: Record { id, ..record } }))
    }

    /// What a record causes has an id derived from its own. But all ticks have one id, an alarm that is set again rings
    /// under the same, and GitHub redelivers days later. What these cause is not what the first one caused.
    fn unlike_others(&mut self, sequence: u64, record: &Record) -> RecordId {
        let rings = matches!(record.fact, Fact::Tick | Fact::Due(_));
        let is_new = self.seen.note(record.id);
        if is_new && !rings { record.id } else { record.id.named(&self.places.name(sequence)) }
    }
}

/// A step record, as it stands.
pub(super) fn fenced(stored: &Sequenced) -> Result<Fenced, Error> {
    let foreign = |reason: String| Error::Foreign { sequence: stored.sequence, reason };
    let (_, envelope) = stored.decode().map_err(|refusal| foreign(refusal.to_string()))?;
    let Step { say: _, term, through } = envelope.open().map_err(|error| foreign(error.to_string()))?;
    Ok(Fenced { sequence: stored.sequence, id: envelope.id, term, through })
}

/// Nobody outside the conductor may write here; that is the server's to hold.
fn is_own(subject: &str) -> bool {
    subject.starts_with("rig.evt.work.") || subject.starts_with("rig.cmd.")
}

/// The last ids, so that one that comes again is noticed.
#[derive(Default)]
struct Ids {
    order: VecDeque<RecordId>,
    known: HashSet<RecordId>,
}

impl Ids {
    /// Whether it was not there.
    fn note(&mut self, id: RecordId) -> bool {
        if !self.known.insert(id) {
            return false;
        }
        self.order.push_back(id);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }
}
