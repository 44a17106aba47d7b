use bus::{read, stream};

use crate::projector::session::Ended;

/// Why nothing was restored, or not to the end. Whatever it is: nothing was lost, and it can be begun again.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// PostgreSQL is away or refuses.
    #[error(transparent)]
    Store(#[from] crate::Error),
    /// The bus is away or refuses.
    #[error(transparent)]
    Stream(#[from] stream::Error),
    /// LOG cannot be read.
    #[error(transparent)]
    Read(#[from] read::Error),
    /// LOG changed its life meanwhile, or somebody else restores too.
    #[error("somebody else moved the cursor meanwhile; run it again")]
    Moved,
    /// Rows hold what LOG does not.
    #[error(
        "PostgreSQL has records that LOG lacks ({0}); dropping the rows would lose them: run `rig restore bus` first"
    )]
    OnlyInRows(String),
    /// A projector writes rows.
    #[error("a projector is writing rows; stop it first (`rig up --servers-only` runs the servers alone)")]
    ProjectorRuns,
    /// There is nothing to make LOG from.
    #[error("PostgreSQL has no records; there is nothing to make LOG from")]
    NoRows,
    /// LOG is not lost.
    #[error(
        "LOG stands and holds records {first} to {last}, which the rows are of; to make it anew all the same, say that it is to be replaced"
    )]
    Stands {
        /// Its first number.
        first: u64,
        /// Its last number.
        last: u64,
    },
    /// The server does not take a record as large as it is with what restoring adds to its headers.
    #[error("record {sequence} has {size} bytes with its headers and the server takes {most}; raise max_payload")]
    TooLarge {
        /// Its number.
        sequence: u64,
        /// Its bytes.
        size: usize,
        /// What the server takes.
        most: usize,
    },
    /// LOG has no room for the rows.
    #[error("LOG is full at record {at}; raise `[bus] log_max_bytes` in rig.toml and run it again, it goes on there")]
    Full {
        /// The number that found no room.
        at: u64,
    },
    /// The server refuses a record.
    #[error("the server refused record {at}: {reason}")]
    Refused {
        /// Its number.
        at: u64,
        /// The server's words.
        reason: String,
    },
    /// A record that restoring writes could not be written as JSON.
    #[error("a record could not be written: {0}")]
    Json(#[from] serde_json::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<Ended> for Error {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::Store(error) => Self::Store(error),
            Ended::Read(error) => Self::Read(error),
            Ended::Stream(error) => Self::Stream(error),
            Ended::Moved => Self::Moved,
        }
    }
}
