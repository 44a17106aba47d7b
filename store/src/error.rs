//! What went wrong with PostgreSQL, by what is done next.

use sqlx::migrate::MigrateError;

/// Why the store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Later: nobody answers, or the connection broke. What was under way may have been committed.
    #[error("PostgreSQL is away: {0}")]
    Away(#[source] sqlx::Error),
    /// Later, after a person made room: a full disk, no memory, no connection left.
    #[error("PostgreSQL has no room: {0}; make room, what waits goes on by itself")]
    NoRoom(#[source] sqlx::Error),
    /// At once: somebody else's transaction stood in the way.
    #[error("another transaction stood in the way: {0}")]
    Again(#[source] sqlx::Error),
    /// Never: the values themselves are refused.
    #[error("PostgreSQL refuses the row: {0}")]
    Refused(#[source] sqlx::Error),
    /// After a person looked: the schema, a right or a setting is not as it must be.
    #[error("PostgreSQL cannot be used as it is: {0}")]
    Unusable(#[source] sqlx::Error),
    /// After a person looked: the schema cannot be brought up to date.
    #[error("the schema cannot be brought up to date: {0}")]
    Schema(#[source] MigrateError),
    /// Never: the address is no address.
    #[error("the address of PostgreSQL cannot be used: {0}; it reads postgres://user:password@host:port/database")]
    Address(#[source] sqlx::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(refusal) => Self::of_code(&refusal.code().unwrap_or_default())(error),
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Away(error),
            sqlx::Error::Encode(_) => Self::Refused(error),
            _ => Self::Unusable(error),
        }
    }
}

impl From<MigrateError> for Error {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(error) => match Self::from(error) {
                passing @ (Self::Away(_) | Self::NoRoom(_) | Self::Again(_)) => passing,
                Self::Refused(error) | Self::Unusable(error) | Self::Address(error) => {
                    Self::Schema(MigrateError::Execute(error))
                }
                schema @ Self::Schema(_) => schema,
            },
            error => Self::Schema(error),
        }
    }
}

impl Error {
    /// By SQLSTATE. Only what lies in the values is called refused: everything else would be so for every row.
    fn of_code(code: &str) -> fn(sqlx::Error) -> Self {
        let class = code.get(..2).unwrap_or_default();
        match (class, code) {
            (_, "57014" | "55P03") => Self::Again,
            ("40", _) => Self::Again,
            ("53" | "58", _) => Self::NoRoom,
            ("08" | "57", _) => Self::Away,
            ("22" | "23" | "54" | "P0" | "44", _) => Self::Refused,
            _ => Self::Unusable,
        }
    }

    /// Whether waiting can help without anybody's doing.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Away(_) | Self::NoRoom(_) | Self::Again(_))
    }
}
