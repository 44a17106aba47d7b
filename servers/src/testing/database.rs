use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, postgres::PgConnectOptions};

use super::shared::{Shared, shared};
use crate::{Error, Result};

/// A database of one test's own; dropped with this.
#[derive(Debug)]
pub struct Database {
    name: String,
    shared: &'static Shared,
}

impl Database {
    pub(super) async fn create() -> Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let shared = shared().await?;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", std::process::id());
        // A process id may have been used before in this run, by a test that was killed.
        let again = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        let create = format!("CREATE DATABASE {name} TEMPLATE template0");
        run(&shared.connect, &[again, create])
            .await
            .map_err(|source| Error::Database { doing: format!("making {name}"), source })?;
        Ok(Self { name, shared })
    }

    /// Its address, with the password.
    #[must_use]
    pub fn url(&self) -> String {
        let server = self.shared.url.rsplit_once('/').map_or("", |(server, _)| server);
        format!("{server}/{}", self.name)
    }

    /// How to connect to it.
    #[must_use]
    pub fn connect_options(&self) -> PgConnectOptions {
        self.shared.connect.clone().database(&self.name)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Database {
    /// From a thread of its own, since the test's runtime cannot be waited for here. Nothing is lost if it fails: the
    /// whole server goes at the end of the run.
    fn drop(&mut self) {
        let connect = self.shared.connect.clone();
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let dropper = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map(|runtime| runtime.block_on(run(&connect, &[drop])).is_ok())
        });
        let _ = dropper.join();
    }
}

async fn run(connect: &PgConnectOptions, statements: &[String]) -> sqlx::Result<()> {
    let mut connection = connect.connect().await?;
    for statement in statements {
        sqlx::query(AssertSqlSafe(statement.clone())).execute(&mut connection).await?;
    }
    connection.close().await
}
