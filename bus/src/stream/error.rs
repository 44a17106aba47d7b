use std::error::Error as StdError;

/// Why the streams could not be looked at or made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such stream or consumer.
    #[error("there is no {what} on the server; `rig bus apply` makes it")]
    Missing {
        /// As `stream LOG`.
        what: String,
    },
    /// The server did not answer. Try again.
    #[error("the server did not answer when asked for {what}; is it running?")]
    Unreachable {
        /// As `stream LOG`.
        what: String,
        /// What the client saw.
        #[source]
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The server said no.
    #[error("the server refused {what}: {reason} ({code})")]
    Refused {
        /// As `stream LOG`.
        what: String,
        /// The server's sentence.
        reason: String,
        /// The server's number for it.
        code: u64,
    },
    /// LOG was not made by `rig bus apply`: it names no epoch.
    #[error("stream LOG names no epoch in its metadata (`rig.epoch`), so no position in it can be trusted")]
    NoEpoch,
    /// Somebody else wrote LOG's metadata.
    #[error("the former lives of LOG in its metadata (`rig.lineage`) cannot be read")]
    Lineage(#[source] serde_json::Error),
    /// A moment beyond RFC 3339.
    #[error("the deadline cannot be written: {0}")]
    Unwritable(String),
    /// LOG is being filled from rows.
    #[error("LOG is being restored and takes nothing else yet; run `rig restore bus` again, it goes on where it was")]
    Closed,
    /// A stream is to be made smaller than what it holds.
    #[error(
        "stream {stream} holds {holds} bytes, and {asked} are asked for: it would take nothing more, or lose its oldest; ask for more"
    )]
    TooSmall {
        /// The stream.
        stream: String,
        /// Bytes that it holds.
        holds: u64,
        /// Bytes that it is to hold at most.
        asked: u64,
    },
}

impl Error {
    /// Whether asking again later may succeed: the server was away, or what was asked for is not there yet.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Missing { .. })
    }
}
