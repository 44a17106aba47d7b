//! How the program is started.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs::File,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use super::process::{Ended, Process};

/// The program under test.
pub const RIG: &str = env!("CARGO_BIN_EXE_rig");

/// How the program is started: with which arguments and environment.
#[derive(Clone)]
pub struct Start {
    args: Vec<OsString>,
    environment: BTreeMap<OsString, OsString>,
    program: PathBuf,
}

impl Start {
    /// On free ports, with this process's environment, but none of its configuration.
    pub fn new() -> Self {
        Self::with_environment(std::env::vars_os().filter(|(name, _)| {
            let name = name.to_string_lossy();
            !name.starts_with("RIG_") || name == "RIG_CACHE"
        }))
        .on_free_ports()
    }

    /// With an environment that holds PATH and nothing else: the ports are the usual ones, or others.
    pub fn bare() -> Self {
        Self::with_environment(std::env::vars_os().filter(|(name, _)| name == "PATH" || name == "RIG_CACHE"))
    }

    fn with_environment(environment: impl Iterator<Item = (OsString, OsString)>) -> Self {
        Self { args: Vec::new(), environment: environment.collect(), program: RIG.into() }
    }

    fn on_free_ports(self) -> Self {
        let anywhere = "127.0.0.1:0";
        self.env("RIG__SERVERS__NATS_PORT", "0")
            .env("RIG__SERVERS__NATS_MONITOR_PORT", "0")
            .env("RIG__SERVERS__POSTGRES_PORT", "0")
            .env("RIG__INGEST__LISTEN", anywhere)
            .env("RIG__HEALTH__LISTEN", anywhere)
    }

    /// With this argument of `rig up`.
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// With this variable.
    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// Without this variable.
    pub fn without(mut self, name: &str) -> Self {
        self.environment.remove(std::ffi::OsStr::new(name));
        self
    }

    /// Starts `rig up` in this home. What it says goes to files in `scratch`, so that nobody has to listen.
    pub fn spawn(&self, home: &Path, scratch: &Path) -> Process {
        let mut args = vec![OsString::from("up")];
        args.extend(self.args.iter().cloned());
        self.process(home, scratch, &args)
    }

    /// Starts a command against this home.
    pub fn begin(&self, home: &Path, scratch: &Path, args: &[&str]) -> Process {
        let args: Vec<_> = args.iter().map(OsString::from).collect();
        self.process(home, scratch, &args)
    }

    /// Runs a command against this home, to its end.
    pub async fn command(&self, home: &Path, scratch: &Path, args: &[&str]) -> Ended {
        self.begin(home, scratch, args).ended().await
    }

    /// Runs a command that has to find the rig by itself, to its end.
    pub async fn command_here(&self, folder: &Path, args: &[&str]) -> Ended {
        let mut command = Command::new(&self.program);
        command.args(args).current_dir(folder).env_clear().envs(&self.environment);
        started(command, folder).ended().await
    }

    fn process(&self, home: &Path, scratch: &Path, args: &[OsString]) -> Process {
        let mut command = self.prepared(home, scratch);
        command.args(args);
        started(command, scratch)
    }

    /// The program against this home, its arguments and streams still to be said.
    pub fn prepared(&self, home: &Path, scratch: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--home").arg(home).current_dir(scratch).env_clear().envs(&self.environment);
        command
    }
}

fn started(mut command: Command, scratch: &Path) -> Process {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let n = COUNT.fetch_add(1, Ordering::Relaxed);
    let [stdout, stderr] = ["stdout", "stderr"].map(|name| scratch.join(format!("{n}.{name}")));
    command.stdin(Stdio::null()).stdout(File::create(&stdout).unwrap()).stderr(File::create(&stderr).unwrap());
    Process::new(command.spawn().unwrap(), stdout, stderr)
}
