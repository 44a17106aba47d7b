//! Servers for tests: the same programs, started the same way, and gone afterwards.
//!
//! - [`nats`]: a nats-server of the test's own.
//! - [`database()`]: a database of the test's own in the one PostgreSQL of the test run.
//! - [`postgres`]: a PostgreSQL of the test's own, with the production settings, to be killed.
//! - [`home()`]: a folder for a test that starts our own program, which starts servers in it.
//!
//! Nothing outlives the test that made it, whether it passes, panics or is killed: a small shell waits for the end of a
//! pipe that the test's process holds, and the system closes that however the process ends. The shared PostgreSQL ends
//! a few seconds after its last user.
//!
//! This is part of the library, without a feature, so that every crate's tests can use it. It panics where a test
//! should fail.

mod database;
mod home;
mod shared;

use std::ops::Deref;

pub use database::Database;
pub use home::Home;

use crate::{
    Cache, Lines, Nats, Postgres, Server, Supervised, nats::Options as NatsOptions,
    postgres::Options as PostgresOptions,
};

/// A server in a folder that goes with it.
#[derive(Debug)]
pub struct Owned<S> {
    // Before its folder, so that it is dropped first.
    server: S,
    home: Home,
}

impl<S: Server> Owned<S> {
    /// The same server, started again when it dies.
    #[must_use]
    pub fn supervised(self, lines: Lines) -> Owned<Supervised<S>> {
        Owned { server: Supervised::watch(self.server, lines), home: self.home }
    }
}

impl<S> Deref for Owned<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.server
    }
}

/// A nats-server on free ports with this configuration and JetStream's data in a folder of its own.
///
/// # Panics
/// When it does not start.
pub async fn nats(conf: &str) -> Owned<Nats> {
    let home = home();
    let program = or_fail(cache().nats_server(&to_stderr()).await);
    let options = NatsOptions { lines: to_stderr(), ..NatsOptions::new(program, home.path().join("nats"), conf) };
    Owned { server: or_fail(Nats::start(options).await), home }
}

/// A PostgreSQL of the test's own: every commit is flushed, as in production.
///
/// # Panics
/// When it does not start.
pub async fn postgres() -> Owned<Postgres> {
    let home = home();
    let bin = or_fail(cache().postgres_bin(&to_stderr()).await);
    let options = PostgresOptions { lines: to_stderr(), ..PostgresOptions::new(bin, home.path().join("postgres")) };
    Owned { server: or_fail(Postgres::start(options).await), home }
}

/// A fresh, empty database in the PostgreSQL that all tests of this run share. It flushes nothing: durability is
/// tested with [`postgres`].
///
/// # Panics
/// When the server does not start or refuses.
pub async fn database() -> Database {
    or_fail(Database::create().await)
}

/// A folder whose parents the servers' account may enter, removed at the end with every process that names it.
///
/// # Panics
/// When none can be made.
#[must_use]
pub fn home() -> Home {
    or_fail(Home::make())
}

fn cache() -> Cache {
    or_fail(Cache::locate())
}

/// A test's standard error is shown when it fails.
fn to_stderr() -> Lines {
    Lines::to(|line| eprintln!("{line}"))
}

#[expect(clippy::panic, reason = "a test without its server fails, and says why")]
fn or_fail<T, E: std::error::Error>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => {
            let mut said = error.to_string();
            let mut cause = error.source();
            while let Some(error) = cause {
                said = format!("{said}: {error}");
                cause = error.source();
            }
            panic!("{said}")
        }
    }
}
