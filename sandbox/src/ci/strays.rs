//! Ends what left a job's process group, where no namespace does it.

use std::{fs, io, path::PathBuf, time::Duration};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::time::{sleep, timeout};

const PATIENCE: Duration = Duration::from_secs(5);
const BETWEEN: Duration = Duration::from_millis(5);

/// What a job may leave running.
#[derive(Debug)]
pub(super) enum Strays {
    /// Nothing, because its walls or its nature see to that.
    None,
    /// Processes that have this home in their environment.
    AtHome(PathBuf),
}

impl Strays {
    /// Kills them until none is left: again and again, because one that forks may do so between being seen and being
    /// killed.
    pub(super) async fn end(self) -> io::Result<()> {
        let Self::AtHome(home) = self else { return Ok(()) };
        let mark = format!("HOME={}", home.display());
        let all_gone = async {
            while kill_all(&marked(mark.as_bytes())) > 0 {
                sleep(BETWEEN).await;
            }
        };
        Ok(timeout(PATIENCE, all_gone).await?)
    }
}

/// Kills processes, and says how many there were.
fn kill_all(pids: &[Pid]) -> usize {
    for pid in pids {
        // One that is gone already is what was wanted; one that may not be killed is seen again.
        let _gone_already = kill(*pid, Signal::SIGKILL);
    }
    pids.len()
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
