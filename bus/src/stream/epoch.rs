use std::fmt;

use async_nats::jetstream::{Context, stream::Info};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Error, api, log::CLOSED_KEY};
use crate::{id::RecordId, lineage::Lineage};

/// The name of the stream that holds every record.
pub const LOG: &str = "LOG";

/// Where LOG's metadata keeps its epoch.
pub(super) const EPOCH_KEY: &str = "rig.epoch";

/// Where LOG's metadata keeps its former lives; absent where it had none.
pub(super) const LINEAGE_KEY: &str = "rig.lineage";

/// One life of LOG. Sequence numbers are compared only within one epoch: a reader that kept a position of another epoch
/// must look at it again.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Epoch(String);

impl Epoch {
    /// A new epoch, unlike any other.
    #[must_use]
    pub fn new() -> Self {
        Self(RecordId::new().to_string())
    }

    /// The epoch as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The epoch that stands in LOG's metadata.
    pub(super) fn of(info: &Info) -> Result<Self, Error> {
        info.config.metadata.get(EPOCH_KEY).map(|text| Self(text.clone())).ok_or(Error::NoEpoch)
    }
}

impl Default for Epoch {
    fn default() -> Self {
        Self::new()
    }
}

impl From<String> for Epoch {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How LOG stands at one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogState {
    /// Its life.
    pub epoch: Epoch,
    /// Its former lives.
    pub lineage: Lineage,
    /// Whether it is being restored and takes nothing else.
    pub closed: bool,
    /// The first number that it holds; one more than `last` while it is empty.
    pub first: u64,
    /// The last number that was given.
    pub last: u64,
    /// How many records it holds.
    pub messages: u64,
    /// Bytes that it holds.
    pub bytes: u64,
    /// Bytes that it may hold.
    pub max_bytes: u64,
}

/// Asks the server how LOG stands.
///
/// # Errors
/// When there is no LOG, when it names no epoch, or when the server does not answer.
pub async fn log_state(js: &Context) -> Result<LogState, Error> {
    let info: Info = api::ask(js, format!("STREAM.INFO.{LOG}"), "stream LOG", &()).await?;
    Ok(LogState {
        epoch: Epoch::of(&info)?,
        lineage: lineage_of(&info)?,
        closed: info.config.metadata.contains_key(CLOSED_KEY),
        first: info.state.first_sequence,
        last: info.state.last_sequence,
        messages: info.state.messages,
        bytes: info.state.bytes,
        max_bytes: u64::try_from(info.config.max_bytes).unwrap_or(u64::MAX),
    })
}

fn lineage_of(info: &Info) -> Result<Lineage, Error> {
    match info.config.metadata.get(LINEAGE_KEY) {
        None => Ok(Lineage::default()),
        Some(text) => serde_json::from_str(text).map_err(Error::Lineage),
    }
}
