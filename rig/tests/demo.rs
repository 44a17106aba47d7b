//! `rig demo`: the first thing that a stranger types.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, missing_docs, reason = "tests")]

mod world;

use std::path::Path;

use serde_json::Value;
use world::{
    Rig, Start,
    process::{self, Process},
    until,
};

/// A demo, in the home of a rig that is down.
struct Demo {
    rig: Rig,
}

impl Demo {
    fn new() -> Self {
        // What the environment says of another rig does not count in a demo.
        let start = Start::new().env("RIG__OPERATOR__NAME", "nora").env("RIG__GITHUB__API", "http://127.0.0.1:1");
        Self { rig: Rig::down(start) }
    }

    fn begin(&self, args: &[&str]) -> Process {
        self.rig.begin(&[&["demo"], args].concat())
    }

    /// What it left is what a rig finds that goes on in its home.
    async fn finish(mut self) {
        assert!(self.rig.is_all_quiet());
        self.rig.start_with(|_| Start::new());
        self.rig.start().await;
        self.rig.finish().await;
    }
}

/// As many columns as the screen of the smallest terminal that people still use; as many lines as it has twice.
fn fits(said: &str, home: &Path) {
    let shown: Vec<&str> = said.lines().filter(|line| !line.contains(home.to_str().unwrap())).collect();
    assert!(shown.len() <= 40, "{} lines", shown.len());
    for line in shown {
        assert!(line.chars().count() <= 92, "{line}");
    }
}

#[tokio::test]
async fn two_issues_become_two_live_changes_and_nobody_touches_a_key() {
    let demo = Demo::new();
    let ended = demo.begin(&["--json"]).ended().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);

    assert_eq!(ended.stdout.lines().count(), 1, "{}", ended.stdout);
    let told: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(told["ok"], true);
    assert_eq!(told["records"], told["rows"]);
    assert!(told["records"].as_u64().unwrap() > 50, "{told}");
    let items = told["items"].as_array().unwrap();
    assert_eq!(items.iter().map(|item| item["issue"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2]);
    for item in items {
        assert_eq!(item["verified"], true, "{item}");
        assert_eq!(item["landed"].as_str().unwrap().len(), 40, "{item}");
        assert!(item["pull_request"].is_u64() && item["seconds"].is_f64(), "{item}");
        assert!(item["live_url"].as_str().unwrap().starts_with("http://127.0.0.1:"), "{item}");
    }
    assert!(items[0]["seconds"].as_f64() < items[1]["seconds"].as_f64(), "the second waits for the first");

    fits(&ended.stderr, demo.rig.scratch());
    for needle in [
        "rehearsing from a playbook, not a model",
        "#2 waits for #1",
        "review-e    ✗ an empty name says \"Hello, !\"",
        "An empty name is no name, with a test",
        "✓ gates 7 of 7. Landed as ",
        "● #2 is live",
        "2 filed, 2 live, ",
        "0 keys pressed.",
    ] {
        assert!(ended.stderr.contains(needle), "{needle:?} is not in:\n{}", ended.stderr);
    }
    demo.finish().await;
}

#[tokio::test]
async fn a_demo_empties_no_home_in_which_a_rig_stored_something() {
    let mut rig = Rig::up().await;
    rig.say("general", "years of work").await;
    let stored = rig.records().await.len();
    rig.stop().await;

    let refused = rig.command(&["demo", "--json"]).await;
    assert_eq!(refused.code, Some(4), "{}", refused.stderr);
    for needle in ["is a rig's home", "rig demo --home"] {
        assert!(refused.stderr.contains(needle), "{needle:?} is not in {}", refused.stderr);
    }
    rig.start().await;
    assert!(rig.records().await.len() >= stored);
    rig.finish().await;
}

#[tokio::test]
async fn a_demo_that_stays_is_found_by_the_commands_and_ends_with_ctrl_c() {
    let demo = Demo::new();
    let mut process = demo.begin(&["--keep"]);
    until("the demo to stay", async || {
        assert!(!process.has_ended(), "{}", process.said());
        process.said_line("It stays up until Ctrl-C")
    })
    .await;
    let status = demo.rig.command(&["status", "--json"]).await;
    assert_eq!(status.code, Some(0), "{}", status.stderr);
    let status: Value = serde_json::from_str(&status.stdout).unwrap();
    for part in ["bus", "database", "ingest", "projector", "chat", "conductor", "github", "probe", "dev-e", "review-e"]
    {
        assert_eq!(status["health"]["parts"][part]["status"], "up", "{part}: {status}");
    }
    let second = demo.rig.command(&["demo"]).await;
    assert_eq!(second.code, Some(4), "{}", second.stderr);

    fits(&process.said(), demo.rig.scratch());
    let filed = demo.rig.command(&["file", "Add a dark mode", "--json"]).await;
    assert_eq!(filed.code, Some(0), "{}", filed.stderr);
    until("a person's own sentence to be live", async || {
        let why = demo.rig.command(&["why", "3", "--json"]).await;
        let why: Value = serde_json::from_str(&why.stdout).ok()?;
        (why["standing"] == "live").then_some(())
    })
    .await;

    process.interrupt();
    let ended = process.ended().await;
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    demo.finish().await;
}

/// A person at a terminal, who presses the keys of the demo: what is killed comes back, and the demo stays.
#[tokio::test]
async fn keys_pull_the_plug_at_a_terminal_and_the_demo_stays() {
    let demo = Demo::new();
    let mut terminal = demo.rig.terminal(&["demo", "--pull-the-plug"]);
    terminal.until_shown("From here on").await;
    terminal.press("135");
    for name in ["dev-e", "projector", "nats-server"] {
        terminal.until_shown(&format!("kill -9 {name}, process ")).await;
        terminal.until_shown(&format!("✓ {name}: ")).await;
    }
    terminal.until_shown("Lost: nothing. Doubled: nothing.").await;
    terminal.until_shown("It stays up until Ctrl-C").await;
    process::signal(terminal.pid(), nix::sys::signal::Signal::SIGINT);
    assert_eq!(terminal.ended().await, 130);
    demo.finish().await;
}

/// Each process is asked how it is: one that runs and answers nobody is not well.
#[tokio::test]
async fn a_role_in_a_process_of_its_own_is_asked_how_it_is() {
    let demo = Demo::new();
    let mut process = demo.begin(&["--pull-the-plug", "--keep"]);
    until("the demo to stay", async || {
        assert!(!process.has_ended(), "{}", process.said());
        process.said_line("It stays up until Ctrl-C")
    })
    .await;
    demo.rig.until_whole("up").await;
    let is_probe =
        |pid: &i32| process::arguments(*pid).is_some_and(|args| args.get(2).is_some_and(|arg| arg == "probe"));
    let probe = process::children(process.pid()).into_iter().find(is_probe).unwrap();
    process::signal(probe, nix::sys::signal::Signal::SIGSTOP);
    demo.rig.until_part("probe", "degraded").await;
    process::signal(probe, nix::sys::signal::Signal::SIGCONT);
    demo.rig.until_part("probe", "up").await;

    process.interrupt();
    assert_eq!(process.ended().await.code, Some(130));
    demo.finish().await;
}

/// kill -9 of the agent, the leading conductor, the projector, the chat door, nats-server and PostgreSQL, while they work.
#[tokio::test]
async fn whatever_is_killed_the_demo_ends_the_same_and_nothing_is_lost_or_doubled() {
    let demo = Demo::new();
    let ended = demo.begin(&["--json", "--pull-the-plug", "--random", "7"]).ended().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let told: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((&told["ok"], &told["records"]), (&Value::Bool(true), &told["rows"]), "{told}");
    for name in ["dev-e", "conductor", "projector", "chat door", "nats-server", "PostgreSQL"] {
        assert!(ended.stderr.contains(&format!("✗ kill -9 {name}, process ")), "{name}:\n{}", ended.stderr);
        assert!(ended.stderr.contains(&format!("✓ {name}: ")), "{name}:\n{}", ended.stderr);
    }
    assert!(ended.stderr.contains("✓ dev-e: another process lives after "), "{}", ended.stderr);
    assert!(ended.stderr.contains("Lost: nothing. Doubled: nothing."), "{}", ended.stderr);
    demo.finish().await;
}

#[tokio::test]
async fn without_git_the_demo_says_so_and_leaves_nothing() {
    let mut demo = Demo::new();
    let empty = demo.rig.scratch().join("empty");
    std::fs::create_dir(&empty).unwrap();
    demo.rig.start_with(|start| start.env("PATH", &empty));
    let ended = demo.begin(&["--json"]).ended().await;
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("git"), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
    assert!(demo.rig.is_all_quiet());
}
