//! Git itself against the played world.

use std::{fs, path::Path};

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::stage::{self, Listener, Stage};

/// Runs git in a folder as nobody in particular; returns whether it went well, and what it said.
async fn git(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let output = stage::git(folder).args(arguments).output().await.unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

async fn well(folder: &Path, arguments: &[&str]) -> String {
    let (well, said) = git(folder, arguments).await;
    assert!(well, "git {arguments:?}: {said}");
    said
}

/// A clone of the stage's repository, with this token.
async fn clone(stage: &Stage, token: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let host = stage.played.addresses().html.strip_prefix("http://").unwrap().to_owned();
    let url = format!("http://x-access-token:{token}@{host}/acme/hello.site.git");
    well(folder.path(), &["clone", "--quiet", &url, "site"]).await;
    folder
}

#[tokio::test]
async fn what_is_pushed_is_in_the_api_and_told() {
    let stage = Stage::new().await;
    let mut listener = Listener::new(StatusCode::OK).await;
    stage.hook(&listener.url);
    let folder = clone(&stage, &stage.ada).await;
    let site = folder.path().join("site");
    assert_eq!(fs::read_to_string(site.join("index.html")).unwrap(), "<h1>Hello!</h1>\n");
    fs::write(site.join("hello.js"), "export const hello = 'Hello!';\n").unwrap();
    well(&site, &["checkout", "--quiet", "-b", "greet"]).await;
    well(&site, &["add", "."]).await;
    well(&site, &["commit", "--quiet", "-m", "Greet"]).await;
    well(&site, &["push", "--quiet", "origin", "greet"]).await;
    let head = well(&site, &["rev-parse", "HEAD"]).await.trim().to_owned();
    let mut events = Vec::new();
    for _ in 0..2 {
        let (headers, body) = listener.next().await;
        events.push(headers["x-github-event"].to_str().unwrap().to_owned());
        let payload: Value = serde_json::from_slice(&body).unwrap();
        assert!(payload["ref"].as_str().unwrap().ends_with("greet"), "{payload}");
        if events.last().unwrap() == "push" {
            assert_eq!((&payload["after"], &payload["commits"][0]["added"]), (&json!(head), &json!(["hello.js"])));
        }
    }
    events.sort();
    assert_eq!(events, ["create", "push"]);
    stage.played.stop().await;
}

#[tokio::test]
async fn who_may_not_push_is_told_so_by_git() {
    let stage = Stage::new().await;
    let stranger = stage.played.with(|world| {
        let sam = world.account("sam", sandbox::world::Kind::User);
        world.token(sam)
    });
    let folder = clone(&stage, &stranger).await;
    let site = folder.path().join("site");
    well(&site, &["commit", "--quiet", "--allow-empty", "-m", "Mine"]).await;
    let (well, said) = git(&site, &["push", "origin", "main"]).await;
    assert!(!well && said.contains("Permission to acme/hello.site.git denied to sam"), "{said}");
    let (status, repository) = stage.ask(Method::GET, "/repos/acme/hello.site", None).await;
    assert_eq!((status, &repository["default_branch"]), (StatusCode::OK, &json!("main")));
    stage.played.stop().await;
}
