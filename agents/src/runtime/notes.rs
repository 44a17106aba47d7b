//! What a run keeps with the conductor (`rig.svc.run.save`, `load`): at which turn it is, what it said in that turn, and
//! what its brain asked to have kept. A replica that goes on after a kill begins that turn again; it says nothing a second
//! time, and its brain is given back what it kept.
//!
//! It saves words and turns. Where it cannot be kept or had, the run goes on from the branch alone, and tells the log.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bus::{
    catalogue::agent::Fence,
    connect::Connection,
    service::{
        self,
        run::{self, Done, Kept, Load, Save},
    },
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How long one answer may take.
const WITHIN: Duration = Duration::from_secs(2);

/// What is kept, as JSON.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Noted {
    /// The turn that goes on; 0 before the first one, and for the next run when this one ended at a limit.
    turn: u32,
    /// What was said in it.
    said: Vec<String>,
    /// What the brain keeps.
    brain: Value,
}

/// What a run keeps.
pub(crate) struct Notes<'a> {
    connection: &'a Connection,
    fence: Fence,
    now: Mutex<Noted>,
    /// What an earlier replica said in the turn that is taken again, and this one has not come to yet.
    said_before: Mutex<Vec<String>>,
}

impl<'a> Notes<'a> {
    pub(crate) fn new(connection: &'a Connection, fence: Fence) -> Self {
        Self { connection, fence, now: Mutex::default(), said_before: Mutex::default() }
    }

    /// Takes over what was kept of this task, by this run or one that was killed.
    pub(crate) async fn recall(&self) {
        let load = Load { fence: self.fence };
        let kept: Result<Kept, _> = service::ask(self.connection, &run::load(), &load, WITHIN).await;
        let kept = kept.inspect_err(|error| tracing::warn!(%error, "what a run kept could not be had"));
        let noted: Noted = kept.ok().and_then(|kept| serde_json::from_value(kept.state).ok()).unwrap_or_default();
        lock(&self.said_before).clone_from(&noted.said);
        *lock(&self.now) = noted;
    }

    /// How many turns were taken to their end.
    pub(crate) fn taken(&self) -> u32 {
        lock(&self.now).turn.saturating_sub(1)
    }

    /// What the brain keeps.
    pub(crate) fn brain(&self) -> Value {
        lock(&self.now).brain.clone()
    }

    /// What was said in this turn.
    pub(crate) fn said(&self) -> Vec<String> {
        lock(&self.now).said.clone()
    }

    /// A turn begins.
    pub(crate) async fn begins(&self, turn: u32) {
        let begins = {
            let mut now = lock(&self.now);
            let before = now.turn;
            if before != turn {
                (now.turn, now.said) = (turn, Vec::new());
                lock(&self.said_before).clear();
            }
            before < turn
        };
        // Of a first turn in which nothing was said there is nothing to know.
        if begins && turn > 1 {
            self.save().await;
        }
    }

    /// Whether a replica that was killed said this in this turn already; it counts once.
    pub(crate) fn was_said(&self, words: &str) -> bool {
        let mut before = lock(&self.said_before);
        let at = before.iter().position(|said| said == words);
        at.map(|at| before.remove(at)).is_some()
    }

    /// This was said, and is stored.
    pub(crate) async fn says(&self, words: String) {
        lock(&self.now).said.push(words);
        self.save().await;
    }

    /// The brain wants this kept.
    pub(crate) async fn keeps(&self, state: Value) {
        lock(&self.now).brain = state;
        self.save().await;
    }

    /// The run ended at a limit: another one goes on from it, with turns of its own.
    pub(crate) async fn hands_on(&self) {
        {
            let mut now = lock(&self.now);
            (now.turn, now.said) = (0, Vec::new());
        }
        self.save().await;
    }

    /// The run ended for good: nobody goes on from it.
    pub(crate) async fn forgets(&self) {
        *lock(&self.now) = Noted::default();
        self.keep(Value::Null).await;
    }

    async fn save(&self) {
        let noted = serde_json::to_value(&*lock(&self.now)).unwrap_or_default();
        self.keep(noted).await;
    }

    async fn keep(&self, state: Value) {
        let save = Save { fence: self.fence, state };
        let kept: Result<Done, _> = service::ask(self.connection, &run::save(), &save, WITHIN).await;
        if let Err(error) = kept {
            tracing::warn!(%error, run = %self.fence.run, "what a run keeps could not be kept");
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
