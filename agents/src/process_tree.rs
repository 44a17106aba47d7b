//! The processes of a run, however they hide: all of them end with it.
//!
//! A run's first process leads a group of its own, and every process it starts inherits a mark in its environment: the
//! run's folder. The group is killed at once; whoever left the group is found by the mark. So a program that was left by
//! an agent that died is found too, by the agent that comes after.

use std::path::Path;

use nix::{
    sys::signal::{Signal, kill, killpg},
    unistd::Pid,
};

/// The mark's name in the environment.
pub(crate) const MARK: &str = "RIG_RUN_FOLDER";

/// A process that starts others while they are being killed is found the next time round.
const ROUNDS: usize = 20;

/// A run's processes. Dropped, they are killed.
#[derive(Debug)]
pub(crate) struct Tree<'a> {
    leader: Option<Pid>,
    folder: &'a Path,
}

impl<'a> Tree<'a> {
    /// The processes with this leader of a group; it is a child that nobody has waited for.
    pub(crate) fn led_by(leader: Option<u32>, folder: &'a Path) -> Self {
        Self { leader: leader.map(|pid| Pid::from_raw(pid.cast_signed())), folder }
    }

    /// Asks the group to come to an end.
    pub(crate) fn ask(&self) {
        self.signal(Signal::SIGTERM);
    }

    /// Kills whoever is left.
    pub(crate) fn end(&self) {
        self.signal(Signal::SIGKILL);
        end_marked(self.folder);
    }

    fn signal(&self, signal: Signal) {
        if let Some(leader) = self.leader {
            let _ = killpg(leader, signal);
        }
    }
}

impl Drop for Tree<'_> {
    fn drop(&mut self) {
        self.end();
    }
}

/// Kills whoever carries the mark of this folder.
#[cfg(target_os = "linux")]
pub(crate) fn end_marked(folder: &Path) {
    let mark = format!("{MARK}={}", folder.display());
    for _ in 0..ROUNDS {
        let marked = marked(mark.as_bytes());
        if marked.is_empty() {
            return;
        }
        for pid in marked {
            let _ = kill(pid, Signal::SIGKILL);
        }
    }
}

/// Where environments cannot be read the group is all there is.
#[cfg(not(target_os = "linux"))]
pub(crate) fn end_marked(_folder: &Path) {}

#[cfg(target_os = "linux")]
fn marked(mark: &[u8]) -> Vec<Pid> {
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    // Of one that has ended, and of another user's, nothing can be read.
    let carries = |pid: &i32| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|entry| entry == mark)
    };
    pids.filter(carries).map(Pid::from_raw).collect()
}
