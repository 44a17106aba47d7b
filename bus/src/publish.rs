//! Publishing: nothing is fire-and-forget.
//!
//! [`Publisher::publish`] returns when the stream has flushed the record, or says why not. Under load records travel in
//! groups, one on its way at a time: a large one as an atomic batch with one flush, which is what makes flushing
//! affordable; a small one as single records sent at once, since a batch has a price of its own. While the server is away
//! records wait in bounded memory.
//!
//! The races this file is about: an acknowledgement that was lost (the group is sent again, under the same ids, and the
//! server answers that it holds them), and a group in which one id is already stored (the server refuses it whole; it is
//! halved until the stored one stands alone and is answered as a duplicate).

mod attempt;
mod dedup;
pub mod fenced;
mod group;

use std::{sync::Arc, time::Duration};

pub use dedup::DedupKey;
use tokio::{
    sync::{Semaphore, mpsc, oneshot},
    task::JoinSet,
    time::Instant,
};

use crate::{connect::Connection, record::Draft};
use group::{Committer, Pending};

/// Records that may wait at once, beside what [`Options::bytes_waiting`] allows.
const RECORDS_WAITING: usize = 8192;

/// How a publisher behaves.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Whether records may travel as atomic batches. VOICE and TRACE take none.
    pub batches: bool,
    /// How long a record may wait for the server before its publisher is told that it could not be stored.
    pub wait: Duration,
    /// How many bytes may wait at once. A publisher beyond that waits for room first.
    pub bytes_waiting: usize,
    /// The most records in one group.
    pub group: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { batches: true, wait: Duration::from_secs(30), bytes_waiting: 64 << 20, group: 256 }
    }
}

/// The stream has the record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stored {
    /// Its number in the stream.
    pub sequence: u64,
    /// Whether the stream had it before.
    pub duplicate: bool,
}

/// Why a record was not stored, by what its publisher does next.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// Later: the server was away, or did not answer. The record may have been stored; publish it again under its id.
    #[error("the channel did not confirm the record within {0:?}; it may come again under the same id")]
    Unreachable(Duration),
    /// Later, after room was made.
    #[error("the stream is full and keeps what it has; raise max_bytes and run `rig bus apply`")]
    Full,
    /// Never: the record is larger than the server takes.
    #[error("the record has {size} bytes and the server takes {most}")]
    TooLarge {
        /// Bytes of the record.
        size: usize,
        /// Bytes the server takes.
        most: usize,
    },
    /// Never: this user may not speak here, or the server found the record wrong.
    #[error("the server refused the record on `{subject}`: {reason}")]
    Refused {
        /// Where it should have stood.
        subject: String,
        /// The server's words.
        reason: String,
    },
    /// The publisher was stopped.
    #[error("the publisher was stopped before the record was stored")]
    Stopped,
}

/// Publishes records for one connection. Clones share its groups.
#[derive(Clone, Debug)]
pub struct Publisher {
    queue: mpsc::Sender<Pending>,
    room: Arc<Semaphore>,
    options: Options,
    most: usize,
    _committer: Arc<JoinSet<()>>,
}

impl Publisher {
    /// A publisher for this connection. It ends with its last clone.
    #[must_use]
    pub fn start(connection: &Connection, options: Options) -> Self {
        let (queue, waiting) = mpsc::channel(RECORDS_WAITING);
        let mut committer = JoinSet::new();
        committer.spawn(Committer::new(connection.clone(), options).run(waiting));
        Self {
            queue,
            room: Arc::new(Semaphore::new(options.bytes_waiting)),
            options,
            most: options.bytes_waiting.min(Semaphore::MAX_PERMITS),
            _committer: Arc::new(committer),
        }
    }

    /// Publishes one record; returns once the stream has flushed it.
    ///
    /// Records that one task publishes one after the other stand in that order.
    ///
    /// # Errors
    /// Says what its publisher can do next. After [`Error::Unreachable`] the record may be stored all the same.
    pub async fn publish(&self, draft: Draft) -> Result<Stored, Error> {
        let deadline = Instant::now() + self.options.wait;
        let stored = async { self.enqueue(draft, deadline).await?.await.map_err(|_| Error::Stopped)? };
        // Also when the server took the record and says nothing: its disk may be full, and then it never does.
        tokio::time::timeout_at(deadline, stored).await.unwrap_or(Err(Error::Unreachable(self.options.wait)))
    }

    async fn enqueue(
        &self,
        draft: Draft,
        deadline: Instant,
    ) -> Result<oneshot::Receiver<Result<Stored, Error>>, Error> {
        let size = draft.body.len();
        if size > self.most {
            return Err(Error::TooLarge { size, most: self.most });
        }
        let permits = u32::try_from(size).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.room).acquire_many_owned(permits).await.map_err(|_| Error::Stopped)?;
        let (reply, answer) = oneshot::channel();
        let pending = Pending { draft, reply, deadline, wait: self.options.wait, _room: room };
        self.queue.send(pending).await.map_err(|_| Error::Stopped)?;
        Ok(answer)
    }
}
