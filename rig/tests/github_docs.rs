//! What `docs/github.md` tells a person to type is typed here, against a played GitHub: from nothing to an issue that
//! landed.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    missing_docs,
    reason = "tests"
)]

mod clicks;
mod world;

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use clicks::World;
use conductor::github::principal::{Access, Principal};
use serde_json::{Value, json};
use world::{Rig, Start, until};

const REPO: &str = "/repos/acme/hello.site";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn page() -> String {
    fs::read_to_string(root().join("docs/github.md")).unwrap()
}

/// The one block of shell under a heading.
fn block(heading: &str) -> String {
    let page = page();
    let section = page.split("\n## ").find(|section| section.starts_with(heading)).unwrap();
    let mut blocks = section.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned());
    let block = blocks.next().unwrap();
    assert!(blocks.next().is_none(), "{heading} has more than one block");
    block
}

/// Types a block in the folder that stands for the checkout; what it said.
async fn typed(folder: &Path, heading: &str) -> String {
    let mut shell = Command::new("sh");
    shell.args(["-euc", &block(heading)]).current_dir(folder).stdin(Stdio::null());
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("RIG_")) {
        shell.env_remove(name);
    }
    let output = tokio::task::spawn_blocking(move || shell.output().unwrap()).await.unwrap();
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap()).concat();
    assert!(output.status.success(), "{heading}\n{said}");
    said
}

#[test]
fn the_table_says_what_each_app_asks_for() {
    let page = page();
    for principal in Principal::ALL {
        let row = page.lines().find(|line| line.starts_with(&format!("| {}, ", principal.name()))).unwrap();
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let with = |access: Access| {
            let needs = principal.needs().iter().filter(|need| need.access == access);
            needs.map(|need| need.permission).collect::<Vec<_>>().join(", ")
        };
        assert_eq!((cells[2], cells[3]), (with(Access::Write).as_str(), with(Access::Read).as_str()), "{row}");
        assert_eq!(cells[4], principal.events().join(", "), "{row}");
    }
}

/// What this GitHub's addresses are, which the page leaves out since GitHub's own need no naming.
fn name_the_addresses(world: &World) {
    let addresses = world.played.addresses();
    let more = format!("\n[github]\napi = \"{}\"\nweb = \"{}\"\n", addresses.api, addresses.html);
    fs::write(world.folder().join("rig.toml"), world.config() + &more).unwrap();
}

fn kinds(log: &str) -> Vec<String> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter_map(|line| Some(line["record"]["type"].as_str()?.to_owned())).collect()
}

#[tokio::test]
async fn three_questions_are_asked_until_they_are_answered_and_nothing_is_written_before() {
    let rig = Rig::down(Start::new());
    let written = || rig.scratch().join("rig.toml").exists() || rig.scratch().join("keys").exists();
    let mut terminal = rig.terminal(&["init"]);
    terminal.until_shown("Which repository on GitHub?").await;
    terminal.press("acme\r");
    terminal.until_shown("That does not fit; write it like acme/site").await;
    terminal.press("acme/hello.site\r");
    terminal.until_shown("Your login there?").await;
    terminal.press("\u{4}");
    assert_eq!(terminal.ended().await, 130);
    assert!(!written(), "who goes away leaves nothing");

    let mut terminal = rig.terminal(&["init", "--repository", "acme/hello.site", "--operator", "nora"]);
    terminal.until_shown("Which checks must be green").await;
    terminal.press("test, build\r");
    terminal.ended_with(0).await.until_shown("rig github setup").await;
    let config = fs::read_to_string(rig.scratch().join("rig.toml")).unwrap();
    assert!(config.contains("checks = [\"test\", \"build\"]"), "{config}");
}

#[tokio::test(flavor = "multi_thread")]
async fn from_nothing_to_the_first_issue() {
    // Sooner than every five seconds, since nobody here has the patience of a person.
    let mut rig = Rig::down(Start::new().env("RIG__GITHUB__LIST_EVERY", "1s"));
    let folder = rig.scratch().to_path_buf();
    fs::create_dir(folder.join("bin")).unwrap();
    symlink(clicks::RIG, folder.join("bin/rig")).unwrap();
    symlink(root().join("agents"), folder.join("agents")).unwrap();
    let world = World::at(&folder).await;

    typed(&folder, "Three questions").await;
    name_the_addresses(&world);
    // What `bin/rig github setup` shows is clicked through.
    assert!(block("Three Apps").contains("bin/rig github setup"));
    world.install(&world.make_apps(&[]).await);
    typed(&folder, "A brain of your own").await;
    world.api("POST", &format!("{REPO}/labels"), &json!({"name": "agent-ready", "color": "0e8a16"})).await;
    let told = typed(&folder, "Is everything there?").await;
    assert!(told.contains("conductor-e-nora") || told.contains("conductor-e-acme"), "{told}");

    assert!(block("The first issue").contains("bin/rig up"));
    rig.start().await;
    let told = rig.command(&["doctor"]).await;
    assert_eq!(told.code, Some(0), "{}\n{}", told.stdout, told.stderr);
    for line in ["a rig is up in", "postgresql   answers", "its streams and consumers are as they should be"] {
        assert!(told.stdout.contains(line), "{line} in\n{}", told.stdout);
    }
    let issue = json!({"title": "Greet the visitor by name", "labels": ["agent-ready"]});
    let issue = world.api("POST", &format!("{REPO}/issues"), &issue).await["number"].clone();

    let pull = until("a pull request that is approved", async || {
        let pulls = world.api("GET", &format!("{REPO}/pulls"), &Value::Null).await;
        let pull = pulls.as_array().unwrap().first()?.clone();
        let reviews = world.api("GET", &format!("{REPO}/pulls/{}/reviews", pull["number"]), &Value::Null).await;
        reviews.as_array().unwrap().iter().any(|review| review["state"] == "APPROVED").then_some(pull)
    })
    .await;
    assert!(pull["user"]["login"].as_str().unwrap().starts_with("dev-e-"), "{}", pull["user"]["login"]);

    // The check that says why says when it waits for nobody but a person.
    until("the gate that waits for a word", async || {
        let path = format!("{REPO}/commits/{}/check-runs?check_name=rig%20%2F%20gate", pull["head"]["sha"].as_str()?);
        let runs = world.api("GET", &path, &Value::Null).await;
        let asks =
            |run: &Value| run["output"]["summary"].as_str().is_some_and(|says| says.contains("you can   approve"));
        runs["check_runs"].as_array()?.iter().any(asks).then_some(())
    })
    .await;
    let approve = json!({"body": "/rig approve"});
    world.api("POST", &format!("{REPO}/issues/{issue}/comments"), &approve).await;
    until("the landing", async || {
        let log = rig.command(&["tail", "work", "--from", "1", "--until-idle", "--json"]).await;
        kinds(&log.stdout).contains(&"rig.work.merged.v1".to_owned()).then_some(())
    })
    .await;
    let closed = world.api("GET", &format!("{REPO}/issues/{issue}"), &Value::Null).await;
    assert_eq!(closed["state"], "closed");
    rig.finish().await;
}
