//! Groups of records, from the queue to the stream.

use std::{collections::HashSet, num::NonZeroUsize, time::Duration};

use futures::future::join_all;
use lru::LruCache;
use tokio::{
    sync::{OwnedSemaphorePermit, mpsc, oneshot},
    time::Instant,
};

use super::{
    Error, Options, Stored,
    attempt::{self, Failure},
};
use crate::{connect::Connection, id::RecordId, record::Draft};

/// The most bytes in one group: a batch is held in the server's memory until it is committed.
const GROUP_BYTES: usize = 8 << 20;

/// Up to this many records go each by itself, all at once: what the server does for a batch of any size takes as long as
/// flushing this many (`docs/numbers.md`).
const FEW: usize = 16;

/// Ids remembered as stored, so that a record which comes again does not spoil a whole group.
const STORED_IDS: NonZeroUsize = NonZeroUsize::new(8192).expect("it is not zero");

/// How long to wait before a group is tried again while the server is up but does not take it.
const PAUSE: Duration = Duration::from_millis(50);

/// A record on its way, with who waits for it.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) draft: Draft,
    pub(super) reply: oneshot::Sender<Result<Stored, Error>>,
    pub(super) deadline: Instant,
    pub(super) wait: Duration,
    pub(super) _room: OwnedSemaphorePermit,
}

/// Takes records from the queue and commits them in groups, one group in flight.
pub(super) struct Committer {
    connection: Connection,
    options: Options,
    stored: LruCache<RecordId, ()>,
}

impl Committer {
    pub(super) fn new(connection: Connection, options: Options) -> Self {
        Self { connection, options, stored: LruCache::new(STORED_IDS) }
    }

    pub(super) async fn run(mut self, mut queue: mpsc::Receiver<Pending>) {
        while let Some(first) = queue.recv().await {
            // Let every publisher that was just answered queue its next record, so that groups stay whole.
            tokio::task::yield_now().await;
            for group in self.groups(first, &mut queue) {
                self.commit(group).await;
            }
        }
    }

    /// The records at hand, as groups that the server may take whole: none holds an id twice or a known one.
    fn groups(&self, first: Pending, queue: &mut mpsc::Receiver<Pending>) -> Vec<Vec<Pending>> {
        let mut groups = vec![Vec::new()];
        let mut ids = HashSet::new();
        let mut bytes = 0;
        let mut next = Some(first);
        let mut count = 0;
        let most = if self.options.batches { self.options.group } else { FEW };
        while let Some(pending) = next {
            bytes += pending.draft.body.len();
            count += 1;
            let id = pending.draft.id;
            let alone = self.options.batches && (self.stored.contains(&id) || !ids.insert(id));
            place(&mut groups, pending, alone);
            next = (count < most && bytes < GROUP_BYTES).then(|| queue.try_recv().ok()).flatten();
        }
        groups.retain(|group| !group.is_empty());
        groups
    }

    /// Commits a group, halving it where one of its records stands in the way, until each is stored or answered.
    async fn commit(&mut self, group: Vec<Pending>) {
        let mut todo = vec![group];
        while let Some(group) = todo.pop() {
            let group = drop_expired(group);
            let later = if self.options.batches && group.len() > FEW {
                self.commit_batch(group, &mut todo).await
            } else {
                self.commit_each(group).await
            };
            if !later.is_empty() {
                self.wait_for_server(&later).await;
                todo.push(later);
            }
        }
    }

    /// All in one flush; gives back what is to be tried later.
    async fn commit_batch(&mut self, group: Vec<Pending>, todo: &mut Vec<Vec<Pending>>) -> Vec<Pending> {
        match attempt::store(&self.connection, &group).await {
            Ok(answers) => {
                for (pending, stored) in group.into_iter().zip(answers) {
                    self.answer(pending, stored);
                }
            }
            Err(Failure::Later) => return group,
            Err(Failure::Final(_) | Failure::HoldsStored) => halve(group, todo),
        }
        Vec::new()
    }

    /// Each in a flush of its own, all on their way at once; gives back what is to be tried later.
    ///
    /// They are sent in their order because this few futures are polled in their order.
    async fn commit_each(&mut self, group: Vec<Pending>) -> Vec<Pending> {
        let attempts = group.iter().map(|pending| attempt::store_one(&self.connection, pending));
        let outcomes = join_all(attempts).await;
        let mut later = Vec::new();
        for (pending, outcome) in group.into_iter().zip(outcomes) {
            match outcome {
                Ok(stored) => self.answer(pending, stored),
                Err(Failure::Later | Failure::HoldsStored) => later.push(pending),
                Err(Failure::Final(error)) => drop(pending.reply.send(Err(error))),
            }
        }
        later
    }

    fn answer(&mut self, pending: Pending, stored: Stored) {
        self.stored.put(pending.draft.id, ());
        let _ = pending.reply.send(Ok(stored));
    }

    async fn wait_for_server(&self, group: &[Pending]) {
        let Some(deadline) = group.iter().map(|pending| pending.deadline).min() else {
            return;
        };
        let mut link = self.connection.link();
        let back = async {
            tokio::time::sleep(PAUSE).await;
            let _ = link.wait_for(|link| link.up).await;
        };
        let _ = tokio::time::timeout_at(deadline, back).await;
    }
}

fn place(groups: &mut Vec<Vec<Pending>>, pending: Pending, alone: bool) {
    if alone {
        groups.extend([vec![pending], Vec::new()]);
    } else if let Some(last) = groups.last_mut() {
        last.push(pending);
    }
}

/// Answers those whose time is up, and those nobody waits for any more.
fn drop_expired(group: Vec<Pending>) -> Vec<Pending> {
    let now = Instant::now();
    let (kept, expired): (Vec<_>, Vec<_>) = group.into_iter().partition(|pending| pending.deadline > now);
    for pending in expired {
        let _ = pending.reply.send(Err(Error::Unreachable(pending.wait)));
    }
    kept
}

/// The second half waits below the first, so that order is kept.
fn halve(mut group: Vec<Pending>, todo: &mut Vec<Vec<Pending>>) {
    let second = group.split_off(group.len().div_ceil(2));
    todo.push(second);
    todo.push(group);
}
