//! The driver: LOG in, the machine, LOG out. The machine decides, the driver carries.
//!
//! All inputs at hand are decided together and stored as one atomic batch that begins with a step record: `{term,
//! through}`. What was said, the position and the fence commit together or not at all. So there is no moment at which a
//! kill loses or doubles anything: an input either lies beyond the last stored position, and is decided by whoever goes
//! on, or below it, and then what was said to it stands in LOG and is taken over as it stands, whatever a newer version
//! or other rules would say today.
//!
//! Several conductors may run. One leads; the others follow, and one of them takes over when the leader is gone
//! (`vacancy`). That only one of them decides does not hang on their noticing each other: the stream refuses whoever is
//! not the last one who took over (`fence`).

mod alarm;
mod answer;
mod batch;
mod fence;
mod fold;
mod follow;
mod health;
mod input;
mod keep;
mod lead;
mod past;
mod snapshot;
mod vacancy;
mod write;

use std::{sync::Arc, time::Duration};

use bus::{
    Sequenced,
    connect::Connection,
    publish::fenced,
    read::{self, Reader, Start},
    service,
    stream::{self, LogState},
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::machine::{Record, Rules};
use fold::Fold;
use follow::Follower;
pub use health::{Report, Role};
use input::{Eye, Places};
pub use past::{Known, known_at, known_under};
use snapshot::Kept;

/// How long to wait before LOG is looked for again.
const PAUSE: Duration = Duration::from_millis(200);

/// How a driver behaves.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// For how long nobody may say that he leads before this one takes over. A leader that loses its connection needs
    /// more than a second to be back.
    pub patience: Duration,
    /// After how many records of LOG a leader keeps a snapshot again.
    pub snapshot_every: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { patience: Duration::from_secs(2), snapshot_every: 50_000 }
    }
}

/// Why a conductor ended, by what its starter does next.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Start it again: it follows then.
    #[error("another conductor took over: this one led term {term}, LOG is in term {by}")]
    Superseded {
        /// The term that ended.
        term: u64,
        /// The term that goes on.
        by: u64,
    },
    /// Start it again: the connection was closed for good.
    #[error("the connection to the channel was closed")]
    Closed,
    /// LOG was made anew or lost its tail: start it again, and it folds what is there.
    #[error("LOG cannot be read on")]
    Read(#[from] read::Error),
    /// The server refuses to tell how LOG stands.
    #[error("LOG cannot be looked at")]
    Stream(#[from] stream::Error),
    /// The server lets this user serve nothing.
    #[error("the conductor cannot be asked")]
    Service(#[from] service::Error),
    /// A person has to look: what was decided cannot be stored as it is.
    #[error("what was decided cannot be stored")]
    Refused(#[source] fenced::Error),
    /// A person has to look: somebody else wrote where only conductors write.
    #[error("record {sequence} of LOG stands where only conductors write, and is no step: {reason}")]
    Foreign {
        /// Its number.
        sequence: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// A fault of ours: what was decided cannot be written as JSON.
    #[error("what was decided cannot be written as JSON")]
    Unwritable(#[source] serde_json::Error),
}

/// A conductor. `R` reads a record of LOG as the machine's: total, and the same each time.
pub struct Driver<R> {
    connection: Connection,
    rules: Arc<Rules>,
    settings: Settings,
    read: R,
    report: watch::Sender<Report>,
}

impl<R: Fn(&Sequenced) -> Record + Clone + Send + Sync + 'static> Driver<R> {
    /// A conductor under these rules. `connection` is a user's who has JetStream; its server may come later.
    #[must_use]
    pub fn new(connection: &Connection, rules: Rules, settings: Settings, read: R) -> Self {
        let report = watch::Sender::new(Report::default());
        Self { connection: connection.clone(), rules: Arc::new(rules), settings, read, report }
    }

    /// How it is, from now on.
    #[must_use]
    pub fn report(&self) -> watch::Receiver<Report> {
        self.report.subscribe()
    }

    /// Follows, takes over, decides; until `cancel`, or until it cannot go on.
    ///
    /// It may be dropped or killed at any moment: what is not stored was not decided.
    ///
    /// # Errors
    /// Says what its starter does next.
    pub async fn run(self, cancel: CancellationToken) -> Result<(), Error> {
        tokio::select! {
            ended = self.work() => ended,
            () = cancel.cancelled() => Ok(()),
        }
    }

    async fn work(self) -> Result<(), Error> {
        let Self { connection, rules, settings, read, report } = self;
        let log = log(&connection).await?;
        let kept = snapshot::load(&connection, &rules, &log).await;
        let start = kept.as_ref().map_or(log.first, |kept| kept.step.through + 1);
        let reader = open(&connection, Start::Sequence(start)).await?;
        if *reader.epoch() != log.epoch {
            return Err(read::Error::Epoch { known: log.epoch, found: reader.epoch().clone() }.into());
        }
        report.send_modify(|report| report.from = start);
        let places = Arc::new(Places::of(&reader));
        let fold = Fold::new(rules, Arc::clone(&places));
        let (fold, ids) = match kept {
            Some(Kept { step, last, ids, state, .. }) => (fold.kept(state, step, last), ids),
            None => (fold, Vec::new()),
        };
        let eye = Eye::new(read, places, ids);
        let follower = Follower::new(connection, reader, eye, fold, report);
        follower.take_over(&settings).await?.run().await
    }
}

/// How LOG stands. Waits for a server that is away, and for LOG to be made.
async fn log(connection: &Connection) -> Result<LogState, Error> {
    loop {
        match stream::log_state(&connection.jetstream()).await {
            Err(error) if error.is_passing() => {
                tracing::debug!(%error, "LOG cannot be read yet");
                tokio::time::sleep(PAUSE).await;
            }
            state => return Ok(state?),
        }
    }
}

/// Begins to read. Waits for a server that is away.
async fn open(connection: &Connection, start: Start) -> Result<Reader, Error> {
    loop {
        match Reader::open(connection, start.clone(), &[]).await {
            Err(read::Error::Stream(error)) if error.is_passing() => {
                tracing::debug!(%error, "LOG cannot be read yet");
                tokio::time::sleep(PAUSE).await;
            }
            reader => return Ok(reader?),
        }
    }
}
