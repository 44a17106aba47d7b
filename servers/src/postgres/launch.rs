//! Starting and stopping the process.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    os::unix::process::CommandExt,
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use nix::sys::signal::Signal;
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _,
    postgres::{PgConnectOptions, PgSslMode},
};
use tokio::time::sleep;

use super::{NAME, Options, Running, USER, cluster::Cluster, settings::Settings};
use crate::{
    Port,
    error::{Doing, Error, Result},
    log_file,
    port::{TRIES, choose, is_taken},
    process::{Process, in_words},
};

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

const EVERY: Duration = Duration::from_millis(10);

/// Starts on the port that is wished. PostgreSQL cannot choose one itself, and between our choice and its start another
/// process may take it.
pub(super) async fn launch(options: &Options, cluster: &Cluster) -> Result<Running> {
    let mut tries = 1;
    loop {
        let port = choose("PostgreSQL", LOOPBACK, options.port)?;
        match launch_on(options, cluster, port).await {
            Err(_) if tries < TRIES && options.port == Port::Free && is_taken(SocketAddr::new(LOOPBACK, port)) => {
                tries += 1
            }
            other => return other,
        }
    }
}

/// Starts the process and waits until it takes connections to its database.
pub(super) async fn launch_on(options: &Options, cluster: &Cluster, port: u16) -> Result<Running> {
    let since = log_file::length(&options.log);
    let process = Process::spawn(&mut command(options, cluster, port)?).doing("starting", options.bin.join(NAME))?;
    let ready = tokio::select! {
        status = process.ended() => Err(format!("it ended with {}", in_words(status))),
        ready = ready(options, cluster, process.pid(), port) => ready,
    };
    match ready {
        Ok(()) => Ok(Running { process: Arc::new(process), port }),
        Err(why) => {
            process.end_now(Signal::SIGQUIT, Duration::from_secs(3));
            let (log, tail) = (options.log.clone(), log_file::tail(&options.log, since));
            Err(Error::NotStarted { server: "PostgreSQL", why, log, tail })
        }
    }
}

fn command(options: &Options, cluster: &Cluster, port: u16) -> Result<Command> {
    let log = log_file::open(&options.log)?;
    let settings = Settings {
        port,
        title: &cluster.title,
        max_connections: options.max_connections,
        durability: options.durability,
        lz4: cluster.lz4,
    };
    let mut command = Command::new(options.bin.join(NAME));
    command.arg("-D").arg(&cluster.data);
    for setting in settings.list() {
        command.arg("-c").arg(setting);
    }
    command.current_dir(&cluster.home.path).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    // Out of the terminal's group: Ctrl-C is for us, and we stop the servers last.
    command.process_group(0);
    cluster.home.run_as.apply(&mut command);
    Ok(command)
}

/// Without TLS, which the server does not offer on loopback, whatever PGSSLMODE says.
pub(super) fn connect_options(cluster: &Cluster, port: u16, database: &str) -> PgConnectOptions {
    let options = PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(port).ssl_mode(PgSslMode::Disable);
    options.username(USER).password(cluster.password()).database(database)
}

async fn ready(options: &Options, cluster: &Cluster, pid: u32, port: u16) -> Result<(), String> {
    let deadline = Instant::now() + options.ready_within;
    while !cluster.says_ready(pid) {
        if Instant::now() > deadline {
            return Err(format!("it was not ready within {} s", options.ready_within.as_secs()));
        }
        sleep(EVERY).await;
    }
    let connected = connect_options(cluster, port, "postgres").connect().await;
    make_database(connected.map_err(say)?, &options.database).await.map_err(say)
}

fn say(error: sqlx::Error) -> String {
    error.to_string()
}

async fn make_database(mut connection: sqlx::PgConnection, name: &str) -> sqlx::Result<()> {
    let found: Option<i32> = sqlx::query_scalar("SELECT 1 FROM pg_database WHERE datname = $1")
        .bind(name)
        .fetch_optional(&mut connection)
        .await?;
    if found.is_none() {
        let name = name.replace('"', "\"\"");
        let create = format!(r#"CREATE DATABASE "{name}" TEMPLATE template0"#);
        sqlx::query(AssertSqlSafe(create)).execute(&mut connection).await?;
    }
    connection.close().await
}

/// Fast first; at once when four fifths of the time are over; killed at its end.
pub(super) async fn stop(process: &Process, within: Duration) {
    let fast = within * 4 / 5;
    process
        .end(&[(Signal::SIGINT, fast), (Signal::SIGQUIT, within - fast), (Signal::SIGKILL, Duration::from_secs(5))])
        .await;
}
