//! Deployments, and a site that is made of a branch.

use std::time::Duration;

use sandbox::{
    object::Oid,
    world::{Deployed, DeploymentId, Effect, Input, Kind, Pages, Settled},
};
use serde_json::{Value, json};

use crate::{local::Local, stage::Stage};

const REPO: &str = "/repos/acme/hello.site";
const PLACE: &str = "/repos/acme/hello.site/deployments";

#[test]
fn a_deployment_is_asked_for_reported_and_replaced() {
    let mut stage = Stage::new();
    let (ada, nora, sam) = (stage.ada.clone(), stage.nora.clone(), stage.sam.clone());
    let new = json!({"ref": "main", "environment": "staging", "payload": {"why": "because"}, "description": "Try"});
    stage.post(&sam, PLACE, new.clone()).expect(403);
    let first = stage.post(&nora, PLACE, new.clone()).expect(201);
    assert_eq!((&first["payload"]["why"], &first["production_environment"]), (&json!("because"), &json!(false)));
    assert_eq!(first["sha"], json!(stage.branch("main").unwrap()));
    let statuses = format!("{PLACE}/{}/statuses", first["id"]);
    stage.post(&nora, &statuses, json!({})).expect(422);
    stage.post(&nora, &statuses, json!({"state": "in_progress"})).expect(201);
    let done =
        json!({"state": "success", "environment_url": "https://staging.example", "log_url": "https://logs.example"});
    let done = stage.post(&nora, &statuses, done).expect(201);
    assert_eq!(stage.get(&sam, &format!("{statuses}/{}", done["id"])).expect(200), done);
    let second = stage.post(&nora, PLACE, new).expect(201);
    let newer = format!("{PLACE}/{}/statuses", second["id"]);
    stage.post(&nora, &newer, json!({"state": "success"})).expect(201);
    assert_eq!(words(&mut stage, &statuses), ["inactive", "success", "in_progress"]);
    let listed = stage.get(&sam, &format!("{PLACE}?environment=staging")).expect(200);
    assert_eq!((&listed[0]["id"], listed.as_array().unwrap().len()), (&second["id"], 2));
    assert_eq!(stage.get(&sam, &format!("{PLACE}?environment=production")).expect(200), json!([]));
    assert_eq!(stage.get(&sam, &format!("{REPO}/environments/staging")).expect(200)["name"], "staging");
    assert_eq!(stage.get(&sam, &format!("{REPO}/environments")).expect(200)["total_count"], 1);
    let production = format!("{REPO}/environments/the%20real%2Fone");
    stage.put(&nora, &production, json!({})).expect(403);
    stage.put(&ada, &production, json!({"wait_timer": 30})).expect(422);
    let made = stage.put(&ada, &production, json!({"wait_timer": 0, "reviewers": null})).expect(200);
    assert_eq!(made["name"], "the real/one");
    assert_eq!(stage.put(&ada, &production, Value::Null).expect(200), made);
    stage.delete(&ada, &production).expect(204);
    stage.get(&ada, &production).expect(404);
    stage.delete(&nora, &format!("{PLACE}/{}", second["id"])).expect(422);
    stage.delete(&nora, &format!("{PLACE}/{}", first["id"])).expect(204);
    stage.get(&nora, &format!("{PLACE}/{}", first["id"])).expect(404);
    stage.delete(&nora, &format!("{PLACE}/{}", second["id"])).expect(204);
    assert_eq!(
        stage.told(),
        [
            "deployment.created",
            "deployment_status.created",
            "deployment_status.created",
            "deployment.created",
            "deployment_status.created",
        ]
    );
}

#[test]
fn what_has_not_passed_is_not_deployed() {
    let mut stage = Stage::new();
    let nora = stage.nora.clone();
    let head = stage.branch("main").unwrap();
    let status = |stage: &mut Stage, state: &str| {
        let word = json!({"state": state, "context": "ci"});
        stage.post(&nora, &format!("{REPO}/statuses/{head}"), word).expect(201);
    };
    status(&mut stage, "failure");
    let said = stage.post(&nora, PLACE, json!({"ref": "main"})).expect(409);
    assert_eq!(said["message"], "Conflict: Commit status checks failed for main.");
    stage.post(&nora, PLACE, json!({"ref": "main", "required_contexts": []})).expect(201);
    stage.post(&nora, PLACE, json!({"ref": "main", "required_contexts": ["none"]})).expect(409);
    status(&mut stage, "success");
    stage.post(&nora, PLACE, json!({"ref": "main", "required_contexts": ["ci"]})).expect(201);
    stage.post(&nora, PLACE, json!({"ref": "nothing"})).expect(422);
    stage.post(&nora, PLACE, json!({})).expect(422);
}

#[test]
fn a_branch_that_lags_is_deployed_only_as_it_is() {
    let mut stage = Stage::new();
    let nora = stage.nora.clone();
    let main = stage.branch("main").unwrap();
    let mut local = Local::of(&stage);
    assert_eq!(local.push(&mut stage, &nora, "refs/heads/work", None, Some(main)), "ok");
    push(&mut stage, "one");
    let said = stage.post(&nora, PLACE, json!({"ref": "work"})).expect(409);
    assert_eq!(said["message"], "Conflict merging main into work.");
    let as_it_is = stage.post(&nora, PLACE, json!({"ref": "work", "auto_merge": false})).expect(201);
    assert_eq!(as_it_is["sha"], json!(main));
}

fn words(stage: &mut Stage, statuses: &str) -> Vec<String> {
    let sam = stage.sam.clone();
    let found = stage.get(&sam, statuses).expect(200);
    found.as_array().unwrap().iter().map(|status| status["state"].as_str().unwrap().to_owned()).collect()
}

/// A commit on main that says this.
pub fn push(stage: &mut Stage, text: &str) -> Oid {
    let (nora, main) = (stage.nora.clone(), stage.branch("main").unwrap());
    let mut local = Local::of(stage);
    let tip = local.commit(&[main], text, &[("index.html", Some(text))]);
    assert_eq!(local.push(stage, &nora, "refs/heads/main", Some(main), Some(tip)), "ok");
    tip
}

pub fn site(settled: Settled) -> Stage {
    let mut stage = Stage::new();
    let ada = stage.world.account("ada", Kind::User);
    let pages = Pages { url: "http://127.0.0.1:8481/".into(), delay: Duration::from_secs(10), settled };
    stage.world.pages(stage.site, pages, ada);
    stage
}

/// The deployments that were asked for since the last time.
pub fn asked(stage: &mut Stage) -> Vec<(DeploymentId, Oid)> {
    let deploys = stage.effects.drain(..).filter_map(|effect| match effect {
        Effect::Deploy { commit, deployment, .. } => Some((deployment, commit)),
        _ => None,
    });
    deploys.collect()
}

pub fn report(stage: &mut Stage, deployment: DeploymentId, outcome: Deployed) {
    let repository = stage.site;
    stage.step(&Input::Deployed { repository, deployment, outcome });
}

fn latest(stage: &mut Stage, deployment: DeploymentId) -> String {
    words(stage, &format!("{PLACE}/{deployment}/statuses")).remove(0)
}

#[test]
fn a_push_to_the_default_branch_is_served_after_a_while() {
    let mut stage = site(Settled::ByTime);
    let tip = push(&mut stage, "one");
    let (deployment, commit) = asked(&mut stage).pop().unwrap();
    assert_eq!(commit, tip);
    assert_eq!(latest(&mut stage, deployment), "queued");
    stage.told();
    stage.step(&Input::Tick);
    assert_eq!(stage.world.live(stage.site), None, "its time is not over");
    stage.now = stage.now.after(Duration::from_secs(10));
    stage.step(&Input::Tick);
    assert_eq!(stage.world.live(stage.site).map(|live| live.commit), Some(tip));
    let [.., success, build] = stage.posts.as_slice() else { panic!("it is told") };
    let [told, build]: [Value; 2] = [success, build].map(|post| serde_json::from_slice(&post.body).unwrap());
    assert_eq!(build["build"]["status"], "built");
    assert!(build["build"]["duration"].as_i64().unwrap() >= 10_000, "{build}");
    assert_eq!(build["build"]["pusher"]["login"], "nora");
    assert_eq!(told["deployment_status"]["environment_url"], "http://127.0.0.1:8481/");
    assert_eq!(told["deployment"]["creator"]["login"], "played-pages[bot]");
    assert_eq!(stage.told(), ["deployment_status.created", "deployment_status.created", "page_build"]);
    assert_eq!(words(&mut stage, &format!("{PLACE}/{deployment}/statuses")), ["success", "in_progress", "queued"]);
}

#[test]
fn the_newest_that_succeeded_is_live_and_an_older_one_may_come_back() {
    let mut stage = site(Settled::ByReport);
    let one = push(&mut stage, "one");
    let (first, _) = asked(&mut stage).pop().unwrap();
    report(&mut stage, first, Deployed::Served);
    push(&mut stage, "two");
    let (overtaken, _) = asked(&mut stage).pop().unwrap();
    push(&mut stage, "three");
    let (failed, _) = asked(&mut stage).pop().unwrap();
    assert_eq!(latest(&mut stage, overtaken), "inactive", "a newer one is on its way");
    report(&mut stage, overtaken, Deployed::Served);
    report(&mut stage, failed, Deployed::Failed("the disk is full".into()));
    assert_eq!(latest(&mut stage, failed), "failure");
    assert_eq!(stage.world.live(stage.site).map(|live| (live.deployment, live.commit)), Some((first, one)));
    let four = push(&mut stage, "four");
    let (last, _) = asked(&mut stage).pop().unwrap();
    report(&mut stage, last, Deployed::Served);
    assert_eq!(latest(&mut stage, first), "inactive");
    assert_eq!(stage.world.live(stage.site).map(|live| live.commit), Some(four));
    let ada = stage.world.account("ada", Kind::User);
    let back = stage.world.roll_back(stage.site, first, ada).unwrap();
    report(&mut stage, back, Deployed::Served);
    assert_eq!(stage.world.live(stage.site).map(|live| live.commit), Some(one));
    assert_eq!(stage.world.roll_back(stage.site, DeploymentId(1), ada), None);
}
