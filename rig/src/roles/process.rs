//! A role in a process of its own, started by this one: killed, it is started again, and nothing else is touched.

use std::{
    collections::BTreeMap,
    fs::OpenOptions,
    path::PathBuf,
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::process::{Child, Command};
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
}

/// Runs the process until it ends, or asks it to end when cancelled: its stdin is closed.
pub(crate) async fn run(settings: Arc<Settings>, cancel: CancellationToken) -> Result<(), Error> {
    let mut child = start(&settings).map_err(Error::Process)?;
    settings.pids.set(&settings.name, child.id().and_then(|pid| i32::try_from(pid).ok()));
    // Waiting closes it, which would ask the child to end.
    let stdin = child.stdin.take();
    let ended = tokio::select! {
        ended = child.wait() => ended,
        () = cancel.cancelled() => {
            drop(stdin);
            child.wait().await
        }
    };
    settings.pids.set(&settings.name, None);
    match ended.map_err(Error::Process)? {
        status if status.success() => Ok(()),
        status => Err(Error::Ended(status)),
    }
}

fn start(settings: &Settings) -> std::io::Result<Child> {
    let log = OpenOptions::new().create(true).append(true).open(&settings.log)?;
    let mut command = Command::new(std::env::current_exe()?);
    // Its configuration is the file, as it is for who started it.
    for name in not_of_the_machine() {
        command.env_remove(name);
    }
    command
        .args(["run", &settings.role, "--with-stdin", "--home"])
        .arg(&settings.home)
        .arg("--config")
        .arg(&settings.config)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(log)
        // Ctrl-C is for who started it; that one asks in its own way.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
}
