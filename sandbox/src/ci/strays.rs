//! Ends what left a job's process group, where no namespace does it.

use std::{fs, io, path::Path, time::Duration};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::time::{Instant, sleep};

const PATIENCE: Duration = Duration::from_secs(5);
const BETWEEN: Duration = Duration::from_millis(5);

/// Kills every process that has the job's home in its environment, until none is left. Again and again, because one that
/// forks may do so between being seen and being killed.
pub(super) async fn end(home: &Path) -> io::Result<()> {
    let mark = format!("HOME={}", home.display());
    let deadline = Instant::now() + PATIENCE;
    loop {
        let left = marked(mark.as_bytes());
        if left.is_empty() {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "processes of the job do not end"));
        }
        left.into_iter().for_each(|pid| {
            // One that is gone already is what was wanted; one that may not be killed is seen again.
            let _gone_already = kill(pid, Signal::SIGKILL);
        });
        sleep(BETWEEN).await;
    }
}

/// The processes whose environment holds the mark; none on a system without `/proc`.
fn marked(mark: &[u8]) -> Vec<Pid> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| holds(*pid, mark)).map(Pid::from_raw).collect()
}

fn holds(pid: i32, mark: &[u8]) -> bool {
    fs::read(format!("/proc/{pid}/environ"))
        .is_ok_and(|variables| variables.split(|byte| *byte == 0).any(|v| v == mark))
}
