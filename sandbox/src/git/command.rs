//! Git's processes: how they start, and that they end.

use std::{path::Path, process::Stdio};

use tokio::{io::AsyncWriteExt, process::Command, time::timeout};

use super::{Error, Settings};

/// How a git ended, and what it said.
pub(super) type Output = std::process::Output;

/// Git on this repository, with an environment that no one's own configuration reaches into. It dies with whoever
/// waits for it.
pub(super) fn git(settings: &Settings, repository: &Path) -> Command {
    let mut git = Command::new(&settings.program);
    git.env_clear()
        .env("PATH", &settings.path)
        .env("LC_ALL", "C")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_DIR", repository)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    git
}

/// What git answers; an error unless it succeeds.
pub(super) async fn ask(
    name: &'static str,
    command: Command,
    input: &[u8],
    settings: &Settings,
) -> Result<Vec<u8>, Error> {
    let output = run(name, command, input, settings).await?;
    if output.status.success() { Ok(output.stdout) } else { Err(failed(name, &output)) }
}

/// What git answers, however it ends.
pub(super) async fn run(
    name: &'static str,
    mut command: Command,
    input: &[u8],
    settings: &Settings,
) -> Result<Output, Error> {
    let started = |source| Error::Start { program: settings.program.clone(), source };
    let mut child = command.spawn().map_err(started)?;
    let stdin = child.stdin.take();
    let feed = async {
        if let Some(mut stdin) = stdin {
            // A git that does not want to hear the rest says why when it ends.
            stdin.write_all(input).await.ok();
        }
    };
    let end = async { tokio::join!(feed, child.wait_with_output()).1 };
    let output =
        timeout(settings.time, end).await.map_err(|_| Error::TooLong { command: name, limit: settings.time })?;
    output.map_err(started)
}

/// The error of a git that did not succeed.
pub(super) fn failed(command: &'static str, output: &Output) -> Error {
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().rev().find(|line| !line.trim().is_empty());
    Error::Failed { command, said: last.map_or_else(|| output.status.to_string(), str::to_owned) }
}
