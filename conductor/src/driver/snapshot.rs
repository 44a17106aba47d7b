//! Snapshots of what is known: kept now and then, beside the decisions, by whoever leads.
//!
//! One is of use to those alone who would have folded the same: the same life of LOG, the same rules (which repositories
//! are looked after decides what is taken over), the same form of what is kept. Any other is left where it is, and LOG is
//! folded from its beginning.

use std::time::Duration;

use bus::{
    RecordId,
    connect::Connection,
    roles::Role,
    snapshot,
    stream::{Epoch, LogState},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::task::JoinSet;

use super::input::Fenced;
use crate::machine::{Rules, State};

/// Goes up whenever a record folded today gives another state than it did before.
const VERSION: u32 = 8;

/// How much zstd tries.
const LEVEL: i32 = 3;

/// How long a snapshot may take to be read before LOG is folded instead.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is kept.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    version: u32,
    rules: String,
    epoch: Epoch,
    /// The last step that is in it.
    pub(super) step: Fenced,
    /// The last number of what that step said.
    pub(super) last: u64,
    /// The ids of inputs that were seen.
    pub(super) ids: Vec<RecordId>,
    /// What was known.
    pub(super) state: State,
}

/// Keeps snapshots.
pub(super) struct Snapshots {
    connection: Connection,
    rules: String,
    epoch: Epoch,
    every: u64,
    /// Up to where the last one reached.
    reached: u64,
    writing: JoinSet<()>,
}

impl Snapshots {
    pub(super) fn new(connection: &Connection, rules: &Rules, epoch: &Epoch, every: u64, reached: u64) -> Self {
        let (connection, epoch, rules) = (connection.clone(), epoch.clone(), digest(rules));
        Self { connection, rules, epoch, every, reached, writing: JoinSet::new() }
    }

    /// Keeps what is known now, where enough came since the last time and that one is done.
    pub(super) fn keep(&mut self, step: Fenced, last: u64, ids: impl Iterator<Item = RecordId>, state: &State) {
        while self.writing.try_join_next().is_some() {}
        if last.saturating_sub(self.reached) < self.every || !self.writing.is_empty() {
            return;
        }
        self.reached = last;
        let (rules, epoch) = (self.rules.clone(), self.epoch.clone());
        let kept = Kept { version: VERSION, rules, epoch, step, last, ids: ids.collect(), state: state.clone() };
        self.writing.spawn(write(self.connection.clone(), kept));
    }
}

async fn write(connection: Connection, kept: Kept) {
    let (through, Some(name)) = (kept.step.through, Role::Conductor.only_user()) else {
        return;
    };
    let packed = tokio::task::spawn_blocking(move || pack(&kept)).await;
    let kept = match packed {
        Ok(Ok(bytes)) => snapshot::save(&connection, &name, &bytes).await.map(|()| bytes.len()),
        Ok(Err(error)) => return tracing::error!(%error, "what is known cannot be packed"),
        Err(error) => return tracing::error!(%error, "packing what is known broke off"),
    };
    match kept {
        Ok(bytes) => tracing::info!(through, bytes, "a snapshot is kept"),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "no snapshot is kept; it is tried again later")
        }
    }
}

fn pack(kept: &Kept) -> std::io::Result<Vec<u8>> {
    let mut packer = zstd::Encoder::new(Vec::new(), LEVEL)?;
    packer.include_checksum(true)?;
    serde_json::to_writer(&mut packer, kept)?;
    packer.finish()
}

fn unpack(bytes: &[u8]) -> Result<Kept, serde_json::Error> {
    let reader = zstd::Decoder::new(bytes).map_err(serde_json::Error::io)?;
    serde_json::from_reader(std::io::BufReader::new(reader))
}

/// The last snapshot, where it is of use here.
pub(super) async fn load(connection: &Connection, rules: &Rules, log: &LogState) -> Option<Kept> {
    let name = Role::Conductor.only_user()?;
    let bytes = match tokio::time::timeout(PATIENCE, snapshot::load(connection, &name)).await {
        Ok(Ok(bytes)) => bytes?,
        Ok(Err(error)) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "LOG is folded from its beginning");
            return None;
        }
        Err(_) => {
            tracing::warn!("the snapshot is not to be had; LOG is folded from its beginning");
            return None;
        }
    };
    let kept = tokio::task::spawn_blocking(move || unpack(&bytes)).await.ok()?;
    let fits = |kept: &Kept| {
        kept.version == VERSION && kept.rules == digest(rules) && kept.epoch == log.epoch && kept.last <= log.last
    };
    match kept {
        Ok(kept) if fits(&kept) => Some(kept),
        Ok(_) => {
            tracing::info!(
                "the snapshot is of other rules, another LOG or another version; LOG is folded from its beginning"
            );
            None
        }
        Err(error) => {
            tracing::warn!(%error, "the snapshot cannot be read; LOG is folded from its beginning");
            None
        }
    }
}

/// The rules in a word.
fn digest(rules: &Rules) -> String {
    hex::encode(Sha256::digest(format!("{rules:?}")))
}
