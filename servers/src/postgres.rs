//! One PostgreSQL.
//!
//! It listens on loopback alone, asks a password (scram), and flushes what it says is committed. The settings are
//! arguments, so that a home made by an older version runs with today's. The password is drawn once and lies in the
//! home, readable by its owner alone.

mod cluster;
mod launch;
mod settings;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use nix::sys::signal::Signal;
use sqlx::{ConnectOptions as _, Connection as _, postgres::PgConnectOptions};
use tokio::sync::Mutex;

use crate::{
    Error, Lines, Port,
    error::Result,
    home::Home,
    port::must_be_free,
    process::{Process, in_words},
    supervised::{Died, Server},
};
use cluster::Cluster;
pub use settings::Durability;

const NAME: &str = "postgres";

/// The superuser; the only one there is until somebody makes another.
pub const USER: &str = "rig";

/// How a PostgreSQL is started.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder with its programs.
    pub bin: PathBuf,
    /// The folder of this server: data, password. Made if need be.
    pub home: PathBuf,
    /// The database that [`Postgres::url`] names; made if it is not there.
    pub database: String,
    /// The port on loopback.
    pub port: Port,
    /// What a commit is worth.
    pub durability: Durability,
    /// How many connections it takes.
    pub max_connections: u16,
    /// The log, appended to.
    pub log: PathBuf,
    /// How long a start may take. After a crash the log of changes is read first, so this is long.
    pub ready_within: Duration,
    /// What a person should know: that data is being made, an orphan that was ended.
    pub lines: Lines,
}

impl Options {
    /// On a free port, flushing every commit, with the log in the home.
    #[must_use]
    pub fn new(bin: PathBuf, home: PathBuf) -> Self {
        let log = home.join("postgres.log");
        Self {
            bin,
            home,
            database: "rig".to_owned(),
            port: Port::Free,
            durability: Durability::Flushed,
            max_connections: 100,
            log,
            ready_within: Duration::from_secs(120),
            lines: Lines::none(),
        }
    }
}

/// A running PostgreSQL. Dropped, it is stopped at once, without a checkpoint.
#[derive(Debug)]
pub struct Postgres {
    options: Options,
    cluster: Cluster,
    running: RwLock<Running>,
    /// One start or stop at a time.
    turn: Mutex<()>,
}

#[derive(Clone, Debug)]
struct Running {
    process: Arc<Process>,
    port: u16,
}

impl Postgres {
    /// Makes the data if there is none, starts the server and waits until it takes connections.
    ///
    /// # Errors
    /// When its home or the port is in use, or it does not start: with the end of its log.
    pub async fn start(options: Options) -> Result<Self> {
        let home = Home::take(&options.home)?;
        let cluster = Cluster::prepare(home, &options).await?;
        let running = launch::launch(&options, &cluster).await?;
        Ok(Self { options, cluster, running: RwLock::new(running), turn: Mutex::new(()) })
    }

    /// The address of the database, with the password: a secret.
    #[must_use]
    pub fn url(&self) -> String {
        let password = self.cluster.password();
        format!("postgres://{USER}:{password}@{}/{}", self.address(), self.options.database)
    }

    /// How to connect to the database of this name.
    #[must_use]
    pub fn connect_options(&self, database: &str) -> PgConnectOptions {
        launch::connect_options(&self.cluster, self.address().port(), database)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        SocketAddr::new(Ipv4Addr::LOCALHOST.into(), self.running().port)
    }

    /// The process id of the postmaster.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.running().process.pid()
    }

    /// The log.
    #[must_use]
    pub fn log(&self) -> &Path {
        &self.options.log
    }

    /// The server's folder.
    #[must_use]
    pub fn home(&self) -> &Path {
        &self.cluster.home.path
    }

    /// Kills the postmaster (SIGKILL) and waits until its children have noticed and are gone: for tests.
    pub async fn kill(&self) {
        let process = self.running().process;
        let children = self.cluster.children();
        process.signal(Signal::SIGKILL);
        process.ended().await;
        self.cluster.gone(&children).await;
    }

    /// Stops the server and starts it again on the same port with the same data.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn restart(&self) -> Result<()> {
        let _turn = self.turn.lock().await;
        launch::stop(&self.running().process, Duration::from_secs(10)).await;
        self.launch_again().await
    }

    /// Stops the server: running statements are ended and all is written; when the time is nearly over it is stopped
    /// at once, which costs nothing but a slower next start.
    pub async fn stop(&self, within: Duration) {
        let _turn = self.turn.lock().await;
        launch::stop(&self.running().process, within).await;
    }

    async fn launch_again(&self) -> Result<()> {
        self.cluster.end_children().await;
        self.cluster.forget_stale_pid_file()?;
        must_be_free("PostgreSQL", self.address())?;
        let running = launch::launch_on(&self.options, &self.cluster, self.running().port).await?;
        *self.running.write().unwrap_or_else(PoisonError::into_inner) = running;
        Ok(())
    }

    fn running(&self) -> Running {
        self.running.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Server for Postgres {
    fn name(&self) -> &'static str {
        "PostgreSQL"
    }

    fn log(&self) -> &Path {
        &self.options.log
    }

    async fn died(&self) -> Died {
        let process = self.running().process;
        let status = process.ended().await;
        Died { pid: process.pid(), how: in_words(status) }
    }

    async fn revive(&self, died: &Died) -> Result<bool> {
        let _turn = self.turn.lock().await;
        if self.pid() != died.pid {
            return Ok(false);
        }
        self.launch_again().await.map(|()| true)
    }

    async fn healthy(&self) -> Result<()> {
        let asked = tokio::time::timeout(Duration::from_secs(5), async {
            let mut connection = self.connect_options("postgres").connect().await?;
            connection.ping().await?;
            connection.close().await
        });
        let why = match asked.await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it does not answer within 5 s".to_owned(),
        };
        Err(Error::Unwell { server: "PostgreSQL", why })
    }

    async fn stop(&self, within: Duration) {
        Self::stop(self, within).await;
    }
}

impl Drop for Postgres {
    /// SIGQUIT rather than SIGKILL: so the system gets its shared memory back.
    fn drop(&mut self) {
        let running = self.running();
        running.process.end_now(Signal::SIGQUIT, Duration::from_secs(3));
    }
}
