//! Processes: started, looked at, told to end.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Child,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill as send},
    unistd::Pid,
};

use super::PATIENCE;

/// A started program.
pub struct Process {
    child: Child,
    stdout: PathBuf,
    stderr: PathBuf,
    told: Instant,
}

/// How a program ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// How long it took since it was started or told to end.
    pub took: Duration,
    pub stdout: String,
    pub stderr: String,
}

impl Process {
    pub fn new(child: Child, stdout: PathBuf, stderr: PathBuf) -> Self {
        Self { child, stdout, stderr, told: Instant::now() }
    }

    pub fn pid(&self) -> i32 {
        i32::try_from(self.child.id()).unwrap()
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Writes this to its stdin, and ends that.
    pub fn feed(&mut self, input: String) {
        let mut stdin = self.child.stdin.take().expect("its stdin is no pipe");
        std::thread::spawn(move || {
            // A program may end without reading all of it.
            let _ = std::io::Write::write_all(&mut stdin, input.as_bytes());
        });
    }

    /// What it said on the screen so far.
    pub fn said(&self) -> String {
        fs::read_to_string(&self.stderr).unwrap()
    }

    /// What it printed so far.
    pub fn printed(&self) -> String {
        fs::read_to_string(&self.stdout).unwrap()
    }

    /// The first line that it said with this in it.
    pub fn said_line(&self, needle: &str) -> Option<String> {
        self.said().lines().find(|line| line.contains(needle)).map(str::to_owned)
    }

    /// SIGINT, as Ctrl-C sends it.
    pub fn interrupt(&mut self) {
        self.signal(Signal::SIGINT);
    }

    /// SIGTERM.
    pub fn terminate(&mut self) {
        self.signal(Signal::SIGTERM);
    }

    fn signal(&mut self, signal: Signal) {
        self.told = Instant::now();
        send(Pid::from_raw(self.pid()), signal).unwrap();
    }

    /// Waits for its end.
    pub async fn ended(&mut self) -> Ended {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < deadline, "it does not end: {}", self.said());
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        Ended { code: status.code(), took: self.told.elapsed(), stdout: self.printed(), stderr: self.said() }
    }
}

/// Nothing outlives the test, however it ends.
impl Drop for Process {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// kill -9.
pub fn kill(pid: i32) {
    signal(pid, Signal::SIGKILL);
}

/// Any signal, as SIGSTOP.
pub fn signal(pid: i32, signal: Signal) {
    send(Pid::from_raw(pid), signal).unwrap();
}

/// Whether there is such a process, and it has not ended.
pub fn is_alive(pid: i32) -> bool {
    arguments(pid).is_some()
}

/// The process of this program that was started on this folder.
pub fn server(folder: &Path, program: &str) -> Option<i32> {
    let folder = folder.to_string_lossy();
    pids().find(|pid| {
        arguments(*pid).is_some_and(|args| {
            args.first().is_some_and(|first| first.rsplit('/').next() == Some(program))
                && args.iter().any(|arg| *arg == folder)
        })
    })
}

/// Every process that can be seen.
pub fn pids() -> impl Iterator<Item = i32> {
    fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

/// Its arguments; nothing when it has ended.
pub fn arguments(pid: i32) -> Option<Vec<String>> {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).ok().filter(|bytes| !bytes.is_empty())?;
    Some(bytes.split(|byte| *byte == 0).map(|arg| String::from_utf8_lossy(arg).into_owned()).collect())
}

/// The processes that this one started.
pub fn children(of: i32) -> Vec<i32> {
    pids().filter(|pid| parent(*pid) == Some(of)).collect()
}

/// The fourth field of `stat`; the second is a name in brackets, which may hold blanks.
fn parent(pid: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}
