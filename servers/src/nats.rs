//! One nats-server.
//!
//! The caller gives the configuration: accounts, limits, JetStream. What belongs to this machine is added here, by
//! arguments, which are stronger than the file: address, port, the folder with the data, the folder where the server
//! writes which ports it took. The log is the server's standard error, so what it says when it crashes is there too.

mod launch;
mod ports;

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use nix::sys::signal::Signal;
use tokio::sync::Mutex;

use crate::{
    Lines, Port, Secret,
    error::Result,
    home::Home,
    log_file,
    port::must_be_free,
    process::{Process, in_words},
    supervised::{Died, Server},
};
use launch::{Chosen, launch, launch_on, reloaded, stop, write_conf};
use ports::Ports;

const NAME: &str = "nats-server";

/// How a nats-server is started.
#[derive(Clone, Debug)]
pub struct Options {
    /// The program.
    pub program: PathBuf,
    /// The folder of this server: configuration, data, ports. Made if need be.
    pub home: PathBuf,
    /// The configuration, in the server's own language, without ports and folders.
    pub conf: Secret,
    /// Where clients are served. Loopback unless said otherwise.
    pub host: IpAddr,
    /// The port for clients.
    pub port: Port,
    /// The port of the monitor, always on loopback.
    pub monitor: Port,
    /// The log, appended to.
    pub log: PathBuf,
    /// How long a start may take. A big store is read first, so this is long.
    pub ready_within: Duration,
    /// What a person should know: an orphan that was ended.
    pub lines: Lines,
}

impl Options {
    /// On free loopback ports, with the log in the home.
    #[must_use]
    pub fn new(program: PathBuf, home: PathBuf, conf: impl Into<Secret>) -> Self {
        let log = home.join("nats.log");
        Self {
            program,
            home,
            conf: conf.into(),
            host: Ipv4Addr::LOCALHOST.into(),
            port: Port::Free,
            monitor: Port::Free,
            log,
            ready_within: Duration::from_secs(120),
            lines: Lines::none(),
        }
    }
}

/// A running nats-server. Dropped, it is killed.
#[derive(Debug)]
pub struct Nats {
    options: Options,
    home: Home,
    conf: std::sync::Mutex<Secret>,
    running: RwLock<Running>,
    /// One start or stop at a time.
    turn: Mutex<()>,
}

#[derive(Clone, Debug)]
struct Running {
    process: Arc<Process>,
    ports: Ports,
}

impl Nats {
    /// Starts a server and waits until it is ready.
    ///
    /// # Errors
    /// When its home or a port is in use, or it does not start: with the end of its log.
    pub async fn start(options: Options) -> Result<Self> {
        let home = Home::take(&options.home)?;
        home.end_orphans(NAME, &home.path.join("data"), &options.lines).await;
        let running = launch(&options, &home).await?;
        let conf = std::sync::Mutex::new(options.conf.clone());
        Ok(Self { options, home, conf, running: RwLock::new(running), turn: Mutex::new(()) })
    }

    /// Where clients connect: `nats://127.0.0.1:4222`.
    #[must_use]
    pub fn client_url(&self) -> String {
        format!("nats://{}", self.client_address())
    }

    /// Where clients on this machine connect.
    #[must_use]
    pub fn client_address(&self) -> SocketAddr {
        self.running().ports.client
    }

    /// The monitor: `http://127.0.0.1:8222`.
    #[must_use]
    pub fn monitor_url(&self) -> String {
        format!("http://{}", self.running().ports.monitor)
    }

    /// The process id.
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
        &self.home.path
    }

    /// The configuration in force.
    #[must_use]
    pub fn conf(&self) -> Secret {
        self.conf.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes a new configuration without closing connections, and waits until it is in force.
    ///
    /// # Errors
    /// When the server refuses it: then the old one stays.
    pub async fn reload(&self, conf: &str) -> Result<()> {
        let _turn = self.turn.lock().await;
        let Running { process, ports } = self.running();
        let before = ports::config_load_time(ports.monitor).await?;
        let since = log_file::length(&self.options.log);
        write_conf(&self.home, ports.monitor.port(), conf)?;
        process.signal(Signal::SIGHUP);
        if let Err(error) = reloaded(ports.monitor, &before, &self.options.log, since).await {
            write_conf(&self.home, ports.monitor.port(), self.conf().reveal())?;
            return Err(error);
        }
        *self.conf.lock().unwrap_or_else(PoisonError::into_inner) = conf.into();
        Ok(())
    }

    /// Kills the server (SIGKILL) and waits for its end: for tests.
    pub async fn kill(&self) {
        let process = self.running().process;
        process.signal(Signal::SIGKILL);
        process.ended().await;
    }

    /// Stops the server and starts it again on the same ports with the same data.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn restart(&self) -> Result<()> {
        let _turn = self.turn.lock().await;
        stop(&self.running().process, Duration::from_secs(10)).await;
        self.launch_again().await
    }

    /// Stops the server: asked first, killed when the time is over.
    pub async fn stop(&self, within: Duration) {
        let _turn = self.turn.lock().await;
        stop(&self.running().process, within).await;
    }

    async fn launch_again(&self) -> Result<()> {
        let Ports { client, monitor } = self.running().ports;
        for address in [SocketAddr::new(self.options.host, client.port()), monitor] {
            must_be_free(NAME, address)?;
        }
        let chosen = Chosen { client: client.port(), monitor: monitor.port() };
        let running = launch_on(&self.options, &self.home, self.conf().reveal(), chosen).await?;
        *self.running.write().unwrap_or_else(PoisonError::into_inner) = running;
        Ok(())
    }

    fn running(&self) -> Running {
        self.running.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Server for Nats {
    fn name(&self) -> &'static str {
        NAME
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
        ports::healthy(self.running().ports.monitor).await
    }

    async fn stop(&self, within: Duration) {
        Self::stop(self, within).await;
    }
}
