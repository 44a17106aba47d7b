//! What is killed comes back, and what was stored is there.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs, reason = "tests")]

mod world;

use bus::connect::connect;
use world::{PATIENCE, Rig, webhook::issue};

#[tokio::test]
async fn a_killed_rig_starts_again_with_everything_and_ends_its_orphans() {
    let mut rig = Rig::up().await;
    let said = rig.say("general", "before").await;
    let posted = rig.post("issues", &issue(1, "before")).await.sequence();
    let (nats, postgres, pid) = (rig.nats_pid(), rig.postgres_pid(), rig.process().pid());
    rig.kill().await;
    assert_eq!((rig.nats_pid(), rig.postgres_pid()), (nats, postgres), "the servers of a killed rig go on");

    let told = rig.command(&["bus", "diff"]).await;
    assert_eq!(told.code, Some(3), "{}", told.stderr);
    assert!(told.stderr.contains(&format!("(process {pid}) was killed")), "{}", told.stderr);

    rig.start().await;
    assert!(rig.nats_pid() != nats && rig.postgres_pid() != postgres);
    rig.until_said("of a killed run was still there").await;
    assert_eq!(rig.up_file()["pid"], rig.process().pid());
    let rows = rig.caught_up().await;
    assert!(rows.iter().any(|row| row.id == Some(said.id.uuid())));
    assert!(rows.iter().any(|row| row.sequence == posted));
    rig.say("general", "after").await;
    rig.finish().await;
}

#[tokio::test]
async fn a_killed_rig_can_be_emptied() {
    let mut rig = Rig::up().await;
    let said = rig.say("general", "before").await;
    rig.kill().await;
    rig.start_with(|start| start.arg("--fresh"));
    rig.start().await;
    assert!(rig.caught_up().await.iter().all(|row| row.id != Some(said.id.uuid())));
    rig.finish().await;
}

#[tokio::test]
async fn a_killed_nats_server_is_back_and_nobody_has_to_ask_twice() {
    let rig = Rig::up().await;
    rig.say("general", "before").await;
    let killed = rig.nats_pid();
    rig.kill_nats();
    rig.say("general", "while it is away").await;
    rig.post("issues", &issue(2, "while it is away")).await.sequence();
    rig.until_said("nats-server died (signal 9); started again").await;
    assert_ne!(rig.nats_pid(), killed);
    rig.finish().await;
}

#[tokio::test]
async fn a_killed_postgres_is_back_and_the_rows_follow() {
    let rig = Rig::up().await;
    rig.say("general", "before").await;
    rig.kill_postgres();
    for n in 0..20 {
        rig.say("general", &format!("word {n}")).await;
    }
    rig.until_said("PostgreSQL died (signal 9); started again").await;
    rig.finish().await;
}

#[tokio::test]
async fn what_the_server_refuses_is_told_on_the_screen() {
    let rig = Rig::up().await;
    let url = std::fs::read_to_string(rig.folder().join("secrets/ingest.nats_url")).unwrap();
    let ingest = connect(url.trim(), "test", PATIENCE).await.unwrap();
    ingest.client().publish("rig.cmd.github.acme.site.merge", "{}".into()).await.unwrap();
    ingest.client().flush().await.unwrap();
    let line = rig.until_said("the channel refused").await;
    assert!(line.contains("ingest") && line.contains("rig.cmd.github.acme.site.merge"), "{line}");

    let stranger = url.replace("ingest:", "mallory:");
    assert!(connect(stranger.trim(), "test", PATIENCE).await.is_err());
    let line = rig.until_said("mallory").await;
    assert!(line.contains("the channel refused"), "{line}");
    rig.finish().await;
}
