//! `rig run ROLE`: each role in a process of its own.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, missing_docs, reason = "tests")]

mod world;

use serde_json::Value;
use world::{Rig, Start, process, until};

/// Where a role says that it answers.
async fn told(process: &mut process::Process) -> String {
    let line = until("the role to begin", async || {
        assert!(!process.has_ended(), "{}", process.said());
        process.said_line("http://")
    })
    .await;
    line.split_whitespace().find(|word| word.starts_with("http://")).unwrap().to_owned()
}

#[tokio::test]
async fn roles_apart_do_what_the_rig_does_and_say_how_they_are() {
    rustls::crypto::ring::default_provider().install_default().ok();
    let mut rig = Rig::with(Start::new().arg("--servers-only")).await;
    let start = Start::new();
    let run = |args: &[&str]| start.begin(&rig.folder(), rig.scratch(), &[&["run"], args].concat());
    let health = ["--health", "127.0.0.1:0"];
    let mut roles: Vec<_> = ["projector", "chat"].map(|role| run(&[&[role][..], &health].concat())).into();
    for role in &mut roles {
        let at = told(role).await;
        let health: Value = until("the role to be up", async || {
            let health: Value = reqwest::get(&at).await.ok()?.json().await.ok()?;
            (health["status"] == "up").then_some(health)
        })
        .await;
        assert_eq!(health["parts"].as_object().unwrap().len(), 1, "{health}");
        let metrics = at.replace("/health", "/metrics");
        let metrics = reqwest::get(metrics).await.unwrap().text().await.unwrap();
        assert!(metrics.contains("rig_part_up{part="), "{metrics}");
    }
    rig.say("general", "heard by a door apart").await;
    let rows = until("the row", async || {
        let status = start.command(&rig.folder(), rig.scratch(), &["status", "--json"]).await;
        let status: Value = serde_json::from_str(&status.stdout).ok()?;
        status["log"]["projected_through"].as_u64().filter(|through| *through > 0)
    })
    .await;
    assert_eq!(rows, rig.last().await);

    roles[0].interrupt();
    assert_eq!(roles[0].ended().await.code, Some(130));
    roles[1].terminate();
    assert_eq!(roles[1].ended().await.code, Some(0));
    rig.stop().await;
}

#[tokio::test]
async fn a_role_that_is_not_there_is_refused_with_those_that_are() {
    let rig = Rig::down(Start::new());
    let start = Start::new();
    let command = async |args: &[&str]| start.command(&rig.folder(), rig.scratch(), args).await;
    let unknown = command(&["run", "conducter"]).await;
    assert_eq!(unknown.code, Some(2));
    for needle in ["no work here for `conducter`", "ingest, projector, chat", "rig.toml names no Apps"] {
        assert!(unknown.stderr.contains(needle), "{needle:?} is not in {}", unknown.stderr);
    }
    let homeless = command(&["run", "projector"]).await;
    assert_eq!(homeless.code, Some(3));
    assert!(homeless.stderr.contains("rig up --servers-only"), "{}", homeless.stderr);
}
