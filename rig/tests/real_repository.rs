//! From nothing to Apps of one's own: `rig init`, and `rig github setup` against a played GitHub, by somebody who clicks.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::disallowed_methods, missing_docs, reason = "tests")]

mod clicks;

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Output, Stdio},
};

use clicks::{Running, World, command};

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn files(folder: &Path) -> Vec<String> {
    let mut all: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    all.sort();
    all
}

const ANSWERED: [&str; 7] = ["init", "--repository", "acme/hello.site", "--operator", "nora", "--check", "test"];

#[test]
fn init_writes_two_files_once() {
    let folder = tempfile::tempdir().unwrap();
    let rig = |args: &[&str]| command(folder.path()).args(args).stdin(Stdio::null()).output().unwrap();
    let first = rig(&ANSWERED);
    assert!(first.status.success(), "{}", said(&first));
    assert_eq!(
        (files(folder.path()), files(&folder.path().join("keys"))),
        (vec!["keys".into(), "rig.toml".into()], vec![".gitignore".into()])
    );
    let written = fs::read_to_string(folder.path().join("rig.toml")).unwrap();
    assert!(written.contains("name = \"acme/hello.site\"\nautonomy = \"propose\""), "{written}");

    let again = rig(&ANSWERED);
    assert_eq!(again.status.code(), Some(4), "{}", said(&again));
    assert_eq!(fs::read_to_string(folder.path().join("rig.toml")).unwrap(), written);
}

#[test]
fn init_where_nobody_can_be_asked_says_what_it_needs_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for (args, needle) in [
        (&["init"][..], "--repository is needed"),
        (&["init", "--repository", "acme"], "`acme` does not fit --repository"),
        (&["init", "--repository", "acme/site", "--operator", "nora"], "--check is needed"),
    ] {
        let output = command(folder.path()).args(args).stdin(Stdio::null()).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", said(&output));
        assert!(said(&output).contains(needle), "{args:?}: {}", said(&output));
    }
    assert!(files(folder.path()).is_empty());
}

#[tokio::test]
async fn three_apps_are_made_by_who_clicks() {
    let world = World::new().await;
    world.configure("# mine\n[ingest]\nlisten = \"127.0.0.1:0\"\n\n[[repository]]\nname = \"acme/hello.site\"\n");
    let apps = world.make_apps(&["--organization", "acme"]).await;
    let logins: Vec<&str> = apps.iter().map(|app| app["login"].as_str().unwrap()).collect();
    assert_eq!(logins, ["dev-e-acme[bot]", "review-e-acme[bot]", "conductor-e-acme[bot]"]);

    let keys = world.folder().join("keys");
    assert_eq!(files(&keys), ["conductor-e-acme.pem", "dev-e-acme.pem", "review-e-acme.pem", "webhook_secret"]);
    for key in files(&keys) {
        assert_eq!(fs::metadata(keys.join(&key)).unwrap().permissions().mode() & 0o777, 0o600, "{key}");
    }
    let config = world.config();
    for line in [
        "# mine",
        "[github.reviewer]",
        "login = \"review-e-acme[bot]\"",
        "webhook_secret_file = \"keys/webhook_secret\"",
    ] {
        assert!(config.contains(line), "{line} in\n{config}");
    }

    let nothing_left = world.rig(&["github", "setup"]);
    assert!(
        nothing_left.status.success() && said(&nothing_left).contains("all three Apps stand"),
        "{}",
        said(&nothing_left)
    );
    let taken = world.rig(&["github", "setup", "--role", "reviewer"]);
    assert_eq!(taken.status.code(), Some(4), "{}", said(&taken));
    assert_eq!(world.config(), config, "what is there stays");
}

#[tokio::test]
async fn a_code_that_was_not_sent_for_makes_nothing_and_ctrl_c_keeps_what_is_made() {
    let world = World::new().await;
    world.configure("[[repository]]\nname = \"acme/hello.site\"\n");
    let mut setup = Running::start(world.folder(), &["github", "setup", "--json"]);
    let page = setup.line()["page"].as_str().unwrap().to_owned();

    let before = world.config();
    let forged = world.get(&format!("{page}made?code=0123456789&state=guessed")).await;
    assert_eq!(forged.status, 400, "{}", forged.text);
    let word = |back: String| back.replace("code=", "code=0");
    let wrong = world.brought_back(&page, word).await;
    assert!(wrong.status == 400 && wrong.text.contains("GitHub gives no App"), "{}", wrong.text);
    assert_eq!(world.config(), before);

    // The name is free still: GitHub gives an App only to who brings its code.
    let made = world.brought_back(&page, |back| back).await;
    assert_eq!(made.status, 200, "{}", made.text);
    assert_eq!(setup.line()["role"], "implementer");
    setup.interrupt();
    let (code, told) = setup.end();
    assert_eq!(code, Some(130), "{told}");
    assert_eq!(files(&world.folder().join("keys")), ["dev-e-acme.pem"]);
    assert!(world.config().contains("[github.implementer]") && !world.config().contains("[github.reviewer]"));
}

#[tokio::test]
async fn without_a_configuration_nobody_is_asked_anything() {
    let world = World::new().await;
    let output = world.rig(&["github", "setup"]);
    assert!(output.status.code() == Some(1) && said(&output).contains("rig init"), "{}", said(&output));
}
