//! Starts a job's script, and learns what it says of itself.

use std::{
    fs,
    io::{self, Read as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use tokio::process::Command;

use super::{Job, Limits, Settings, Walls, attempt::Unstarted, scratch::Scratch};
use crate::workflow::Conclusion;

/// The variable that names the file into which a script may write `neutral`, `skipped` or `action_required`.
pub const CONCLUSION: &str = "CI_CONCLUSION";

/// The command that runs the script, within the walls.
pub(super) fn command(settings: &Settings, job: &Job, scratch: &Scratch) -> Result<Command, Unstarted> {
    let shell = found(&job.script.shell, &settings.path)?;
    fs::write(scratch.script(), &job.script.text).map_err(Unstarted::Scratch)?;
    let mut command = settings.walls.around(Path::new("sh"), &settings.path);
    command.args(["-c", &prelude(settings.walls, &job.limits)]).arg(scratch.started()).arg(shell);
    if matches!(job.script.shell.as_str(), "sh" | "bash") {
        command.arg("-e");
    }
    command.arg(scratch.script()).current_dir(scratch.work());
    command.envs(&job.environment).env("PATH", &settings.path);
    command.env("HOME", scratch.home()).env("TMPDIR", scratch.temporary());
    command.env("CI", "true").env("CI_COMMIT", &job.checkout.commit).env(CONCLUSION, scratch.conclusion());
    Ok(command)
}

/// Sets the limits for the script alone, leaves the sign that it starts, which is its `$0`, and becomes it. A limit that cannot be set is one that is stricter already, or
/// that the system does not have.
fn prelude(walls: Walls, limits: &Limits) -> String {
    let loopback = matches!(walls, Walls::Namespaces).then(|| "ip link set lo up".to_owned());
    let memory = limits.memory.map(|bytes| format!("ulimit -v {}", bytes / 1024));
    let file_size = limits.file_size.map(|bytes| format!("ulimit -f {}", bytes / 512));
    let steps = [loopback, Some("ulimit -c 0".into()), memory, file_size].into_iter().flatten();
    let steps: String = steps.map(|step| format!("{step} 2>/dev/null; ")).collect();
    steps + ": >\"$0\"; exec \"$@\""
}

fn found(shell: &str, path: &str) -> Result<PathBuf, Unstarted> {
    let runs = |file: &PathBuf| {
        fs::metadata(file).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    };
    let files = path.split(':').filter(|folder| !folder.is_empty()).map(|folder| Path::new(folder).join(shell));
    files.into_iter().find(runs).ok_or_else(|| Unstarted::Shell(shell.to_owned()))
}

/// What a script that ended well said of itself.
pub(super) fn said(scratch: &Scratch) -> Result<Conclusion, &'static str> {
    const UNKNOWN: &str =
        "the file that CI_CONCLUSION names must hold neutral, skipped or action_required, and holds something else";
    match word(&scratch.conclusion()) {
        Ok(None) => Ok(Conclusion::Success),
        Ok(Some(word)) => match word.trim() {
            "" => Ok(Conclusion::Success),
            "neutral" => Ok(Conclusion::Neutral),
            "skipped" => Ok(Conclusion::Skipped),
            "action_required" => Ok(Conclusion::ActionRequired),
            _ => Err(UNKNOWN),
        },
        Err(_) => Err(UNKNOWN),
    }
}

/// The file's first bytes. Only a file is read: a link could lead to one of ours, and a pipe could keep us waiting.
fn word(file: &Path) -> io::Result<Option<String>> {
    match fs::symlink_metadata(file) {
        Ok(found) if found.is_file() => {}
        Ok(_) => return Err(io::ErrorKind::InvalidData.into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    }
    let mut word = String::new();
    fs::File::open(file)?.take(64).read_to_string(&mut word)?;
    Ok(Some(word))
}
