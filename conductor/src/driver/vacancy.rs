//! Whether anybody leads.
//!
//! The leader answers a question that nobody else does. Where it was killed the server says at once that nobody
//! listens; where it hangs, no answer comes. A mistake costs nothing but a change of leaders: the fence holds, whoever
//! takes himself for one.

use std::time::Duration;

use bus::{
    connect::Connection,
    service::{self, run},
};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, MissedTickBehavior},
};

/// Looks for a leader as long as it lives.
pub(super) struct Vacancy {
    vacant: watch::Receiver<bool>,
    _task: JoinSet<()>,
}

impl Vacancy {
    /// Calls the lead vacant when nobody answered for this long.
    pub(super) fn watch(connection: &Connection, patience: Duration) -> Self {
        let (sender, vacant) = watch::channel(false);
        let mut task = JoinSet::new();
        task.spawn(look(connection.clone(), patience, sender));
        Self { vacant, _task: task }
    }

    /// Waits until nobody leads. May be dropped while it waits.
    pub(super) async fn wait(&mut self) {
        if self.vacant.wait_for(|vacant| *vacant).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

async fn look(connection: Connection, patience: Duration, vacant: watch::Sender<bool>) {
    let every = (patience / 4).max(Duration::from_millis(10));
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut silent_since: Option<Instant> = None;
    loop {
        ticks.tick().await;
        let asked = Instant::now();
        match service::ask::<_, run::Leader>(&connection, &run::leader(), &(), every.max(SLOWEST)).await {
            Err(service::Error::Nobody(_) | service::Error::Late { .. }) if connection.is_up() => {
                let silent = *silent_since.get_or_insert(asked);
                vacant.send_replace(silent.elapsed() >= patience);
            }
            // Somebody leads, or nobody can tell.
            _ => {
                silent_since = None;
                vacant.send_replace(false);
            }
        }
    }
}

/// How long a leader may take to answer.
const SLOWEST: Duration = Duration::from_millis(500);
