//! The two servers the rig stands on.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use servers::{
    Cache, Error, Lines, Nats, Postgres, Programs, Secret, Supervised, nats::Options as NatsOptions,
    postgres::Options as PostgresOptions, program::Configured,
};
use tokio::process::Command;

use super::listener::Wish;
use crate::{
    config,
    exit::Failure,
    home::{Home, Ports},
};

/// The roles' connections, a person with psql, and room to spare.
const POSTGRES_CONNECTIONS: u16 = 40;

/// nats-server and PostgreSQL, started again when they die.
pub(crate) struct Ground {
    pub(crate) nats: Supervised<Nats>,
    pub(super) postgres: Supervised<Postgres>,
    pub(super) postgres_version: String,
    /// Its `psql`, which fits it; a machine need not have one.
    pub(super) psql: PathBuf,
}

impl Ground {
    /// Starts both at the same time.
    ///
    /// # Errors
    /// When a program cannot be installed or a server does not start.
    pub(super) async fn start(
        home: &Home,
        config: &config::Servers,
        conf: Secret,
        lines: &Lines,
    ) -> Result<Self, Failure> {
        let programs = programs(config, lines).await?;
        let last = Ports::last(home.path());
        let (nats, postgres, postgres_version) = tokio::try_join!(
            nats(&programs.nats_server, home, conf, wishes(config, last), lines),
            postgres(&programs.postgres_bin, home, Wish::of(config.postgres_port, last.postgres), lines),
            version(&programs.postgres_bin),
        )?;
        Ok(Self {
            nats: Supervised::watch(nats, lines.clone()),
            postgres: Supervised::watch(postgres, lines.clone()),
            postgres_version,
            psql: Some(programs.postgres_bin.join("psql"))
                .filter(|psql| psql.exists())
                .unwrap_or_else(|| "psql".into()),
        })
    }

    /// Stops both at the same time.
    pub(super) async fn stop(self, within: Duration) {
        tokio::join!(self.nats.stop(within), self.postgres.stop(within));
    }
}

async fn programs(config: &config::Servers, lines: &Lines) -> Result<Programs, Error> {
    let cache = Cache::locate()?;
    let configured = Configured { nats_server: config.nats_server.clone(), postgres_bin: config.postgres_bin.clone() };
    Programs::find(&configured, &cache, lines).await
}

const fn wishes(config: &config::Servers, last: Ports) -> [Wish; 2] {
    [Wish::of(config.nats_port, last.nats), Wish::of(config.nats_monitor_port, last.nats_monitor)]
}

async fn nats(
    program: &Path,
    home: &Home,
    conf: Secret,
    [mut port, mut monitor]: [Wish; 2],
    lines: &Lines,
) -> Result<Nats, Error> {
    let mut options = NatsOptions::new(program.to_path_buf(), home.nats(), conf);
    options.log = home.logs().join("nats.log");
    options.lines = lines.clone();
    loop {
        (options.port, options.monitor) = (port.port, monitor.port);
        match Nats::start(options.clone()).await {
            Err(Error::PortInUse { address, .. }) if port.bend(address.port()) || monitor.bend(address.port()) => {}
            started => return started,
        }
    }
}

/// `postgres (PostgreSQL) 18.6` in its own words, without the words.
async fn version(bin: &Path) -> Result<String, Error> {
    let asked = Command::new(bin.join("postgres")).arg("--version").output().await;
    let said = asked.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    Ok(said
        .split_whitespace()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))
        .unwrap_or_default()
        .to_owned())
}

async fn postgres(bin: &Path, home: &Home, mut port: Wish, lines: &Lines) -> Result<Postgres, Error> {
    let mut options = PostgresOptions::new(bin.to_path_buf(), home.postgres());
    options.log = home.logs().join("postgres.log");
    options.max_connections = POSTGRES_CONNECTIONS;
    options.lines = lines.clone();
    loop {
        options.port = port.port;
        match Postgres::start(options.clone()).await {
            Err(Error::PortInUse { address, .. }) if port.bend(address.port()) => {}
            started => return started,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let sentence = crate::exit::sentence(&error);
        match error {
            Error::HomeInUse { .. } => Self::refused(sentence),
            _ => Self::failed(sentence),
        }
    }
}
