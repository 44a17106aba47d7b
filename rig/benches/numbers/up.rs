//! A whole rig: how soon it is ready, and what it keeps in memory.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::Stdio,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use servers::testing::{self, Home};
use tokio::{
    process::{Child, Command},
    time::{sleep, timeout},
};

use crate::{
    Scale,
    row::{Bound, Row, median},
    webhooks::memory,
};

/// After a start that takes longer, something is wrong.
const PATIENCE: Duration = Duration::from_secs(60);

const LOOK_EVERY: Duration = Duration::from_millis(2);

pub async fn run(scale: Scale) -> Vec<Row> {
    // Once unmeasured: from then on the programs are in the cache.
    Rig::start().await.stop().await;
    let mut rigs = Vec::new();
    for _ in 0..scale.pairs().min(3) {
        rigs.push(Rig::start().await);
    }
    sleep(if scale.is_full() { Duration::from_secs(60) } else { Duration::from_secs(1) }).await;
    let ready = median(rigs.iter().map(|rig| rig.ready_after.as_secs_f64()));
    let resident = median(rigs.iter().map(|rig| memory(rig.process.id().unwrap(), "VmRSS:")));
    for rig in rigs {
        rig.stop().await;
    }
    vec![
        Row::of_value("rig up, resident memory 60 s after ready", resident, "MB", Bound::AtMost(40.0)),
        Row::of_value("rig up, new home, ready after", ready, "s", Bound::AtMost(3.0)),
    ]
}

/// A rig in a new home of its own, on free ports.
struct Rig {
    process: Child,
    ready_after: Duration,
    // After the process, so that it is dropped after it, with all that was started in it.
    _home: Home,
}

impl Rig {
    async fn start() -> Self {
        let home = testing::home();
        let said = home.path().join("said");
        let begin = Instant::now();
        let mut process = command(home.path().join("home"), &said).spawn().unwrap();
        let up = home.path().join("home/up.json");
        let ready = async {
            while !up.exists() {
                let ended = process.try_wait().unwrap();
                assert!(ended.is_none(), "{}", fs::read_to_string(&said).unwrap());
                sleep(LOOK_EVERY).await;
            }
        };
        timeout(PATIENCE, ready).await.unwrap_or_else(|_| panic!("{}", fs::read_to_string(&said).unwrap()));
        Self { process, ready_after: begin.elapsed(), _home: home }
    }

    async fn stop(mut self) {
        kill(Pid::from_raw(self.process.id().unwrap().cast_signed()), Signal::SIGTERM).unwrap();
        timeout(PATIENCE, self.process.wait()).await.unwrap().unwrap();
    }
}

fn command(home: PathBuf, said: &PathBuf) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rig"));
    command.arg("up").arg("--home").arg(home).current_dir(said.parent().unwrap());
    for port in ["NATS_PORT", "NATS_MONITOR_PORT", "POSTGRES_PORT"] {
        command.env(format!("RIG__SERVERS__{port}"), "0");
    }
    for listener in ["INGEST", "HEALTH"] {
        command.env(format!("RIG__{listener}__LISTEN"), "127.0.0.1:0");
    }
    command.env_remove("RIG_HOME").env_remove("RIG_CONFIG");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(said).unwrap());
    command
}
