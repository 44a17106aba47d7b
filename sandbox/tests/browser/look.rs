//! Starts Chromium by a script of Node: it is given JSON, and prints what it saw as JSON.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use serde_json::Value;
use tokio::{io::AsyncWriteExt, process::Command};

use crate::stage::path;

/// As long as all pages may take on a machine that is busy with other tests.
const LONGEST: Duration = Duration::from_secs(200);

/// Runs a script that lies beside this file. The browser has a home of its own, which goes with it.
pub async fn look(script: &str, mut given: Value) -> Value {
    let (browser, modules) = (installed("browser/chromium"), installed("browser-driver/node_modules"));
    given["browser"] = browser.to_str().unwrap().into();
    let home = tempfile::tempdir().unwrap();
    let here = home.path().join(script);
    std::fs::copy(workspace("sandbox/tests/browser").join(script), &here).unwrap();
    std::os::unix::fs::symlink(modules, home.path().join("node_modules")).unwrap();
    let fonts = browser.parent().unwrap();
    let mut node = Command::new(installed("tools/bin/node"));
    node.arg(here)
        .env_clear()
        .env("PATH", path())
        .envs(["HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"].map(|name| (name, home.path())))
        .env("LD_LIBRARY_PATH", fonts.join("lib"));
    if fonts.join("fonts.conf").exists() {
        node.env("FONTCONFIG_PATH", fonts);
    }
    run(node, &given.to_string()).await
}

async fn run(mut node: Command, given: &str) -> Value {
    node.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = node.spawn().unwrap();
    let talk = async {
        let mut stdin = child.stdin.take().unwrap();
        // A program that ended early says why on its standard error.
        stdin.write_all(given.as_bytes()).await.ok();
        drop(stdin);
        child.wait_with_output().await.unwrap()
    };
    let output = tokio::time::timeout(LONGEST, talk).await.unwrap_or_else(|_| panic!("more than {LONGEST:?}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", output.status);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"))
}

fn installed(what: &str) -> PathBuf {
    let place = workspace(".cache").join(what);
    assert!(place.exists(), "{} is not there: `make tools` installs it", place.display());
    place
}

fn workspace(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(path)
}
