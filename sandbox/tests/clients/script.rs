//! Runs a client that is written in another language: it is given JSON, and prints JSON.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
};

use crate::stage::path;

/// As long as a client may take on a machine that is busy with other tests.
const LONGEST: Duration = Duration::from_secs(60);

/// A program of Python with PyGithub.
pub async fn python(script: &str, given: &Value) -> Value {
    let library = installed("pygithub", "github");
    let mut command = bare("python3");
    command.arg(source(script)).env("PYTHONPATH", library).env("PYTHONDONTWRITEBYTECODE", "1");
    run(command, given).await
}

/// A program of Node with Octokit.js, which it finds beside itself.
pub async fn node(script: &str, given: &Value) -> Value {
    let modules = installed("octokit-js", "node_modules").join("node_modules");
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().join(script);
    std::fs::copy(source(script), &here).unwrap();
    std::os::unix::fs::symlink(modules, folder.path().join("node_modules")).unwrap();
    let mut command = bare(workspace(".cache/tools/bin/node"));
    command.arg(&here);
    run(command, given).await
}

async fn run(mut command: Command, given: &Value) -> Value {
    let started =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).spawn();
    let child =
        started.unwrap_or_else(|error| panic!("{command:?} does not start ({error}): `make tools` installs it"));
    let ended = tokio::time::timeout(LONGEST, talk(child, given.to_string())).await;
    let output = ended.unwrap_or_else(|_| panic!("{command:?} took more than {LONGEST:?}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", output.status);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"))
}

async fn talk(mut child: Child, given: String) -> std::process::Output {
    let mut stdin = child.stdin.take().unwrap();
    // A program that ended early says why on its standard error.
    stdin.write_all(given.as_bytes()).await.ok();
    drop(stdin);
    child.wait_with_output().await.unwrap()
}

/// No proxy, token or path of whoever runs the tests reaches the client.
fn bare(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", path());
    command
}

fn installed(place: &str, what: &str) -> PathBuf {
    let folder = workspace(".cache").join(place);
    assert!(folder.join(what).exists(), "{} is not there: `make tools` installs it", folder.join(what).display());
    folder
}

fn source(script: &str) -> PathBuf {
    workspace("sandbox/tests/clients").join(script)
}

fn workspace(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(path)
}
