//! A role in a process of its own, started by this one: killed, it is started again, and nothing else is touched.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    fs::OpenOptions,
    path::PathBuf,
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, ChildStdout, Command},
    sync::watch,
};
use tokio_util::sync::CancellationToken;

use super::Error;
use crate::config::not_of_the_machine;

/// Which process each role is now, by its name here.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pids(Arc<Mutex<BTreeMap<String, i32>>>);

impl Pids {
    /// The process of a role, while it runs.
    pub(crate) fn of(&self, name: &str) -> Option<i32> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).copied()
    }

    fn set(&self, name: &str, pid: Option<i32>) {
        let mut pids = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match pid {
            Some(pid) => drop(pids.insert(name.to_owned(), pid)),
            None => drop(pids.remove(name)),
        }
    }
}

/// What a role's process prints when it has begun, with `--json`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Begun {
    /// Where it says how it is, if anywhere.
    pub(crate) health: Option<String>,
}

/// What it takes to start a role's process.
pub(crate) struct Settings {
    /// What it is called here; two processes may be of one role.
    pub(crate) name: String,
    /// The role, as `rig run` knows it.
    pub(crate) role: String,
    /// The rig's home.
    pub(crate) home: PathBuf,
    /// The configuration.
    pub(crate) config: PathBuf,
    /// Where what it says on the screen goes.
    pub(crate) log: PathBuf,
    /// Where its process id is told.
    pub(crate) pids: Pids,
    /// Where it is told where it says how it is, while it runs.
    pub(crate) health: watch::Sender<Option<String>>,
}

/// Runs the process until it ends, or asks it to end when cancelled: its stdin is closed.
pub(crate) async fn run(settings: Arc<Settings>, cancel: CancellationToken) -> Result<(), Error> {
    let mut child = start(&settings).map_err(Error::Process)?;
    settings.pids.set(&settings.name, child.id().and_then(|pid| i32::try_from(pid).ok()));
    // Waiting closes it, which would ask the child to end.
    let stdin = child.stdin.take();
    let stdout = child.stdout.take();
    let ended = tokio::select! {
        ended = child.wait() => ended,
        never = heard(stdout, &settings.health) => match never {},
        () = cancel.cancelled() => {
            drop(stdin);
            child.wait().await
        }
    };
    settings.pids.set(&settings.name, None);
    settings.health.send_replace(None);
    match ended.map_err(Error::Process)? {
        status if status.success() => Ok(()),
        status => Err(Error::Ended(status)),
    }
}

/// Hears from the process where it says how it is, and then holds its stdout for as long as it runs.
async fn heard(stdout: Option<ChildStdout>, health: &watch::Sender<Option<String>>) -> Infallible {
    if let Some(stdout) = stdout {
        let mut lines = BufReader::new(stdout).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if let Ok(Begun { health: Some(at) }) = serde_json::from_str(&line) {
                health.send_replace(Some(at));
            }
        }
    }
    std::future::pending().await
}

fn start(settings: &Settings) -> std::io::Result<Child> {
    let log = OpenOptions::new().create(true).append(true).open(&settings.log)?;
    let mut command = Command::new(std::env::current_exe()?);
    // Its configuration is the file, as it is for who started it.
    for name in not_of_the_machine() {
        command.env_remove(name);
    }
    command
        .args(["run", &settings.role, "--with-stdin", "--json", "--health", "127.0.0.1:0", "--home"])
        .arg(&settings.home)
        .arg("--config")
        .arg(&settings.config)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(log)
        // Ctrl-C is for who started it; that one asks in its own way.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
}
