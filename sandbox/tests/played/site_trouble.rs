//! A site lies, lags, fails and comes back.

use std::time::{Duration, Instant};

use http::StatusCode;
use sandbox::{
    faults::{Deployment, Often, Rule, Visit},
    site::Shown,
    world::DeploymentId,
};

use crate::site::Town;

#[tokio::test]
async fn a_site_lies_until_the_next_deployment() {
    let town = Town::new().await;
    town.trouble(Deployment::Lie);
    let lied = town.push("one");
    town.until(lied, "success").await;
    assert_eq!(town.front().await, ("<h1>Hello!</h1>\n".to_owned(), lied.to_string()));
    let two = town.push("two");
    assert_eq!(town.until_told(two).await, "two");
    town.stage.played.show(town.stage.site, Shown { files: Some(two), told: Some(lied) });
    assert_eq!(town.front().await, ("two".to_owned(), lied.to_string()));
    town.stop().await;
}

#[tokio::test]
async fn a_site_lags_though_its_deployment_has_succeeded() {
    let town = Town::new().await;
    let before = town.front().await;
    town.trouble(Deployment::Stale);
    let stale = town.push("one");
    town.until(stale, "success").await;
    assert_eq!(town.front().await, before);
    town.stop().await;
}

#[tokio::test]
async fn a_late_deployment_gives_way_to_a_newer_one() {
    let town = Town::new().await;
    town.trouble(Deployment::Late(200));
    let late = town.push("one");
    let two = town.push("two");
    assert_eq!(town.until_told(two).await, "two");
    // This one takes longer than the first has left: when it has come, the first would have come too.
    town.trouble(Deployment::Late(400));
    let three = town.push("three");
    assert_eq!(town.until_told(three).await, "three");
    assert_eq!(town.words(late).await, ["inactive", "queued"]);
    town.stop().await;
}

#[tokio::test]
async fn two_pushes_deploy_out_of_order() {
    let town = Town::new().await;
    town.trouble(Deployment::Overtakes(300));
    let one = town.push("one");
    let two = town.push("two");
    town.until(one, "success").await;
    assert_eq!(town.front().await, ("one".to_owned(), one.to_string()));
    assert_eq!(town.words(two).await[..2], ["inactive", "success"]);
    let live = town.stage.played.with(|world| world.live(town.stage.site)).unwrap();
    assert_eq!(live.commit, one, "GitHub says what is so");
    assert_eq!(town.stage.played.with(|world| world.branch(town.stage.site, "main")), Some(two));
    town.stop().await;
}

#[tokio::test]
async fn a_deployment_fails_and_the_site_stays() {
    let town = Town::new().await;
    let before = town.front().await;
    for (what, word) in [
        (Deployment::Failure("The disk is full.".into()), "failure"),
        (Deployment::Error("The disk is full.".into()), "error"),
    ] {
        town.trouble(what);
        let commit = town.push(word);
        town.until(commit, word).await;
        assert_eq!(town.deployment(commit).await.1[0]["description"], "The disk is full.");
        assert_eq!(town.front().await, before);
    }
    town.trouble(Deployment::Never);
    let never = town.push("never");
    town.trouble(Deployment::Overtakes(100));
    let then = town.push("then");
    assert_eq!(town.until_told(then).await, "then");
    assert_eq!(town.words(never).await, ["inactive", "queued"]);
    town.stop().await;
}

#[tokio::test]
async fn a_site_is_rolled_back() {
    let town = Town::new().await;
    let one = town.push("one");
    town.until_told(one).await;
    town.trouble(Deployment::RollsBack(50));
    let two = town.push("two");
    let second = town.until(two, "inactive").await;
    assert_eq!(town.words(two).await, ["inactive", "success", "in_progress", "queued"]);
    assert_eq!(town.until_told(one).await, "one");
    assert!(town.stage.played.roll_back(town.stage.site, second).is_some());
    assert_eq!(town.until_told(two).await, "two");
    assert_eq!(town.stage.played.roll_back(town.stage.site, DeploymentId(1)), None);
    town.stop().await;
}

#[tokio::test]
async fn a_site_refuses_dawdles_and_breaks_off() {
    let town = Town::new().await;
    for what in [Visit::Status(503), Visit::Slow(100), Visit::Silent(20)] {
        let rule = Rule::Visit { repository: None, path: "/**".into(), what, often: Often::default() };
        town.stage.played.faults().add(rule).unwrap();
    }
    assert_eq!(town.visit("/index.html").await.status(), StatusCode::SERVICE_UNAVAILABLE);
    let begin = Instant::now();
    assert_eq!(town.visit("/").await.status(), StatusCode::OK);
    assert!(begin.elapsed() >= Duration::from_millis(100), "{:?}", begin.elapsed());
    let broken = async || town.client.get(format!("{}index.html", town.url)).send().await?.bytes().await;
    assert!(broken().await.is_err());
    assert_eq!(town.visit("/").await.status(), StatusCode::OK);
    town.stop().await;
}
