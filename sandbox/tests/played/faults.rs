//! Trouble on demand, over the wire.

use std::time::{Duration, Instant};

use http::{Method, StatusCode};
use sandbox::{
    faults::{Often, Post, Rule, Trouble},
    object::Oid,
    world::{Kind, NewCommit},
};
use serde_json::{Value, json};

use crate::stage::{Listener, Stage};

const ISSUES: &str = "/repos/acme/hello.site/issues";

fn request(what: Trouble) -> Rule {
    Rule::Request { method: Some("POST".into()), path: "/repos/*/*/issues".into(), what, often: Often::default() }
}

/// The head of a branch that Nora has pushed, for which there is a pull request.
async fn proposed(stage: &Stage, files: &[(&str, Option<&[u8]>)]) -> Oid {
    let head = stage.played.with(|world| {
        let author = world.account("nora", Kind::User);
        world.commit(stage.site, "greet", &NewCommit { author, message: "Greet", files }).unwrap()
    });
    let new = json!({"title": "Greet", "head": "greet", "base": "main"});
    let (status, said) = stage.ask(Method::POST, "/repos/acme/hello.site/pulls", Some(new)).await;
    assert_eq!(status, StatusCode::CREATED, "{said}");
    head
}

async fn merge(stage: &Stage, head: Oid) -> (StatusCode, Value) {
    let wanted = json!({"sha": head.to_string()});
    stage.ask(Method::PUT, "/repos/acme/hello.site/pulls/1/merge", Some(wanted)).await
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
async fn a_limit_says_when_to_come_back() {
    let stage = Stage::new().await;
    stage.played.faults().add(request(Trouble::Limited(30))).unwrap();
    let address = format!("{}{ISSUES}", stage.played.addresses().api);
    let asked = reqwest::Client::new().post(address).bearer_auth(&stage.ada).json(&json!({"title": "Too fast"}));
    let refused = asked.send().await.unwrap();
    assert_eq!((refused.status(), &refused.headers()["retry-after"]), (StatusCode::FORBIDDEN, &"30".parse().unwrap()));
    let said: Value = refused.json().await.unwrap();
    assert!(said["message"].as_str().unwrap().contains("secondary rate limit"), "{said}");
    stage.played.stop().await;
}

#[tokio::test]
async fn chance_strikes_the_same_requests_each_time() {
    let mut told = Vec::new();
    for _ in 0..2 {
        let stage = Stage::new().await;
        let rule =
            Rule::Request { method: None, path: "/zen".into(), what: Trouble::Status(500), often: Often::Chance(0.4) };
        stage.played.faults().add(rule).unwrap();
        let mut statuses = Vec::new();
        for _ in 0..30 {
            statuses.push(stage.ask(Method::GET, "/zen", None).await.0.as_u16());
        }
        stage.played.stop().await;
        told.push(statuses);
    }
    assert_eq!(told[0], told[1]);
    assert!(told[0].contains(&500) && told[0].contains(&200), "{told:?}");
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
async fn an_answer_comes_late() {
    let stage = Stage::new().await;
    stage.played.faults().add(request(Trouble::Slow(100))).unwrap();
    let begin = Instant::now();
    assert_eq!(file(&stage, "Slowly").await.0, StatusCode::CREATED);
    assert!(begin.elapsed() >= Duration::from_millis(100), "{:?}", begin.elapsed());
    stage.played.stop().await;
}

#[tokio::test]
async fn a_branch_moves_under_a_merge() {
    let stage = Stage::new().await;
    let head = proposed(&stage, &[("hello.js", Some(b"1"))]).await;
    let path = "/repos/*/*/pulls/*/merge".into();
    let what = Trouble::BranchMoves;
    stage.played.faults().add(Rule::Request { method: None, path, what, often: Often::default() }).unwrap();
    let (status, said) = merge(&stage, head).await;
    assert_eq!(status, StatusCode::CONFLICT, "{said}");
    assert!(said["message"].as_str().unwrap().starts_with("Head branch was modified"), "{said}");
    let moved = stage.played.with(|world| world.branch(stage.site, "greet")).unwrap();
    assert_ne!(moved, head);
    assert_eq!(merge(&stage, moved).await.0, StatusCode::OK, "it moves once");
    stage.played.stop().await;
}

#[tokio::test]
async fn a_required_check_that_never_reports_lets_nothing_land() {
    let stage = Stage::new().await;
    stage.played.faults().add(Rule::Check { name: "test".into(), often: Often::default() }).unwrap();
    let protection = json!({
        "required_status_checks": {"strict": false, "contexts": ["test"]},
        "enforce_admins": true, "required_pull_request_reviews": null, "restrictions": null,
    });
    let main = "/repos/acme/hello.site/branches/main/protection";
    assert_eq!(stage.ask(Method::PUT, main, Some(protection)).await.0, StatusCode::OK);
    let script = b"[check.test]\nrun = 'true'\non = ['pull_request']\n";
    let head = proposed(&stage, &[(".ci.toml", Some(script))]).await;
    until_merging_says(&stage, head, StatusCode::METHOD_NOT_ALLOWED, "Required status check \"test\" is pending.")
        .await;
    let struck = || stage.played.faults().rules().map(|(_, struck)| struck).sum::<u64>();
    until(async || struck() == 1).await;
    let (status, said) = merge(&stage, head).await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{said}");
    let head = stage.played.with(|world| {
        let author = world.account("nora", Kind::User);
        let files: &[(&str, Option<&[u8]>)] = &[("again.txt", Some(b"once more"))];
        world.commit(stage.site, "greet", &NewCommit { author, message: "Again", files }).unwrap()
    });
    until_merging_says(&stage, head, StatusCode::OK, "Pull Request successfully merged").await;
    stage.played.stop().await;
}

async fn until_merging_says(stage: &Stage, head: Oid, wanted: StatusCode, message: &str) {
    until(async || {
        let (status, said) = merge(stage, head).await;
        (status, &said["message"]) == (wanted, &json!(message))
    })
    .await;
}

async fn until(is_so: impl AsyncFn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !is_so().await {
        assert!(Instant::now() < deadline, "it has not come about");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn what_was_lost_is_in_the_log_and_comes_when_it_is_asked_for() {
    let stage = Stage::new().await;
    let mut listener = Listener::new(StatusCode::OK).await;
    stage.hook(&listener.url);
    let rule = Rule::Delivery { event: "issues".into(), what: Post::Lose, often: Often::default() };
    stage.played.faults().add(rule).unwrap();
    file(&stage, "lost").await;
    file(&stage, "in time").await;
    assert_eq!(titles(&mut listener, 1).await, ["in time"]);
    let (_, hooks) = stage.ask(Method::GET, "/repos/acme/hello.site/hooks", None).await;
    let log = format!("/repos/acme/hello.site/hooks/{}/deliveries", hooks[0]["id"]);
    let (_, sent) = stage.ask(Method::GET, &log, None).await;
    let lost = sent.as_array().unwrap().iter().find(|delivery| delivery["status_code"] == 0).unwrap();
    assert_eq!(lost["status"], "failed to connect to host");
    let (status, _) = stage.ask(Method::POST, &format!("{log}/{}/attempts", lost["id"]), None).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    assert_eq!(titles(&mut listener, 1).await, ["lost"]);
    stage.played.stop().await;
}

/// The titles of the issues of so many deliveries, as they come.
async fn titles(listener: &mut Listener, count: usize) -> Vec<String> {
    let mut titles = Vec::new();
    for _ in 0..count {
        let payload: Value = serde_json::from_slice(&listener.next().await.1).unwrap();
        titles.push(payload["issue"]["title"].as_str().unwrap().to_owned());
    }
    titles
}

#[tokio::test]
async fn two_deliveries_change_places() {
    let stage = Stage::new().await;
    let mut listener = Listener::new(StatusCode::OK).await;
    stage.hook(&listener.url);
    let swap = |millis, often| Rule::Delivery { event: "issues".into(), what: Post::Swap(millis), often };
    stage.played.faults().add(swap(20_000, Often::Every(3))).unwrap();
    for title in ["1", "2", "3", "4", "5", "6", "7"] {
        file(&stage, title).await;
    }
    assert_eq!(titles(&mut listener, 7).await, ["1", "2", "4", "3", "5", "7", "6"]);
    stage.played.faults().clear();
    stage.played.faults().add(swap(30, Often::default())).unwrap();
    file(&stage, "alone").await;
    assert_eq!(titles(&mut listener, 1).await, ["alone"], "nothing comes to change places with");
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
