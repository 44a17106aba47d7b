//! What `docs/webhooks.md` tells a person to type is typed here.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, missing_docs, reason = "tests")]

mod world;

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use uuid::Uuid;
use world::{Rig, webhook::issue};

/// The blocks of shell under a heading of `docs/webhooks.md`.
fn blocks(heading: &str) -> Vec<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("docs/webhooks.md");
    let page = fs::read_to_string(page).unwrap();
    let section = page.split("\n## ").find(|section| section.starts_with(heading)).unwrap();
    section.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// A checkout in which the program was built, with this rig's home in it.
fn checkout(rig: &Rig) -> PathBuf {
    let checkout = rig.scratch().join("checkout");
    fs::create_dir_all(checkout.join("bin")).unwrap();
    symlink(env!("CARGO_BIN_EXE_rig"), checkout.join("bin/rig")).unwrap();
    symlink(rig.folder(), checkout.join(".rig")).unwrap();
    checkout
}

/// The folder of the psql that `rig up` prints: a machine need not have one.
async fn psql(rig: &Rig) -> String {
    let line = rig.until_said("/psql ").await;
    let path = line.split_whitespace().find(|word| word.ends_with("/psql")).unwrap();
    path.trim_end_matches("/psql").to_owned()
}

/// Types it in a shell, in the checkout.
async fn typed(rig: &Rig, checkout: &Path, script: &str) -> String {
    let script = script.replace("http://127.0.0.1:8420/webhooks/github", &rig.told("/webhooks"));
    let path = format!("{}:{}", psql(rig).await, std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    shell.args(["-euc", &script]).current_dir(checkout).env("PATH", path).stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || shell.output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}\n{said}");
    String::from_utf8(output.stdout).unwrap()
}

/// The targets of a page's links that lie in this repository.
fn links(page: &Path) -> Vec<String> {
    let text = fs::read_to_string(page).unwrap();
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let targets = targets.map(|target| target.split('#').next().unwrap_or_default().to_owned());
    targets.filter(|target| !target.is_empty() && !target.contains("://")).collect()
}

#[test]
fn links_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for page in [
        "README.md",
        "ARCHITECTURE.md",
        "docs/operate.md",
        "docs/github.md",
        "docs/webhooks.md",
        "docs/subscribe.md",
        "docs/sandbox.md",
    ] {
        let page = root.join(page);
        for link in links(&page) {
            assert!(page.parent().unwrap().join(&link).exists(), "{} leads to {link}", page.display());
        }
    }
}

#[tokio::test]
async fn a_webhook_posted_by_hand_is_a_record_and_a_row() {
    let rig = Rig::up().await;
    let blocks = blocks("A webhook by hand");
    let [post, look] = &blocks[..] else { panic!("{blocks:?}") };
    let checkout = checkout(&rig);
    let answer = typed(&rig, &checkout, post).await;
    assert!(answer.contains("HTTP/1.1 202"), "{answer}");
    rig.caught_up().await;
    let shown = typed(&rig, &checkout, look).await;
    assert!(shown.contains("sam opened acme/hello.site#1: Greet the visitor by name"), "the channel has it: {shown}");
    assert!(shown.contains("rig.evt.github.acme.hello%2Esite.issues"), "PostgreSQL has it: {shown}");
    rig.finish().await;
}

#[tokio::test]
async fn while_the_secret_changes_the_old_one_and_the_new_one_count() {
    let mut rig = Rig::up().await;
    let old = rig.line("webhook_secret");
    let [change] = &blocks("Change the secret")[..] else { panic!("another number of blocks") };
    typed(&rig, &checkout(&rig), change).await;
    rig.stop().await;
    rig.start().await;
    let new = rig.line("webhook_secret");
    assert_ne!(old, new);
    assert_eq!([status(&rig, &old).await, status(&rig, &new).await], [202, 202]);

    fs::remove_file(rig.folder().join("secrets/webhook_secret_previous")).unwrap();
    rig.stop().await;
    rig.start().await;
    assert_eq!([status(&rig, &old).await, status(&rig, &new).await], [401, 202]);
    rig.finish().await;
}

/// What a delivery that is signed with this secret is answered.
async fn status(rig: &Rig, secret: &str) -> u16 {
    let body = serde_json::to_vec(&issue(1, "Greet the visitor")).unwrap();
    rig.github().knowing(secret).post(Uuid::new_v4(), "issues", body).await.unwrap().status
}
