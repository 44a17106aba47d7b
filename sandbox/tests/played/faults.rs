//! Trouble on demand, over the wire.

use http::{Method, StatusCode};
use sandbox::faults::{Often, Post, Rule, Trouble};
use serde_json::{Value, json};

use crate::stage::{Listener, Stage};

const ISSUES: &str = "/repos/acme/hello.site/issues";

fn request(what: Trouble) -> Rule {
    Rule::Request { method: Some("POST".into()), path: "/repos/*/*/issues".into(), what, often: Often::default() }
}

async fn file(stage: &Stage, title: &str) -> (StatusCode, Value) {
    stage.ask(Method::POST, ISSUES, Some(json!({ "title": title }))).await
}

async fn filed(stage: &Stage) -> usize {
    stage.ask(Method::GET, ISSUES, None).await.1.as_array().unwrap().len()
}

#[tokio::test]
async fn a_request_meets_its_trouble_once() {
    let stage = Stage::new().await;
    for (what, status) in [(Trouble::Status(502), 502), (Trouble::Limited(60), 403)] {
        stage.played.faults().add(request(what)).unwrap();
        let (said, body) = file(&stage, "Refused").await;
        assert_eq!(said, status, "{body}");
    }
    assert_eq!(filed(&stage).await, 0, "nothing was done");
    assert_eq!(file(&stage, "Taken").await.0, StatusCode::CREATED);
    stage.played.stop().await;
}

#[tokio::test]
async fn an_answer_that_never_comes_may_have_had_its_effect() {
    let stage = Stage::new().await;
    for (what, then) in [(Trouble::SilentBefore(50), 0), (Trouble::SilentAfter(50), 1)] {
        stage.played.faults().add(request(what)).unwrap();
        let broken = stage.try_ask(Method::POST, ISSUES, Some(json!({"title": "Lost"}))).await;
        assert!(broken.is_err(), "{broken:?}");
        assert_eq!(filed(&stage).await, then, "{what:?}");
    }
    stage.played.stop().await;
}

#[tokio::test]
async fn a_token_dies_in_mid_use() {
    let stage = Stage::new().await;
    stage.played.faults().add(request(Trouble::TokenDies)).unwrap();
    assert_eq!(file(&stage, "Too late").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(file(&stage, "Still").await.0, StatusCode::UNAUTHORIZED);
    stage.played.stop().await;
}

#[tokio::test]
async fn deliveries_are_lost_doubled_and_late() {
    let stage = Stage::new().await;
    let mut listener = Listener::new(StatusCode::OK).await;
    stage.hook(&listener.url);
    for what in [Post::Lose, Post::Double, Post::Late(300)] {
        let rule = Rule::Delivery { event: "issues".into(), what, often: Often::default() };
        stage.played.faults().add(rule).unwrap();
    }
    for title in ["lost", "doubled", "late", "in time"] {
        file(&stage, title).await;
    }
    let mut told = Vec::new();
    for _ in 0..4 {
        let (headers, body) = listener.next().await;
        let payload: Value = serde_json::from_slice(&body).unwrap();
        told.push((payload["issue"]["title"].as_str().unwrap().to_owned(), headers["x-github-delivery"].clone()));
    }
    let titles: Vec<&str> = told.iter().map(|(title, _)| title.as_str()).collect();
    assert_eq!(titles, ["doubled", "doubled", "in time", "late"]);
    assert_eq!(told[0].1, told[1].1, "one GUID");
    stage.played.stop().await;
}
