//! The example `held`, as a process to be killed.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "each test program uses its part, and a test may fail"
)]

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::Value;

/// A running `held`; killed when dropped.
pub(crate) struct Held {
    child: Child,
    /// What it says it has.
    pub(crate) has: Value,
}

/// The program with these words, to be given an environment.
pub(crate) fn command(words: &[&str]) -> Command {
    let tests = std::env::current_exe().unwrap();
    let program = tests.ancestors().nth(2).unwrap().join("examples/held");
    assert!(program.exists(), "{} is built with all targets of this crate", program.display());
    let mut command = Command::new(program);
    command.args(words);
    command
}

impl Held {
    /// Starts it and waits for what it says.
    pub(crate) fn start(mut command: Command) -> Self {
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut held = Self { child, has: Value::Null };
        let mut line = String::new();
        BufReader::new(held.child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        held.has = serde_json::from_str(&line).unwrap_or_else(|_| panic!("held said `{line}`: {}", held.errors()));
        held
    }

    /// A process id it says it has.
    pub(crate) fn pid(&self, name: &str) -> i32 {
        self.has[name].as_i64().unwrap().try_into().unwrap()
    }

    /// A text it says it has.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.has[name].as_str().unwrap()
    }

    /// Ends it as it wishes to end, and gives what it wrote to its standard error.
    pub(crate) fn finish(mut self) -> String {
        drop(self.child.stdin.take());
        let status = self.child.wait().unwrap();
        assert!(status.success(), "held ended with {status}");
        self.errors()
    }

    /// Kills it where it stands.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn errors(&mut self) -> String {
        let mut errors = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        errors
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether a process with this id is there and has not ended.
pub(crate) fn lives(pid: i32) -> bool {
    std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|args| !args.is_empty())
}

/// Asks again until it is so; fails after this many seconds.
pub(crate) async fn until(seconds: u64, what: &str, mut so: impl FnMut() -> bool) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(seconds);
    while !so() {
        assert!(std::time::Instant::now() < deadline, "{what}: not within {seconds} s");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// The process ids that have this among their arguments.
pub(crate) fn pids_naming(path: &Path) -> Vec<i32> {
    let path = path.to_str().unwrap();
    let pids =
        std::fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| std::fs::read_to_string(format!("/proc/{pid}/cmdline")).is_ok_and(|args| args.contains(path)))
        .collect()
}
