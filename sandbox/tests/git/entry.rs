//! Who gets in, and what those hear who do not.

use crate::{client::Client, stage::Stage};

async fn refused(address: &str) -> String {
    let said = Client::new().tried(&["clone", address, "."]).await;
    assert!(!said.ok, "{said:?}");
    said.err
}

#[tokio::test]
async fn one_without_a_name_is_asked_for_it() {
    let stage = Stage::new().await;
    let answer = stage
        .said(b"GET /octo/site.git/info/refs?service=git-upload-pack HTTP/1.1\r\nHost: sandbox\r\nConnection: close\r\n\r\n")
        .await;
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    assert!(answer.contains("www-authenticate: Basic realm=\"GitHub\"\r\n"), "{answer}");
}

#[tokio::test]
async fn wrong_credentials_are_refused() {
    let stage = Stage::new().await;
    let heard = refused(&stage.address("wrong")).await;
    assert!(heard.contains("remote: Invalid username or token."), "{heard}");
    assert!(heard.contains("Authentication failed for"), "{heard}");
}

#[tokio::test]
async fn what_one_may_not_see_is_not_there() {
    let stage = Stage::new().await;
    for address in [stage.address("stranger"), stage.address("writer").replace("site", "nothing")] {
        let heard = refused(&address).await;
        assert!(heard.contains("remote: Repository not found."), "{heard}");
    }
}

#[tokio::test]
async fn everyone_may_read_what_is_public_and_no_one_push_to_it() {
    let (stage, client) = Stage::begun().await;
    stage.owner.world().public = true;
    let address = format!("http://{}/octo/site", stage.at);
    let clone = Client::cloned(&address, &[]).await;
    assert_eq!(clone.oid("HEAD").await, client.oid("main").await);
    assert!(!clone.tried(&["push", "origin", "HEAD:refs/heads/more"]).await.ok);
}

#[tokio::test]
async fn a_reader_may_not_push() {
    let (stage, client) = Stage::begun().await;
    client.commit("more", "more").await;
    let said = client.tried(&["push", &stage.address("reader"), "main"]).await;
    assert!(said.err.contains("remote: Permission to octo/site.git denied to nora."), "{said:?}");
    assert!(said.err.contains("403"), "{said:?}");
}

#[tokio::test]
async fn the_dumb_protocol_is_refused_as_github_does() {
    let stage = Stage::new().await;
    for path in ["info/refs", "HEAD", "objects/info/packs", "info/refs?service=git-evil"] {
        let head = format!("GET /octo/site.git/{path} HTTP/1.1\r\nHost: sandbox\r\nConnection: close\r\n\r\n");
        let answer = stage.said(head.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 403"), "{path}: {answer}");
        assert!(answer.contains("Please upgrade your git client."), "{path}: {answer}");
    }
}
