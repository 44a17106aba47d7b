//! The processes of this machine, to know our own again.
//!
//! A process id alone proves nothing: it is used again. A server of ours has its data folder among its arguments, and
//! those can be read by everyone, where /proc/PID/exe needs the right to trace the process.

use std::path::Path;

/// One process, with its arguments.
pub(crate) struct Listed {
    pub(crate) pid: i32,
    args: Vec<String>,
}

impl Listed {
    /// Whether this is that program, started with that folder among its arguments.
    pub(crate) fn is(&self, program: &str, folder: &Path) -> bool {
        let folder = folder.to_string_lossy();
        self.program() == program && self.args.iter().any(|arg| *arg == folder)
    }

    /// Whether its title, which PostgreSQL's children write over their arguments, begins so.
    pub(crate) fn title_starts_with(&self, title: &str) -> bool {
        self.args.first().is_some_and(|first| first.starts_with(title))
    }

    /// The name of the program's file.
    pub(crate) fn program(&self) -> &str {
        let first = self.args.first().map_or("", String::as_str);
        first.rsplit('/').next().unwrap_or(first)
    }
}

/// Every process that can be seen and has not ended.
#[cfg(target_os = "linux")]
pub(crate) fn all() -> Vec<Listed> {
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter_map(one).collect()
}

/// One process; nothing if there is none, or it is a zombie (those have no arguments).
#[cfg(target_os = "linux")]
pub(crate) fn one(pid: i32) -> Option<Listed> {
    let bytes = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let args: Vec<String> = bytes
        .split(|byte| *byte == 0)
        .filter(|arg| !arg.is_empty())
        .map(|arg| String::from_utf8_lossy(arg).into())
        .collect();
    (!args.is_empty()).then_some(Listed { pid, args })
}

/// Every process that can be seen and has not ended.
#[cfg(not(target_os = "linux"))]
pub(crate) fn all() -> Vec<Listed> {
    listed_by_ps(&["-axww", "-o", "pid=,command="])
}

/// One process; nothing if there is none.
#[cfg(not(target_os = "linux"))]
pub(crate) fn one(pid: i32) -> Option<Listed> {
    listed_by_ps(&["-ww", "-o", "pid=,command=", "-p", &pid.to_string()]).pop()
}

/// `ps` does not tell where an argument ends: a folder with a blank in its name is not recognised.
#[cfg(not(target_os = "linux"))]
fn listed_by_ps(args: &[&str]) -> Vec<Listed> {
    let Ok(output) = std::process::Command::new("ps").args(args).output() else {
        return Vec::new();
    };
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| {
            let (pid, command) = line.trim_start().split_once(' ')?;
            let title = command.starts_with("postgres: ");
            let args = if title { vec![command.to_owned()] } else { command.split(' ').map(str::to_owned).collect() };
            Some(Listed { pid: pid.parse().ok()?, args })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::{
        process::{Command, Stdio},
        time::{Duration, Instant},
    };

    use super::*;

    #[test]
    fn a_process_is_known_by_its_program_and_a_whole_argument() {
        let mut child =
            Command::new("sh").args(["-c", "read _", "/tmp/some folder/data"]).stdin(Stdio::piped()).spawn().unwrap();
        // Spawned is not yet dressed: the arguments come a moment after the program.
        let deadline = Instant::now() + Duration::from_secs(10);
        let found = std::iter::repeat_with(|| one(child.id().cast_signed()))
            .take_while(|_| Instant::now() < deadline)
            .find_map(|found| found)
            .unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(found.is("sh", Path::new("/tmp/some folder/data")));
        assert!(!found.is("sh", Path::new("/tmp/some folder")));
        assert!(!found.is("postgres", Path::new("/tmp/some folder/data")));
        assert!(one(found.pid).is_none());
    }
}
