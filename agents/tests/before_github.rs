//! What a run has of GitHub: the log of the check that it is to mend, and a token that lives when it is wanted.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests"
)]

mod stage;

use std::{fs, path::PathBuf, sync::atomic::Ordering, time::Duration};

use agents::git_door::Credential;
use bus::{
    catalogue::{cmd::Offer, work::Task},
    commit::Oid,
    envelope::now,
};
use http::{HeaderMap, Method, header::AUTHORIZATION};
use sandbox::{
    faults::{Often, Rule, Trouble},
    world::{Access, Moment, Permission},
};
use serde_json::{Value, json};
use stage::{App, REPOSITORY, Stage, until, with_program};

const COMMIT: &str = "echo more >> more.txt; git add -A; git commit -qm 'Add more'\n";
const DONE: &str = r#"echo '{"outcome":"done","say":"more is there"}'"#;
const BRANCH: &str = "rig/1-words";
const LOGS: &str = "/repos/*/*/actions/jobs/*/logs";

/// Three hundred lines, and then what went wrong.
const RED: &str = r#"
[check.test]
run = """
n=0
while [ $n -lt 300 ]; do n=$((n + 1)); echo "line $n"; done
echo 'expected "Hello, Ada!", got "Hello, !" ✗' >&2
exit 3
"""
on = ["push"]
"#;

/// A head whose check is red.
async fn red(stage: &Stage) -> Oid {
    let head = stage.commit(BRANCH, ".ci.toml", RED);
    let path = format!("/commits/{head}/check-runs");
    let runs = async || stage.ask(Method::GET, &path, None).await["check_runs"].clone();
    until("the check is red", async || runs().await[0]["conclusion"] == "failure").await;
    head
}

/// What the brain that is to mend a check is told of it.
async fn told(stage: &mut Stage, head: Oid, check: &str) -> Value {
    let told = stage.folder.path().join("told");
    let program = stage.program("brain", &format!("cat > {}\n{COMMIT}{DONE}", told.display()));
    stage.agent(&with_program("dev-e", &program)).await;
    let number = stage.issue("Greet the visitor by name", "").await;
    let offer = stage.offer(number, "Greet", Task::Mend { head, check: check.to_owned() }, 2);
    stage.put(&offer).await;
    stage.end(&offer).await.pushed();
    let told: Value = serde_json::from_slice(&fs::read(told).unwrap()).unwrap();
    told["failing"].clone()
}

#[tokio::test]
async fn i_18_whoever_mends_a_red_check_is_told_the_end_of_its_log() {
    let mut stage = Stage::new().await;
    let head = red(&stage).await;
    stage.stumble(LOGS, 1);
    let failing = told(&mut stage, head, "test").await;
    assert_eq!(failing["check"], "test");
    assert!(failing["url"].as_str().unwrap().starts_with("http"), "{failing}");
    let log = failing["log"].as_str().unwrap();
    assert!(log.contains(r#"expected "Hello, Ada!", got "Hello, !" ✗"#) && log.contains("line 300\n"), "{log}");
    assert!(log.lines().count() <= 100 && !log.contains("line 200\n"), "the end of it: {log}");
    assert_eq!(stage.stumbles(), 1, "it was asked until it answered");
    stage.finish().await;
}

#[tokio::test]
async fn i_18_a_log_that_is_gone_stops_no_run() {
    let mut stage = Stage::new().await;
    let head = red(&stage).await;
    stage.refuse(LOGS, 410, 1);
    let failing = told(&mut stage, head, "test").await;
    assert_eq!((&failing["check"], &failing["log"]), (&json!("test"), &Value::Null), "{failing}");
    assert_eq!(stage.stumbles(), 1, "it was asked once");
    stage.finish().await;
}

#[tokio::test]
async fn i_18_of_another_ci_the_check_s_own_words_are_told() {
    let mut stage = Stage::new().await;
    let head = stage.commit(BRANCH, "more.txt", "more\n");
    let app = stage.app("other-ci", &[(Permission::Checks, Access::Write), (Permission::Metadata, Access::Read)]);
    let check = json!({
        "name": "build", "head_sha": head, "status": "completed", "conclusion": "failure",
        "output": {
            "title": "1 of 7 failed", "summary": "It does not greet.", "text": "greets: FAILED\nexit 1",
            "annotations": [{
                "path": "index.html", "start_line": 2, "end_line": 2,
                "annotation_level": "failure", "message": "no name here",
            }],
        },
    });
    let address = format!("{}/repos/{REPOSITORY}/check-runs", stage.played.addresses().api);
    let answer = reqwest::Client::new().post(address).bearer_auth(app.token().await).json(&check).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    let failing = told(&mut stage, head, "build").await;
    assert_eq!((&failing["title"], &failing["summary"]), (&json!("1 of 7 failed"), &json!("It does not greet.")));
    assert_eq!(failing["log"], "greets: FAILED\nexit 1\nindex.html:2: no name here");
    stage.finish().await;
}

#[tokio::test]
async fn i_18_of_a_red_status_the_sentence_and_the_address_are_told() {
    let mut stage = Stage::new().await;
    let head = stage.commit(BRANCH, "more.txt", "more\n");
    let status = json!({
        "state": "failure", "context": "ci/build", "description": "3 of 40 failed",
        "target_url": "https://ci.example/7",
    });
    stage.ask(Method::POST, &format!("/statuses/{head}"), Some(status)).await;
    let failing = told(&mut stage, head, "ci/build").await;
    assert_eq!((&failing["check"], &failing["title"]), (&json!("ci/build"), &json!("3 of 40 failed")), "{failing}");
    assert_eq!(failing["url"], "https://ci.example/7");
    stage.finish().await;
}

/// An agent whose brain waits in the middle of its work, with an App of its own.
struct Slow {
    app: App,
    offer: Offer,
    /// Is there once the brain is at work.
    begun: PathBuf,
    /// Lets the brain go on.
    go: PathBuf,
}

async fn slow(stage: &mut Stage, credential: fn(&App) -> Credential) -> Slow {
    let may = [
        (Permission::Contents, Access::Write),
        (Permission::Issues, Access::Read),
        (Permission::Metadata, Access::Read),
    ];
    let app = stage.app("dev-app", &may);
    stage.credential = Some(credential(&app));
    let (begun, go) = (stage.folder.path().join("begun"), stage.folder.path().join("go"));
    let script =
        format!("touch {}\nwhile [ ! -e {} ]; do sleep 0.02; done\n{COMMIT}{DONE}", begun.display(), go.display());
    let program = stage.program("brain", &script);
    stage.agent(&with_program("dev-e", &program)).await;
    let number = stage.issue("Do it", "").await;
    Slow { app, offer: stage.offer(number, "Do it", Task::Build, 1), begun, go }
}

/// A token lives an hour; a run may live longer.
#[tokio::test]
async fn f_119_a_push_at_minute_61_has_a_token_of_its_own() {
    let mut stage = Stage::new().await;
    let Slow { app, offer, begun, go } = slow(&mut stage, App::credential).await;
    stage.put(&offer).await;
    until("the brain is at work", async || begun.exists()).await;

    let before = app.given();
    let hour = Duration::from_secs(61 * 60);
    app.ahead.store(i64::try_from(hour.as_secs()).unwrap(), Ordering::SeqCst);
    let later = Moment::from_millis(now().unix_timestamp() * 1000).after(hour);
    stage.played.with(|world| world.wake(later));
    let address = format!("{}/repos/{REPOSITORY}", stage.played.addresses().api);
    for token in &before {
        let answer = reqwest::Client::new().get(&address).bearer_auth(token).send().await.unwrap();
        assert_eq!(answer.status(), 401, "what the run began with is dead by now");
    }
    assert!(!before.is_empty());

    fs::write(&go, "").unwrap();
    let (head, ..) = stage.end(&offer).await.pushed();
    assert_eq!(stage.branches(), [(offer.branch.clone(), head)].into());
    assert!(app.given().len() > before.len(), "the push has a token that was made for it");
    stage.finish().await;
}

/// A token is handed out again for a while, and may die before its time: before GitHub is read, and before the push.
#[tokio::test]
async fn f_119_a_token_that_dies_costs_no_run() {
    let mut stage = Stage::new().await;
    let Slow { app, offer, begun, go } = slow(&mut stage, App::kept_credential).await;
    let (method, path) = (Some("GET".to_owned()), format!("/repos/{REPOSITORY}/issues/{}", offer.item.number.0));
    let dies = Rule::Request { method, path, what: Trouble::TokenDies, often: Often::Times(1) };
    stage.played.faults().add(dies).unwrap();
    stage.put(&offer).await;
    until("the brain is at work", async || begun.exists()).await;
    let before = app.given();
    assert!(before.len() > 1, "what the issue could not be read with was replaced");

    for token in &before {
        let dead = HeaderMap::from_iter([(AUTHORIZATION, format!("token {token}").parse().unwrap())]);
        stage.played.with(|world| world.revoke(&dead));
    }
    fs::write(&go, "").unwrap();
    let (head, ..) = stage.end(&offer).await.pushed();
    assert_eq!(stage.branches(), [(offer.branch.clone(), head)].into());
    assert_eq!(app.given().len(), before.len() + 1, "so was what could not push");
    stage.finish().await;
}
