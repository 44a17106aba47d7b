//! Check suites and check runs.

use sandbox::world::{Access, CheckRunId, Permission, Post};
use serde_json::{Value, json};

use crate::{
    local::Local,
    played_app::{self, Played},
    stage::Stage,
};

const REPO: &str = "/repos/acme/hello.site";

/// A stage with an App that checks, its token, and the newest commit of main.
fn scene() -> (Stage, Played, String, String) {
    let mut stage = Stage::new();
    let checker = checker(&mut stage, "checker");
    let token = checker.token(&mut stage, json!({}));
    let head = stage.branch("main").unwrap().to_string();
    stage.posts.clear();
    (stage, checker, token, head)
}

fn checker(stage: &mut Stage, name: &str) -> Played {
    let may = [(Permission::Checks, Access::Write), (Permission::Contents, Access::Write)];
    played_app::played(stage, name, &may, &["check_run", "check_suite"])
}

/// What went to whom, as `event.action` and the end of the address.
fn told(stage: &mut Stage) -> Vec<String> {
    let line = |post: Post| {
        let payload: Value = serde_json::from_slice(&post.body).unwrap();
        let (event, to) = (post.headers["x-github-event"].to_str().unwrap(), post.url.rsplit('/').next().unwrap());
        format!("{event}.{} to {to}", payload["action"].as_str().unwrap_or_default())
    };
    stage.posts.drain(..).map(line).collect()
}

#[test]
fn a_check_runs_from_queue_to_end_and_its_suite_with_it() {
    let (mut stage, _, token, head) = scene();
    let sam = stage.sam.clone();
    let new = json!({"name": "test", "head_sha": head, "external_id": "42", "details_url": "https://ci.example/42"});
    let run = stage.post(&token, &format!("{REPO}/check-runs"), new).expect(201);
    assert_eq!((&run["status"], &run["conclusion"]), (&json!("queued"), &Value::Null));
    let place = format!("{REPO}/check-runs/{}", run["id"]);
    stage.patch(&token, &place, json!({"status": "in_progress"})).expect(200);
    let suite = format!("{REPO}/check-suites/{}", run["check_suite"]["id"]);
    assert_eq!(stage.get(&sam, &suite).expect(200)["status"], "in_progress");
    let annotation =
        json!({"path": "index.html", "start_line": 1, "end_line": 1, "annotation_level": "warning", "message": "Hm."});
    let output = json!({"title": "One warning", "summary": "Hm.", "annotations": [annotation]});
    let said = json!({"status": "completed", "conclusion": "neutral", "output": output});
    let ended = stage.patch(&token, &place, said).expect(200);
    assert_eq!((&ended["conclusion"], &ended["output"]["annotations_count"]), (&json!("neutral"), &json!(1)));
    assert_eq!(ended["external_id"], "42");
    assert_eq!(stage.get(&sam, &format!("{place}/annotations")).expect(200)[0]["message"], "Hm.");
    assert_eq!(stage.get(&sam, &place).expect(200), ended);
    let suite = stage.get(&sam, &suite).expect(200);
    assert_eq!((&suite["status"], &suite["conclusion"]), (&json!("completed"), &json!("neutral")));
    assert_eq!(suite["head_branch"], "main");
    assert_eq!(
        told(&mut stage),
        [
            "check_run.created to hook",
            "check_run.created to checker",
            "check_run.completed to hook",
            "check_run.completed to checker",
            "check_suite.completed to hook",
            "check_suite.completed to checker",
        ]
    );
}

#[test]
fn all_conclusions_can_be_said_but_two() {
    let (mut stage, _, token, head) = scene();
    let post = |stage: &mut Stage, conclusion: &str| {
        let new = json!({"name": conclusion, "head_sha": head, "status": "completed", "conclusion": conclusion});
        stage.post(&token, &format!("{REPO}/check-runs"), new)
    };
    for (conclusion, of_suite) in [
        ("skipped", "skipped"),
        ("neutral", "neutral"),
        ("success", "success"),
        ("cancelled", "cancelled"),
        ("action_required", "action_required"),
        ("timed_out", "timed_out"),
        ("failure", "failure"),
    ] {
        let run = post(&mut stage, conclusion).expect(201);
        assert_eq!(run["conclusion"], conclusion);
        let suite = format!("{REPO}/check-suites/{}", run["check_suite"]["id"]);
        assert_eq!(stage.get(&token, &suite).expect(200)["conclusion"], of_suite);
    }
    post(&mut stage, "stale").expect(422);
    post(&mut stage, "startup_failure").expect(422);
    let new = json!({"name": "x", "head_sha": head, "status": "completed"});
    stage.post(&token, &format!("{REPO}/check-runs"), new).expect(422);
}

#[test]
fn only_apps_check_and_each_its_own() {
    let (mut stage, _, token, head) = scene();
    let (nora, sam) = (stage.nora.clone(), stage.sam.clone());
    let new = json!({"name": "test", "head_sha": head});
    let said = stage.post(&nora, &format!("{REPO}/check-runs"), new.clone()).expect(403);
    assert_eq!(said["message"], "You must authenticate via a GitHub App.");
    stage.post(&sam, &format!("{REPO}/check-runs"), new.clone()).expect(403);
    let run = stage.post(&token, &format!("{REPO}/check-runs"), new).expect(201);
    let other = checker(&mut stage, "other").token(&mut stage, json!({}));
    stage.patch(&other, &format!("{REPO}/check-runs/{}", run["id"]), json!({"status": "in_progress"})).expect(403);
    let nowhere = json!({"name": "test", "head_sha": "00000000000000000000000000000000000000ff"});
    stage.post(&token, &format!("{REPO}/check-runs"), nowhere).expect(422);
    stage.post(&token, &format!("{REPO}/check-runs"), json!({"head_sha": head})).expect(422);
    stage.get(&token, &format!("{REPO}/check-runs/9")).expect(404);
}

#[test]
fn lists_are_filtered_and_the_latest_of_a_name_counts() {
    let (mut stage, checker, token, head) = scene();
    for (name, conclusion) in [("test", "failure"), ("lint", "success"), ("test", "success")] {
        let new = json!({"name": name, "head_sha": head, "conclusion": conclusion});
        stage.post(&token, &format!("{REPO}/check-runs"), new).expect(201);
    }
    let count = |stage: &mut Stage, query: &str| {
        let path = format!("{REPO}/commits/main/check-runs{query}");
        stage.get(&token, &path).expect(200)["total_count"].as_u64().unwrap()
    };
    assert_eq!(count(&mut stage, ""), 2);
    assert_eq!(count(&mut stage, "?filter=all"), 3);
    assert_eq!(count(&mut stage, "?check_name=test&filter=all"), 2);
    assert_eq!(count(&mut stage, "?status=queued"), 0);
    assert_eq!(count(&mut stage, &format!("?app_id={}", checker.app)), 2);
    assert_eq!(count(&mut stage, "?app_id=1"), 0);
    let suites = stage.get(&token, &format!("{REPO}/commits/{head}/check-suites?check_name=lint")).expect(200);
    assert_eq!(suites["check_suites"][0]["conclusion"], "success");
    let id = &suites["check_suites"][0]["id"];
    let runs = stage.get(&token, &format!("{REPO}/check-suites/{id}/check-runs")).expect(200);
    assert_eq!(runs["total_count"], 2);
    stage.get(&token, &format!("{REPO}/commits/nothing/check-runs")).expect(422);
}

#[test]
fn asking_again_is_told_to_the_app_alone() {
    let (mut stage, _, token, head) = scene();
    let nora = stage.nora.clone();
    let new = json!({"name": "test", "head_sha": head, "conclusion": "failure"});
    let run = stage.post(&token, &format!("{REPO}/check-runs"), new).expect(201);
    let suite = format!("{REPO}/check-suites/{}", run["check_suite"]["id"]);
    told(&mut stage);
    stage.ask("POST", &nora, &format!("{REPO}/check-runs/{}/rerequest", run["id"]), None).expect(201);
    assert_eq!(stage.get(&nora, &suite).expect(200)["status"], "queued");
    stage.ask("POST", &nora, &format!("{suite}/rerequest"), None).expect(201);
    assert_eq!(told(&mut stage), ["check_run.rerequested to checker", "check_suite.rerequested to checker"]);
    let again = json!({"name": "test", "head_sha": head, "conclusion": "success"});
    stage.post(&token, &format!("{REPO}/check-runs"), again).expect(201);
    assert_eq!(stage.get(&nora, &suite).expect(200)["conclusion"], "success");
}

#[test]
fn a_button_is_pressed() {
    let (mut stage, _, token, head) = scene();
    let action = json!({"label": "Fix", "description": "Fix it", "identifier": "fix"});
    let new = json!({"name": "lint", "head_sha": head, "conclusion": "action_required", "actions": [action]});
    let run = stage.post(&token, &format!("{REPO}/check-runs"), new).expect(201);
    told(&mut stage);
    let id = CheckRunId(run["id"].as_u64().unwrap());
    let nora = stage.world.account("nora", sandbox::world::Kind::User);
    assert!(!stage.world.press(stage.site, id, "break", nora));
    assert!(stage.world.press(stage.site, id, "fix", nora));
    stage.get(&token, &format!("{REPO}/check-runs/{id}")).expect(200);
    assert_eq!(told(&mut stage), ["check_run.requested_action to checker"]);
}

#[test]
fn an_app_makes_its_own_suites_once() {
    let (mut stage, _, token, head) = scene();
    let place = format!("{REPO}/check-suites");
    let made = stage.post(&token, &place, json!({"head_sha": head})).expect(201);
    assert_eq!(stage.post(&token, &place, json!({"head_sha": head})).expect(200)["id"], made["id"]);
    assert_eq!(made["status"], "queued");
    let ada = stage.ada.clone();
    stage.post(&ada, &place, json!({"head_sha": head})).expect(403);
    assert_eq!(told(&mut stage), [""; 0]);
}

#[test]
fn a_push_asks_every_checking_app() {
    let (mut stage, _, token, _) = scene();
    checker(&mut stage, "second");
    played_app::played(&mut stage, "reader", &[(Permission::Checks, Access::Read)], &["check_suite"]);
    let (nora, main) = (stage.nora.clone(), stage.branch("main").unwrap());
    let mut local = Local::of(&stage);
    let tip = local.commit(&[main], "Work", &[("a.txt", Some("a"))]);
    assert_eq!(local.push(&mut stage, &nora, "refs/heads/work", None, Some(tip)), "ok");
    let asked: Vec<_> = told(&mut stage).into_iter().filter(|line| line.starts_with("check_suite")).collect();
    assert_eq!(asked, ["check_suite.requested to checker", "check_suite.requested to second"]);
    let suites = stage.get(&token, &format!("{REPO}/commits/{tip}/check-suites")).expect(200);
    assert_eq!((&suites["total_count"], &suites["check_suites"][0]["head_branch"]), (&json!(2), &json!("work")));
}

#[test]
fn a_check_tells_which_pull_requests_it_is_about() {
    let (mut stage, _, token, _) = scene();
    let (nora, main) = (stage.nora.clone(), stage.branch("main").unwrap());
    let mut local = Local::of(&stage);
    let tip = local.commit(&[main], "Work", &[("a.txt", Some("a"))]);
    local.push(&mut stage, &nora, "refs/heads/work", None, Some(tip));
    stage.post(&nora, &format!("{REPO}/pulls"), json!({"title": "Work", "head": "work", "base": "main"})).expect(201);
    let run = stage.post(&token, &format!("{REPO}/check-runs"), json!({"name": "test", "head_sha": tip})).expect(201);
    assert_eq!(
        (&run["pull_requests"][0]["number"], &run["pull_requests"][0]["base"]["ref"]),
        (&json!(1), &json!("main"))
    );
    stage.patch(&nora, &format!("{REPO}/pulls/1"), json!({"state": "closed"})).expect(200);
    assert_eq!(stage.get(&nora, &format!("{REPO}/check-runs/{}", run["id"])).expect(200)["pull_requests"], json!([]));
}
