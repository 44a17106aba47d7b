//! Snapshots: what somebody folded out of LOG, kept so that the next one has less to read. They save time and nothing
//! else: whoever cannot read his own folds LOG from its beginning.
//!
//! A snapshot is an object; a key tells which one is whole. Each writer has two objects and writes the one that the key
//! does not name, so a writer that dies leaves the last one as it was.

use std::error::Error as StdError;

use async_nats::jetstream::{Context, kv, object_store};
use bytes::Bytes;
use tokio::io::AsyncReadExt;

use crate::{connect::Connection, roles::Name};

/// The bucket of the objects.
const OBJECTS: &str = "snapshot";

/// The bucket of the keys.
const KEYS: &str = "snapshot";

/// Bytes that all snapshots may have.
const MOST_BYTES: i64 = 4 << 30;

/// Why a snapshot could not be kept or had. The next one may be.
#[derive(Debug, thiserror::Error)]
#[error("the snapshot of {of} cannot be {done}")]
pub struct Error {
    of: String,
    done: &'static str,
    #[source]
    source: Box<dyn StdError + Send + Sync>,
}

/// Keeps a snapshot of this writer's, in place of the one before.
///
/// # Errors
/// When the server does not answer or refuses.
pub async fn save(connection: &Connection, of: &Name, bytes: &[u8]) -> Result<(), Error> {
    let js = connection.jetstream();
    write(&js, of.as_str(), bytes).await.map_err(|source| Error { of: of.to_string(), done: "kept", source })
}

/// The last whole snapshot of this writer's; nothing where there is none.
///
/// # Errors
/// When the server does not answer or refuses, or what is there is not whole.
pub async fn load(connection: &Connection, of: &Name) -> Result<Option<Vec<u8>>, Error> {
    let js = connection.jetstream();
    read(&js, of.as_str()).await.map_err(|source| Error { of: of.to_string(), done: "read", source })
}

type Failed = Box<dyn StdError + Send + Sync>;

async fn write(js: &Context, of: &str, mut bytes: &[u8]) -> Result<(), Failed> {
    let config = kv::Config { bucket: KEYS.to_owned(), history: 1, ..kv::Config::default() };
    let keys = js.create_key_value(config).await?;
    let config =
        object_store::Config { bucket: OBJECTS.to_owned(), max_bytes: MOST_BYTES, ..object_store::Config::default() };
    let objects = js.create_object_store(config).await?;
    let slots = [format!("{of}-0"), format!("{of}-1")];
    let named = keys.get(of).await?;
    let [first, second] = &slots;
    let slot = if named.as_deref() == Some(first.as_bytes()) { second } else { first };
    objects.put(slot.as_str(), &mut bytes).await?;
    keys.put(of, Bytes::copy_from_slice(slot.as_bytes())).await?;
    Ok(())
}

async fn read(js: &Context, of: &str) -> Result<Option<Vec<u8>>, Failed> {
    let config = kv::Config { bucket: KEYS.to_owned(), history: 1, ..kv::Config::default() };
    let keys = js.create_key_value(config).await?;
    let Some(slot) = keys.get(of).await? else {
        return Ok(None);
    };
    let objects = js.get_object_store(OBJECTS).await?;
    let mut object = objects.get(std::str::from_utf8(&slot)?).await?;
    let mut bytes = Vec::new();
    object.read_to_end(&mut bytes).await?;
    Ok(Some(bytes))
}
