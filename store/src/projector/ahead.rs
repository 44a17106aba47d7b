//! Reading and folding the next records while the last ones are being committed.

use std::sync::Arc;

use bus::read::{self, Batch, Reader};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    task::JoinSet,
};

use super::fold::{Fold, Folded};

/// What is taken from the reader at once.
const AT_ONCE: Batch = Batch { records: 256, bytes: 1 << 20 };

/// How many bytes of records may wait to be written. A larger record waits alone.
const ROOM: usize = 16 << 20;

/// What a record takes beside its body.
const OVERHEAD: usize = 1 << 10;

/// What is committed at once at most, one group beyond included.
const MOST: Batch = Batch { records: 1024, bytes: 8 << 20 };

/// Records on their way to the writer.
pub(crate) struct Ahead {
    groups: mpsc::Receiver<Result<Group, read::Error>>,
    /// Why no more will come, while what came before is still being taken.
    ended: Option<read::Error>,
    _task: JoinSet<()>,
}

/// Folded records, and the room they take until they are dropped.
pub(crate) struct Group {
    pub(crate) records: Vec<Folded>,
    bytes: usize,
    room: Vec<OwnedSemaphorePermit>,
}

impl Ahead {
    /// Begins to read.
    pub(crate) fn start(reader: Reader, fold: Fold) -> Self {
        let (sender, groups) = mpsc::channel(ROOM / AT_ONCE.bytes);
        let mut task = JoinSet::new();
        task.spawn(read(reader, fold, sender));
        Self { groups, ended: None, _task: task }
    }

    /// The next records: at least one, and what is at hand with it. May be dropped while it waits.
    pub(crate) async fn next(&mut self) -> Result<Group, read::Error> {
        if let Some(error) = self.ended.take() {
            return Err(error);
        }
        let mut group = match self.groups.recv().await {
            Some(group) => group?,
            // The task ends only after it has told why; this waits for whoever cancels.
            None => std::future::pending().await,
        };
        while group.records.len() < MOST.records && group.bytes < MOST.bytes {
            match self.groups.try_recv() {
                Ok(Ok(more)) => group.append(more),
                Ok(Err(error)) => {
                    self.ended = Some(error);
                    break;
                }
                Err(_) => break,
            }
        }
        Ok(group)
    }
}

impl Group {
    fn append(&mut self, mut more: Self) {
        self.records.append(&mut more.records);
        self.room.append(&mut more.room);
        self.bytes += more.bytes;
    }
}

async fn read(mut reader: Reader, fold: Fold, groups: mpsc::Sender<Result<Group, read::Error>>) {
    let room = Arc::new(Semaphore::new(ROOM));
    loop {
        let group = match reader.next_batch(AT_ONCE).await {
            Ok(records) => {
                let bytes: usize = records.iter().map(|record| record.body.len() + OVERHEAD).sum();
                let permits = u32::try_from(bytes.min(ROOM)).unwrap_or(u32::MAX);
                let Ok(permit) = Arc::clone(&room).acquire_many_owned(permits).await else { return };
                let records = records.iter().map(|record| fold.fold(record)).collect();
                Ok(Group { records, bytes, room: vec![permit] })
            }
            Err(error) => Err(error),
        };
        let ended = group.is_err();
        if groups.send(group).await.is_err() || ended {
            return;
        }
    }
}
