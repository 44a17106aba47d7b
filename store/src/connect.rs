//! Where the rows are.

use std::{str::FromStr, time::Duration};

use sqlx::{
    ConnectOptions, Connection, PgConnection, PgPool, Postgres,
    migrate::Migrator,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::Error;

/// Connections for questions; the projector has one of its own beside them.
const CONNECTIONS: u32 = 4;

/// How long a question waits for a connection.
const PATIENCE: Duration = Duration::from_secs(5);

static MIGRATIONS: Migrator = {
    let mut migrations = sqlx::migrate!("../migrations");
    // A schema is expanded before it is contracted, so an older program runs on a newer schema.
    migrations.ignore_missing = true;
    migrations
};

/// PostgreSQL, reached when it is needed. Clones share the connections.
#[derive(Clone, Debug)]
pub struct Store {
    options: PgConnectOptions,
    pool: PgPool,
}

impl Store {
    /// The store at this address (`postgres://user:password@host:port/database`). Nobody is asked yet.
    ///
    /// # Errors
    /// When the address is no address.
    pub fn connect(url: &str) -> Result<Self, Error> {
        let options = PgConnectOptions::from_str(url).map_err(Error::Address)?;
        let options = options
            .application_name("rig")
            // What is committed is flushed, whatever the server's default.
            .options([("synchronous_commit", "on")])
            .disable_statement_logging();
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .connect_lazy_with(options.clone());
        Ok(Self { options, pool })
    }

    /// A connection for a question or a few.
    ///
    /// # Errors
    /// When nobody answers, or this user may not ask.
    pub async fn acquire(&self) -> Result<PoolConnection<Postgres>, Error> {
        Ok(self.pool.acquire().await?)
    }

    /// A connection that nobody shares.
    pub(crate) async fn session(&self) -> Result<PgConnection, Error> {
        let connecting = PgConnection::connect_with(&self.options);
        match tokio::time::timeout(PATIENCE, connecting).await {
            Ok(connected) => Ok(connected?),
            Err(_) => Err(Error::Away(sqlx::Error::PoolTimedOut)),
        }
    }

    /// Brings the schema up to date. Two at once wait for each other.
    ///
    /// # Errors
    /// When nobody answers, or the schema cannot be brought up to date.
    pub async fn migrate(&self) -> Result<(), Error> {
        // On a connection of its own: were it cut short, it would leave a lock on one that others use.
        migrate(&mut self.session().await?).await
    }
}

/// Brings the schema up to date. Two at once wait for each other.
///
/// # Errors
/// When nobody answers, or the schema cannot be brought up to date.
pub async fn migrate(connection: &mut PgConnection) -> Result<(), Error> {
    Ok(MIGRATIONS.run_direct(None, connection, false).await?)
}
