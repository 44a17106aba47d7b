//! Starting, reloading and stopping the process.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    os::unix::process::CommandExt,
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use nix::sys::signal::Signal;
use tokio::time::sleep;

use super::{
    NAME, Options, Running,
    ports::{self, Ports},
};
use crate::{
    Port,
    error::{Doing, Error, Result},
    home::Home,
    log_file,
    port::{TRIES, choose, is_taken},
    process::{Process, in_words},
};

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

const EVERY: Duration = Duration::from_millis(10);

/// A reload is a matter of milliseconds; this is for a machine under load.
const RELOADED_WITHIN: Duration = Duration::from_secs(15);

/// The ports for one start.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chosen {
    pub(super) client: u16,
    pub(super) monitor: u16,
}

impl Chosen {
    fn new(options: &Options) -> Result<Self> {
        loop {
            let client = choose(NAME, options.host, options.port)?;
            let monitor = choose(NAME, LOOPBACK, options.monitor)?;
            if client != monitor || (options.port, options.monitor) == (Port::Fixed(client), Port::Fixed(client)) {
                return Ok(Self { client, monitor });
            }
        }
    }

    fn drawn_and_lost(self, options: &Options) -> bool {
        let lost = |wished, host, port| wished == Port::Free && is_taken(SocketAddr::new(host, port));
        lost(options.port, options.host, self.client) || lost(options.monitor, LOOPBACK, self.monitor)
    }
}

/// Starts on the ports that are wished; between drawing a free one and its use another process may take it.
pub(super) async fn launch(options: &Options, home: &Home) -> Result<Running> {
    let mut tries = 1;
    loop {
        let chosen = Chosen::new(options)?;
        match launch_on(options, home, options.conf.reveal(), chosen).await {
            Err(_) if tries < TRIES && chosen.drawn_and_lost(options) => tries += 1,
            other => return other,
        }
    }
}

/// Starts the process and waits until it is healthy.
pub(super) async fn launch_on(options: &Options, home: &Home, conf: &str, chosen: Chosen) -> Result<Running> {
    let ports = home.folder("ports")?;
    forget_old(&ports);
    write_conf(home, chosen.monitor, conf)?;
    let since = log_file::length(&options.log);
    let process =
        Process::spawn(&mut command(options, home, chosen.client, &ports)?).doing("starting", &options.program)?;
    let found = tokio::select! {
        status = process.ended() => Err(format!("it ended with {}", in_words(status))),
        found = ready(&ports, process.pid(), options.ready_within) => found,
    };
    match found {
        Ok(ports) => Ok(Running { process: Arc::new(process), ports }),
        Err(why) => {
            drop(process);
            let (log, tail) = (options.log.clone(), log_file::tail(&options.log, since));
            Err(Error::NotStarted { server: NAME, why, log, tail })
        }
    }
}

/// A process id is used again some day: what an earlier server wrote must not be taken for this one's.
fn forget_old(ports: &Path) {
    for entry in std::fs::read_dir(ports).into_iter().flatten().flatten() {
        let _ = std::fs::remove_file(entry.path());
    }
}

/// The monitor stays on loopback wherever clients are served; that can be said in the file only.
pub(super) fn write_conf(home: &Home, monitor: u16, conf: &str) -> Result<()> {
    home.write("nats.conf", &format!("http: \"127.0.0.1:{monitor}\"\n{conf}\n")).map(drop)
}

fn command(options: &Options, home: &Home, port: u16, ports: &Path) -> Result<Command> {
    let log = log_file::open(&options.log)?;
    let mut command = Command::new(&options.program);
    command.arg("-c").arg(home.path.join("nats.conf"));
    command.arg("-a").arg(options.host.to_string()).arg("-p").arg(port.to_string());
    command.arg("-sd").arg(home.folder("data")?).arg("--ports_file_dir").arg(ports);
    command.current_dir(&home.path).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    // Out of the terminal's group: Ctrl-C is for us, and we stop the servers last.
    command.process_group(0);
    home.run_as.apply(&mut command);
    Ok(command)
}

async fn ready(folder: &Path, pid: u32, within: Duration) -> Result<Ports, String> {
    let deadline = Instant::now() + within;
    let mut last = "it has not said where it listens".to_owned();
    while Instant::now() < deadline {
        if let Some(ports) = Ports::written(folder, pid) {
            match ports::healthy(ports.monitor).await {
                Ok(()) => return Ok(ports),
                Err(error) => last = error.to_string(),
            }
        }
        sleep(EVERY).await;
    }
    Err(format!("it was not ready within {} s: {last}", within.as_secs()))
}

/// Waits until a configuration newer than `before` is in force, or the log says why not.
pub(super) async fn reloaded(monitor: SocketAddr, before: &str, log: &Path, since: u64) -> Result<()> {
    let deadline = Instant::now() + RELOADED_WITHIN;
    while Instant::now() < deadline {
        if ports::config_load_time(monitor).await? != before {
            return Ok(());
        }
        if let Some(why) = refusal(&log_file::tail(log, since)) {
            return Err(Error::Refused(why));
        }
        sleep(EVERY).await;
    }
    Err(Error::Refused(format!("it has not said why within {} s", RELOADED_WITHIN.as_secs())))
}

fn refusal(log: &str) -> Option<String> {
    let (_, why) = log.lines().find_map(|line| line.split_once("Failed to reload server configuration: "))?;
    Some(why.to_owned())
}

/// Asks the process to stop, and kills it when the time is over.
pub(super) async fn stop(process: &Process, within: Duration) {
    process.end(&[(Signal::SIGTERM, within), (Signal::SIGKILL, Duration::from_secs(5))]).await;
}
