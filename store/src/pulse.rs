//! Whether PostgreSQL answers, found out quickly.

use sqlx::{Connection, PgConnection};
use tokio::sync::Mutex;

use crate::{Error, Store};

/// Feels whether PostgreSQL answers, over a connection of its own: the pool waits for a server that is away, and who
/// asks for its health wants to hear at once that it is.
#[derive(Debug)]
pub struct Pulse {
    store: Store,
    connection: Mutex<Option<PgConnection>>,
}

impl Pulse {
    /// Feels this store's.
    #[must_use]
    pub const fn of(store: Store) -> Self {
        Self { store, connection: Mutex::const_new(None) }
    }

    /// Whether it answers now. May be dropped at any time; then the next one begins with a new connection.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn feel(&self) -> Result<(), Error> {
        let mut kept = self.connection.lock().await;
        let mut connection = match kept.take() {
            Some(connection) => connection,
            None => self.store.session().await?,
        };
        connection.ping().await?;
        *kept = Some(connection);
        Ok(())
    }
}
