//! `rig run ROLE`: each role in a process of its own.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, missing_docs, reason = "tests")]

#[path = "asks/town.rs"]
mod town;
mod world;

use serde_json::Value;
use town::Town;
use world::{
    Rig, Start,
    process::Process,
    until,
    webhook::{client, get},
};

const AGENTS: &str = "[[agent]]\ncharacter = \"dev-e\"\n[[agent]]\ncharacter = \"review-e\"\n";

/// Every role that there is.
const ALL: [&str; 8] = ["ingest", "projector", "chat", "conductor", "github", "probe", "dev-e", "review-e"];

/// A role in a process of its own.
struct Role {
    name: &'static str,
    process: Process,
    health: String,
}

impl Role {
    async fn begin(name: &'static str, rig: &Rig) -> Self {
        let args = ["run", name, "--health", "127.0.0.1:0", "--json"];
        let mut process = Start::new().begin(&rig.folder(), rig.scratch(), &args);
        let told = until("the role to begin", async || {
            assert!(!process.has_ended(), "{}", process.said());
            process.printed().lines().next().map(str::to_owned)
        })
        .await;
        let told: Value = serde_json::from_str(&told).unwrap();
        Self { name, process, health: told["health"].as_str().unwrap().to_owned() }
    }

    /// Waits until its own health is answered with this code and says this of it.
    async fn until(&self, code: u16, status: &str) -> Value {
        let what = format!("{} to be {status} with {code}", self.name);
        until(&what, async || {
            let (answered, body) = get(&self.health).await;
            (answered == code && body["status"] == status).then_some(body)
        })
        .await
    }
}

#[tokio::test]
async fn f_150_each_role_apart_is_down_without_what_it_needs() {
    let town = Town::with(Start::new().arg("--servers-only"), AGENTS).await;
    let rig = &town.rig;
    let mut roles = Vec::new();
    for name in ALL {
        roles.push(Role::begin(name, rig).await);
    }
    for role in &roles {
        let body = role.until(200, "up").await;
        assert_eq!(body["parts"][role.name]["critical"], true, "{body}");
    }

    rig.take_nats_away();
    for role in &roles {
        let body = role.until(503, "down").await;
        let reason = body["parts"][role.name]["reason"].as_str().unwrap_or_default();
        assert!(reason.contains("the channel cannot be reached"), "{}: {body}", role.name);
    }
    rig.give_nats_back();
    for role in &roles {
        role.until(200, "up").await;
    }

    rig.take_postgres_away();
    let projector = roles.iter().find(|role| role.name == "projector").unwrap();
    let body = projector.until(503, "down").await;
    assert!(body["parts"]["database"]["reason"].as_str().unwrap().contains("PostgreSQL"), "{body}");
    for role in roles.iter().filter(|role| role.name != "projector") {
        role.until(200, "up").await;
    }
    rig.give_postgres_back();
    projector.until(200, "up").await;

    // What is written until the end has to become rows.
    roles.retain(|role| role.name == "projector");
    town.finish().await;
}

#[tokio::test]
async fn f_150_a_role_apart_that_keeps_dying_is_down() {
    let town = Town::with(Start::new().arg("--servers-only"), AGENTS).await;
    town.github_goes_away();
    let agent = Role::begin("dev-e", &town.rig).await;
    until("the agent to have died too often", async || {
        let (code, body) = get(&agent.health).await;
        let reason = body["parts"]["dev-e"]["reason"].as_str().unwrap_or_default();
        (code == 503 && reason.contains("times in a row")).then_some(())
    })
    .await;
    town.github_comes_back();
    drop(agent);
    let _projector = Role::begin("projector", &town.rig).await;
    town.finish().await;
}

#[tokio::test]
async fn roles_apart_do_what_the_rig_does_and_say_how_they_are() {
    let mut rig = Rig::with(Start::new().arg("--servers-only")).await;
    let start = Start::new();
    let mut roles = Vec::new();
    for name in ["projector", "chat"] {
        let role = Role::begin(name, &rig).await;
        role.until(200, "up").await;
        let metrics = client().get(role.health.replace("/health", "/metrics")).send().await.unwrap();
        let metrics = metrics.text().await.unwrap();
        assert!(metrics.contains(&format!("rig_part_up{{part=\"{name}\"}} 1")), "{metrics}");
        roles.push(role);
    }
    rig.say("general", "heard by a door apart").await;
    let rows = until("the row", async || {
        let status = start.command(&rig.folder(), rig.scratch(), &["status", "--json"]).await;
        let status: Value = serde_json::from_str(&status.stdout).ok()?;
        status["log"]["projected_through"].as_u64().filter(|through| *through > 0)
    })
    .await;
    assert_eq!(rows, rig.last().await);

    roles[0].process.interrupt();
    assert_eq!(roles[0].process.ended().await.code, Some(130));
    roles[1].process.terminate();
    assert_eq!(roles[1].process.ended().await.code, Some(0));
    rig.stop().await;
}

#[tokio::test]
async fn a_role_that_is_not_there_is_refused_with_those_that_are() {
    let rig = Rig::down(Start::new());
    let start = Start::new();
    let command = async |args: &[&str]| start.command(&rig.folder(), rig.scratch(), args).await;
    let unknown = command(&["run", "conducter"]).await;
    assert_eq!(unknown.code, Some(2));
    for needle in [
        "no work here for `conducter`",
        "ingest, projector, chat",
        "conductor: rig.toml names no Apps",
        "GitHub's door: ",
        "probe: ",
    ] {
        assert!(unknown.stderr.contains(needle), "{needle:?} is not in {}", unknown.stderr);
    }
    let homeless = command(&["run", "projector"]).await;
    assert_eq!(homeless.code, Some(3));
    assert!(homeless.stderr.contains("rig up --servers-only"), "{}", homeless.stderr);
}
