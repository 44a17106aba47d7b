//! What runs keep: a state a work item, for whoever goes on with it after a kill.
//!
//! It saves words and turns, and nothing hangs on it: whoever finds none begins from the branch.

use std::{error::Error as StdError, time::Duration};

use async_nats::jetstream::{Context, kv};
use bytes::Bytes;

use crate::{connect::Connection, number::ItemKey};

/// The bucket.
const BUCKET: &str = "run";

/// Bytes that all of them may have.
const MOST_BYTES: i64 = 1 << 30;

/// How long one is kept: longer than any run and its pauses.
const KEPT: Duration = Duration::from_hours(14 * 24);

/// Why a state could not be kept or had.
#[derive(Debug, thiserror::Error)]
#[error("the state of a run cannot be {done}")]
pub struct Error {
    done: &'static str,
    #[source]
    source: Failed,
}

type Failed = Box<dyn StdError + Send + Sync>;

/// What is kept now, and in which revision.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Entry {
    /// 0 where nothing was ever kept.
    pub revision: u64,
    /// The state.
    pub bytes: Bytes,
}

/// What is kept of an item.
///
/// # Errors
/// When the server does not answer or refuses.
pub async fn load(connection: &Connection, of: ItemKey) -> Result<Entry, Error> {
    read(&connection.jetstream(), of).await.map_err(|source| Error { done: "had", source })
}

/// Keeps a state in place of the one that was read.
///
/// # Errors
/// When the server does not answer or refuses, as where somebody else kept another one meanwhile.
pub async fn save(connection: &Connection, of: ItemKey, bytes: Bytes, revision: u64) -> Result<(), Error> {
    write(&connection.jetstream(), of, bytes, revision).await.map_err(|source| Error { done: "kept", source })
}

fn name(of: ItemKey) -> String {
    format!("{}.{}", of.repository, of.issue.0)
}

async fn bucket(js: &Context) -> Result<kv::Store, Failed> {
    let bucket = BUCKET.to_owned();
    let config = kv::Config { bucket, history: 1, max_age: KEPT, max_bytes: MOST_BYTES, ..kv::Config::default() };
    Ok(js.create_key_value(config).await?)
}

async fn read(js: &Context, of: ItemKey) -> Result<Entry, Failed> {
    let entry = bucket(js).await?.entry(name(of)).await?;
    Ok(entry.map_or_else(Entry::default, |entry| Entry { revision: entry.revision, bytes: entry.value }))
}

async fn write(js: &Context, of: ItemKey, bytes: Bytes, revision: u64) -> Result<(), Failed> {
    bucket(js).await?.update(name(of), bytes, revision).await?;
    Ok(())
}
