//! The fence: whoever leads writes behind its own last step record, and nobody else does.
//!
//! Each batch begins with a step record and is refused unless the last step record in LOG is the one that its writer
//! wrote. So two who take themselves for the leader never both write. After a refusal, and after an answer that was
//! lost, the record that stands there decides: the id tells whose it is. A term alone would not, since two who take over
//! at once write the same.

use std::time::Duration;

use bus::{
    Draft, Envelope, RecordId, Subject, Trust,
    catalogue::{Kind, conductor::Step},
    connect::Connection,
    envelope::now,
    publish::fenced,
    read::{Which, lookup},
};

use super::{
    Error,
    input::{self, Fenced},
    write::SOURCE,
};

/// Where step records stand.
pub(super) const SUBJECT: &str = "rig.evt.conductor.step";

/// How long to wait before the server is asked again.
const PAUSE: Duration = Duration::from_millis(100);

/// The right to write, as long as nobody takes it.
pub(super) struct Fence {
    connection: Connection,
    /// Unlike anybody's.
    leadership: RecordId,
    term: u64,
    /// The last step record.
    last: u64,
    /// Its identity.
    id: RecordId,
    /// The position that it tells.
    through: u64,
}

/// How an attempt ended.
enum Attempt {
    Stored(u64),
    Again,
}

impl Fence {
    /// Takes over behind this step record; refused where another one is the last.
    pub(super) async fn take(connection: &Connection, last: Option<Fenced>) -> Result<Self, Error> {
        let leadership = RecordId::new();
        let mut fence = Self {
            connection: connection.clone(),
            leadership,
            id: leadership,
            term: last.map_or(0, |step| step.term) + 1,
            last: last.map_or(0, |step| step.sequence),
            through: 0,
        };
        fence.store(last.map_or(0, |step| step.through), Vec::new()).await?;
        Ok(fence)
    }

    /// The term.
    pub(super) const fn term(&self) -> u64 {
        self.term
    }

    /// The last step record.
    pub(super) const fn last(&self) -> u64 {
        self.last
    }

    /// The position that was stored last.
    pub(super) const fn through(&self) -> u64 {
        self.through
    }

    /// Stores a position with what was said up to there: all of it or nothing. Returns the number of the step record,
    /// which the others follow. Waits for a server that is away, and for room.
    pub(super) async fn store(&mut self, through: u64, said: Vec<Draft>) -> Result<u64, Error> {
        let step = self.draft(through)?;
        let id = step.id;
        let batch: Vec<Draft> = std::iter::once(step).chain(said).collect();
        loop {
            match self.attempt(id, &batch).await? {
                Attempt::Stored(sequence) => {
                    (self.last, self.id, self.through) = (sequence, id, through);
                    return Ok(sequence);
                }
                Attempt::Again => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    /// The last step record, as it stands.
    pub(super) const fn step(&self) -> Fenced {
        Fenced { sequence: self.last, id: self.id, term: self.term, through: self.through }
    }

    fn draft(&self, through: u64) -> Result<Draft, Error> {
        let id = self.leadership.named(&self.last.to_string());
        let step = Step { say: format!("decided up to {through}"), term: self.term, through };
        let mut envelope = Envelope::new(id, Kind::ConductorStep.type_name(), SOURCE, now(), step);
        envelope.trust = Trust::Operator;
        Draft::new(Subject::ConductorStep, &envelope).map_err(Error::Unwritable)
    }

    async fn attempt(&self, id: RecordId, batch: &[Draft]) -> Result<Attempt, Error> {
        let refused = match fenced::store(&self.connection, self.last, batch).await {
            Ok(sequence) => return Ok(Attempt::Stored(sequence)),
            Err(refused) => refused,
        };
        let stands = last_step(&self.connection).await?;
        match (stands, refused) {
            (Some(step), _) if step.id == id => Ok(Attempt::Stored(step.sequence)),
            (step, refused) if step.map_or(0, |step| step.sequence) == self.last => match refused {
                fenced::Error::Refused { .. } => Err(Error::Refused(refused)),
                refused => {
                    tracing::warn!(%refused, "what was decided is not stored yet; it is tried again");
                    Ok(Attempt::Again)
                }
            },
            (step, _) => Err(Error::Superseded { term: self.term, by: step.map_or(0, |step| step.term) }),
        }
    }
}

/// The last step record, as the stream's leader knows it. Waits for a server that is away.
pub(super) async fn last_step(connection: &Connection) -> Result<Option<Fenced>, Error> {
    loop {
        match lookup(&connection.jetstream(), Which::Last(SUBJECT)).await {
            Ok(found) => return found.as_ref().map(input::fenced).transpose(),
            Err(error) if error.is_passing() => {
                tracing::debug!(%error, "the last step record cannot be looked up yet");
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => return Err(Error::Stream(error)),
        }
    }
}
