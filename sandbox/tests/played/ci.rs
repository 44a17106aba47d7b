//! A repository's own scripts as checks, on a port.

use std::time::{Duration, Instant};

use http::Method;
use sandbox::{
    faults::{Often, Rule},
    world::{Kind, Moment, NewCommit},
};
use serde_json::{Value, json};

use crate::stage::Stage;

const REPOSITORY: &str = "/repos/acme/hello.site";
const CI: &[u8] =
    b"[check.test]\nrun = 'grep Hello index.html'\non = ['push']\n\n[check.lint]\nrun = 'exit 3'\non = ['push']\n";

/// Ada pushes a commit that declares checks; returns it.
fn push(stage: &Stage, declared: &[u8]) -> String {
    let commit = stage.played.with(|world| {
        let author = world.account("ada", Kind::User);
        let files: &[(&str, Option<&[u8]>)] = &[(".ci.toml", Some(declared))];
        world.commit(stage.site, "main", &NewCommit { author, message: "Check\n", files })
    });
    commit.unwrap().to_string()
}

/// The check runs of a commit by name, once they are as they are wanted.
async fn checks(stage: &Stage, commit: &str, wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let (_, told) = stage.ask(Method::GET, &format!("{REPOSITORY}/commits/{commit}/check-runs"), None).await;
        let mut runs = told["check_runs"].as_array().unwrap().clone();
        runs.sort_by_key(|run| run["name"].to_string());
        if !runs.is_empty() && runs.iter().all(&wanted) {
            return runs;
        }
        assert!(Instant::now() < deadline, "{told}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_pushed_script_reports_and_its_log_is_read() {
    let stage = Stage::new().await;
    let commit = push(&stage, CI);
    let runs = checks(&stage, &commit, |run| run["status"] == "completed").await;
    let ends: Vec<_> = runs.iter().map(|run| (&run["name"], &run["conclusion"])).collect();
    assert_eq!(ends, [(&json!("lint"), &json!("failure")), (&json!("test"), &json!("success"))]);
    let (_, told) = stage.ask(Method::GET, &format!("{REPOSITORY}/actions/runs"), None).await;
    let run = &told["workflow_runs"][0]["id"];
    let (_, told) = stage.ask(Method::GET, &format!("{REPOSITORY}/actions/runs/{run}/jobs"), None).await;
    let job = told["jobs"].as_array().unwrap().iter().find(|job| job["name"] == "test").unwrap();
    let log = stage.text(&format!("{REPOSITORY}/actions/jobs/{}/logs", job["id"])).await;
    assert!(log.contains("<h1>Hello!</h1>"), "{log}");
    stage.played.stop().await;
}

#[tokio::test]
async fn a_job_is_queued_until_a_place_is_free() {
    const NAMES: [&str; 3] = ["one", "two", "three"];
    let stage = Stage::new().await;
    let declared = NAMES.map(|name| format!("[check.{name}]\nrun = 'sleep 2'\non = ['push']\n")).concat();
    let commit = push(&stage, declared.as_bytes());
    let runs = checks(&stage, &commit, |run| run["status"] == "completed").await;
    let moment = |run: &Value, key: &str| run[key].as_str().unwrap().to_owned();
    let mut started: Vec<String> = runs.iter().map(|run| moment(run, "started_at")).collect();
    started.sort();
    let first_end = runs.iter().map(|run| moment(run, "completed_at")).min().unwrap();
    assert!(started[1] < first_end && started[2] >= first_end, "two at once, then the third: {runs:?}");
    stage.played.stop().await;
}

#[tokio::test]
async fn a_check_that_is_silenced_never_reports() {
    let stage = Stage::new().await;
    stage.played.faults().add(Rule::Check { name: "test".into(), often: Often::default() }).unwrap();
    let commit = push(&stage, CI);
    let runs = checks(&stage, &commit, |run| run["name"] == "test" || run["status"] == "completed").await;
    assert_eq!((&runs[0]["conclusion"], &runs[1]["conclusion"]), (&json!("failure"), &Value::Null));
    assert_eq!(runs[1]["status"], "in_progress");
    assert_eq!(stage.played.faults().rules().map(|(_, struck)| struck).collect::<Vec<_>>(), [1]);
    stage.played.stop().await;
}

#[tokio::test]
async fn an_app_comes_from_its_manifest_with_a_key() {
    let stage = Stage::new().await;
    let manifest = json!({
        "name": "Gatekeeper",
        "url": "http://127.0.0.1:9",
        "redirect_url": "http://127.0.0.1:9/back",
        "hook_attributes": {"url": "http://127.0.0.1:9/hook"},
        "default_permissions": {"checks": "write"},
        "default_events": ["check_suite"],
    });
    let code = stage.played.with(|world| {
        let ada = world.account("ada", Kind::User);
        world.manifest(Moment::default(), ada, &manifest.to_string()).unwrap().code
    });
    let (status, app) = stage.ask(Method::POST, &format!("/app-manifests/{code}/conversions"), None).await;
    assert_eq!(status, 201, "{app}");
    assert!(app["pem"].as_str().unwrap().starts_with("-----BEGIN RSA PRIVATE KEY-----"));
    stage.played.stop().await;
}
