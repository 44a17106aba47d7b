//! Alarms: the waits of items, set in CLOCK beside the decisions and never in their way.
//!
//! The state holds the truth, and the tick finds every wait that is over. So an alarm that could not be set, or that was
//! lost when a conductor died, costs at most the time to the next tick. A long wait has none: each alarm is flushed to
//! the disk that the decisions wait for, and there a tick more is nothing. A wait that became longer keeps its alarm: when
//! it rings for nothing, the next is set.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bus::{catalogue::due::Deadline, clock, connect::Connection, number::ItemKey};
use futures::{StreamExt, stream};
use tokio::{sync::Notify, task::JoinSet};

use super::write::SOURCE;
use crate::machine::State;

/// What is due, in the alarms of items.
const WHAT: &str = "wait";

/// The longest wait that has an alarm.
const NEAR: Duration = clock::TICK.saturating_mul(4);

/// How many are set at once.
const AT_ONCE: usize = 16;

/// How long to wait after one could not be set.
const PAUSE: Duration = Duration::from_secs(1);

/// Alarms that wait to be set: the last one of each item.
#[derive(Default)]
struct Waiting {
    deadlines: Mutex<BTreeMap<ItemKey, Deadline>>,
    more: Notify,
}

/// Sets alarms as long as it lives.
pub(super) struct Alarms {
    waiting: Arc<Waiting>,
    _task: JoinSet<()>,
}

impl Alarms {
    pub(super) fn start(connection: &Connection) -> Self {
        let waiting = Arc::<Waiting>::default();
        let mut task = JoinSet::new();
        task.spawn(set_all(connection.clone(), Arc::clone(&waiting)));
        Self { waiting, _task: task }
    }

    /// Has the alarms of these items set as the items stand now.
    pub(super) fn set(&self, state: &State, items: impl IntoIterator<Item = ItemKey>) {
        let due = items.into_iter().filter_map(|key| Some((key, deadline(state, key)?)));
        self.waiting.lock().extend(due);
        self.waiting.more.notify_one();
    }
}

impl Waiting {
    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<ItemKey, Deadline>> {
        self.deadlines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> BTreeMap<ItemKey, Deadline> {
        std::mem::take(&mut *self.lock())
    }

    /// Puts one back that could not be set, unless there is a newer one.
    fn put_back(&self, key: ItemKey, deadline: Deadline) {
        self.lock().entry(key).or_insert(deadline);
    }
}

fn deadline(state: &State, key: ItemKey) -> Option<Deadline> {
    let course = &state.items.get(&key)?.course;
    let due_at = course.standing.until().filter(|until| *until <= state.now + NEAR)?;
    let item = state.name_of(key);
    Some(Deadline {
        say: format!("{item} has waited long enough"),
        item,
        key: Some(key),
        what: WHAT.to_owned(),
        generation: course.generation.into(),
        due_at,
    })
}

async fn set_all(connection: Connection, waiting: Arc<Waiting>) {
    let js = connection.jetstream();
    loop {
        let due = waiting.take();
        if due.is_empty() {
            waiting.more.notified().await;
            continue;
        }
        let failed = stream::iter(due)
            .map(|(key, deadline)| {
                let js = js.clone();
                async move { clock::set(&js, SOURCE, &deadline).await.err().map(|error| (key, deadline, error)) }
            })
            .buffer_unordered(AT_ONCE)
            .filter_map(async |failed| failed);
        let failed: Vec<_> = failed.collect().await;
        if let Some((key, _, error)) = failed.first() {
            tracing::warn!(%error, ?key, count = failed.len(), "alarms could not be set; the tick stands in for them");
            tokio::time::sleep(PAUSE).await;
        }
        for (key, deadline, _) in failed {
            waiting.put_back(key, deadline);
        }
    }
}
