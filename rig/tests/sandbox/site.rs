//! The site of `rig sandbox`, and its trouble: from the seed file, and switched by another process.

use std::fs;

use serde_json::{Value, json};

use crate::{Sandbox, ask, client, refused, world::until};

const SITE: &str = r#"
people = ["ada"]
repository."ada/site" = { files = { "index.html" = "Hello!" }, site = { port = 0, delay = "20ms" } }

[[fault]]
on = "deployment"
what = { failure = "The disk is full." }
"#;

/// Changes the front page, and waits until its deployment has ended; returns how.
async fn deployed(told: &Value, content: &str) -> Value {
    let file = "/repos/ada/site/contents/index.html";
    let before = ask(told, "ada", "GET", file, None).await.1["sha"].clone();
    let new = json!({"message": "Greet", "content": content, "sha": before});
    let commit = ask(told, "ada", "PUT", file, Some(new)).await.1["commit"]["sha"].clone();
    let deployments = format!("/repos/ada/site/deployments?sha={}", commit.as_str().unwrap());
    let deployment = ask(told, "ada", "GET", &deployments, None).await.1[0]["id"].clone();
    let statuses = format!("/repos/ada/site/deployments/{deployment}/statuses");
    until("the deployment has ended", async || {
        let newest = ask(told, "ada", "GET", &statuses, None).await.1[0]["state"].clone();
        (newest == "success" || newest == "failure").then_some(newest)
    })
    .await
}

#[tokio::test]
async fn a_deployment_fails_as_the_seed_file_says_and_is_told_to_lie_by_another_process() {
    let (mut sandbox, told) = Sandbox::up(Some(SITE)).await;
    let site = told.pointer("/repositories/0/site").unwrap().as_str().unwrap();
    let page = async || client().get(site).send().await.unwrap().text().await.unwrap();
    assert_eq!(page().await, "Hello!");
    assert_eq!(deployed(&told, "b25l").await, "failure");
    assert_eq!(page().await, "Hello!");
    let switch = format!("{}/_played/faults", told["html"].as_str().unwrap());
    let lie = "[[fault]]\non = 'deployment'\nwhat = 'lie'\n";
    let switched = client().put(&switch).body(lie).send().await.unwrap();
    assert_eq!(switched.status(), 200);
    assert_eq!(deployed(&told, "dHdv").await, "success");
    assert_eq!(page().await, "Hello!");
    assert_eq!(deployed(&told, "dGhyZWU=").await, "success");
    assert_eq!(page().await, "three");
    sandbox.stop().await;
}

#[tokio::test]
async fn a_sites_port_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let folder = tempfile::tempdir().unwrap();
    let seed = SITE.replace("port = 0", &format!("port = {port}"));
    fs::write(folder.path().join("world.toml"), seed).unwrap();
    let (code, said) = refused(folder.path(), &["--port", "0", "--seed", "world.toml"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(&format!("the site of ada/site cannot listen on port {port}")), "{said}");
}
