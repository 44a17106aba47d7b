//! Workflow runs: from `.ci.toml` of a pushed commit to checks that have ended.

use std::time::Duration;

use bytes::Bytes;
use sandbox::{
    object::Oid,
    workflow::Conclusion,
    world::{Effect, Input, JobId, Moment, Post, Work},
};
use serde_json::{Value, json};

use crate::{local::Local, stage::Stage};

const REPO: &str = "/repos/acme/hello.site";
const TWO: &str = r#"
[check.lint]
run = "sh lint.sh"
on = ["push", "pull_request"]

[check.test]
run = "sh test.sh"
on = ["push", "pull_request"]
needs = ["lint"]
concurrency = "branch"
"#;

/// Pushes a commit with this declaration to a branch.
fn push(stage: &mut Stage, branch: &str, declared: &str) -> Oid {
    let nora = stage.nora.clone();
    let before = stage.branch(branch);
    let parent = before.or_else(|| stage.branch("main")).unwrap();
    let mut local = Local::of(stage);
    let text = format!("{declared}# {branch} after {parent}\n");
    let tip = local.commit(&[parent], "Work", &[(".ci.toml", Some(&text))]);
    assert_eq!(local.push(stage, &nora, &format!("refs/heads/{branch}"), before, Some(tip)), "ok");
    tip
}

/// The jobs that a runner was asked for since the last time.
fn asked(stage: &mut Stage) -> Vec<Work> {
    let works = stage.effects.drain(..).filter_map(|effect| match effect {
        Effect::Run(work) => Some(work),
        _ => None,
    });
    works.collect()
}

fn cancelled(stage: &mut Stage) -> Vec<JobId> {
    let jobs = stage.effects.extract_if(.., |effect| matches!(effect, Effect::Cancel(_)));
    jobs.filter_map(|effect| if let Effect::Cancel(job) = effect { Some(job) } else { None }).collect()
}

fn end(stage: &mut Stage, job: JobId, conclusion: Conclusion) {
    stage.step(&Input::JobStarted(job));
    stage.step(&Input::JobEnded { job, conclusion, log: Bytes::from_static(b"all said\n") });
}

/// What was told since the last time, without what a push itself tells.
fn told(stage: &mut Stage) -> Vec<String> {
    let line = |post: Post| {
        let payload: Value = serde_json::from_slice(&post.body).unwrap();
        let event = post.headers["x-github-event"].to_str().unwrap().to_owned();
        let of = ["check_run", "workflow_job"].iter().find_map(|key| payload[key]["name"].as_str()).unwrap_or("-");
        format!("{event}.{} {of}", payload["action"].as_str().unwrap_or_default())
    };
    let all: Vec<String> = stage.posts.drain(..).map(line).collect();
    all.into_iter().filter(|line| line.starts_with("check") || line.starts_with("workflow")).collect()
}

fn runs(stage: &mut Stage, query: &str) -> Value {
    let sam = stage.sam.clone();
    stage.get(&sam, &format!("{REPO}/actions/runs{query}")).expect(200)
}

fn checks(stage: &mut Stage, at: &str) -> Vec<String> {
    let sam = stage.sam.clone();
    let found = stage.get(&sam, &format!("{REPO}/commits/{at}/check-runs")).expect(200);
    let runs = found["check_runs"].as_array().unwrap().iter();
    let mut lines: Vec<String> = runs
        .map(|run| {
            let how = run["conclusion"].as_str().or(run["status"].as_str()).unwrap();
            format!("{} {how}", run["name"].as_str().unwrap())
        })
        .collect();
    lines.sort();
    lines
}

#[test]
fn a_push_runs_its_checks_each_after_those_it_needs() {
    let mut stage = Stage::new();
    let tip = push(&mut stage, "work", TWO);
    let works = asked(&mut stage);
    assert_eq!(works.len(), 1, "test waits for lint");
    assert_eq!((works[0].commit, works[0].script.text.as_str()), (tip, "sh lint.sh"));
    assert_eq!(works[0].repository, stage.site);
    assert_eq!(checks(&mut stage, "work"), ["lint queued", "test queued"]);
    let lint = works[0].job;
    stage.step(&Input::JobStarted(lint));
    assert_eq!(checks(&mut stage, "work"), ["lint in_progress", "test queued"]);
    stage.step(&Input::JobEnded { job: lint, conclusion: Conclusion::Success, log: Bytes::new() });
    let test = asked(&mut stage)[0].job;
    end(&mut stage, test, Conclusion::Neutral);
    assert_eq!(checks(&mut stage, "work"), ["lint success", "test neutral"]);
    assert_eq!(
        told(&mut stage),
        [
            "workflow_run.requested -",
            "check_run.created lint",
            "workflow_job.queued lint",
            "check_run.created test",
            "workflow_job.queued test",
            "workflow_run.in_progress -",
            "workflow_job.in_progress lint",
            "check_run.completed lint",
            "workflow_job.completed lint",
            "workflow_job.in_progress test",
            "check_run.completed test",
            "check_suite.completed -",
            "workflow_job.completed test",
            "workflow_run.completed -",
        ]
    );
    let run = &runs(&mut stage, "")["workflow_runs"][0];
    assert_eq!((&run["status"], &run["conclusion"]), (&json!("completed"), &json!("success")));
    assert_eq!(
        (&run["event"], &run["head_sha"], &run["actor"]["login"]),
        (&json!("push"), &json!(tip), &json!("nora"))
    );
}

#[test]
fn what_needs_a_failure_is_skipped() {
    let mut stage = Stage::new();
    push(&mut stage, "work", TWO);
    let lint = asked(&mut stage)[0].job;
    end(&mut stage, lint, Conclusion::TimedOut);
    assert_eq!(checks(&mut stage, "work"), ["lint timed_out", "test skipped"]);
    assert!(asked(&mut stage).is_empty());
    assert_eq!(runs(&mut stage, "?status=timed_out")["total_count"], 1);
    assert_eq!(runs(&mut stage, "?status=success")["total_count"], 0);
}

#[test]
fn a_pull_request_runs_its_checks_again_with_each_push() {
    let mut stage = Stage::new();
    let nora = stage.nora.clone();
    push(&mut stage, "work", TWO);
    stage.post(&nora, &format!("{REPO}/pulls"), json!({"title": "Work", "head": "work", "base": "main"})).expect(201);
    let opened = runs(&mut stage, "?event=pull_request");
    assert_eq!(opened["workflow_runs"][0]["pull_requests"][0]["number"], 1);
    push(&mut stage, "work", TWO);
    assert_eq!(runs(&mut stage, "?event=pull_request")["total_count"], 2);
    assert_eq!(runs(&mut stage, "?event=push&branch=work")["total_count"], 2);
}

#[test]
fn a_newer_run_of_a_branch_cancels_the_older_where_it_says_so() {
    let mut stage = Stage::new();
    push(&mut stage, "work", TWO);
    let lint = asked(&mut stage)[0].job;
    end(&mut stage, lint, Conclusion::Success);
    let test = asked(&mut stage)[0].job;
    stage.step(&Input::JobStarted(test));
    let older = stage.branch("work").unwrap().to_string();
    push(&mut stage, "other", TWO);
    assert_eq!(cancelled(&mut stage), [], "another branch is none of its concern");
    push(&mut stage, "work", TWO);
    assert_eq!(cancelled(&mut stage), [test]);
    assert_eq!(checks(&mut stage, &older), ["lint success", "test cancelled"]);
    stage.step(&Input::JobEnded { job: test, conclusion: Conclusion::Failure, log: Bytes::from_static(b"late\n") });
    assert_eq!(checks(&mut stage, &older), ["lint success", "test cancelled"], "it has ended already");
}

#[test]
fn a_run_is_cancelled_and_run_again() {
    let mut stage = Stage::new();
    let (nora, sam) = (stage.nora.clone(), stage.sam.clone());
    push(&mut stage, "work", TWO);
    let lint = asked(&mut stage)[0].job;
    let id = runs(&mut stage, "")["workflow_runs"][0]["id"].clone();
    let place = format!("{REPO}/actions/runs/{id}");
    stage.ask("POST", &nora, &format!("{place}/rerun"), None).expect(403);
    stage.ask("POST", &sam, &format!("{place}/cancel"), None).expect(403);
    stage.ask("POST", &nora, &format!("{place}/cancel"), None).expect(202);
    assert_eq!(cancelled(&mut stage), [lint]);
    stage.ask("POST", &nora, &format!("{place}/cancel"), None).expect(409);
    assert_eq!(checks(&mut stage, "work"), ["lint cancelled", "test cancelled"]);
    stage.ask("POST", &nora, &format!("{place}/rerun"), None).expect(201);
    let run = stage.get(&sam, &place).expect(200);
    assert_eq!((&run["run_attempt"], &run["status"]), (&json!(2), &json!("queued")));
    let lint = asked(&mut stage)[0].job;
    end(&mut stage, lint, Conclusion::Success);
    let test = asked(&mut stage)[0].job;
    end(&mut stage, test, Conclusion::Failure);
    assert_eq!(stage.get(&sam, &place).expect(200)["conclusion"], "failure");
    stage.ask("POST", &nora, &format!("{place}/rerun-failed-jobs"), None).expect(201);
    let works = asked(&mut stage);
    assert_eq!((works.len(), works[0].script.text.as_str()), (1, "sh test.sh"));
    end(&mut stage, works[0].job, Conclusion::Success);
    assert_eq!(stage.get(&sam, &place).expect(200)["conclusion"], "success");
    assert_eq!(stage.get(&sam, &format!("{place}/jobs")).expect(200)["total_count"], 2);
    assert_eq!(stage.get(&sam, &format!("{place}/jobs?filter=all")).expect(200)["total_count"], 5);
    let mut attempt = |number: u64| {
        let run = stage.get(&sam, &format!("{place}/attempts/{number}")).expect(200);
        let jobs = stage.get(&sam, &format!("{place}/attempts/{number}/jobs")).expect(200);
        let ends = jobs["jobs"].as_array().unwrap().iter().map(|job| job["conclusion"].clone()).collect::<Vec<_>>();
        (run["run_attempt"].clone(), run["conclusion"].clone(), json!(ends))
    };
    assert_eq!(attempt(1), (json!(1), json!("cancelled"), json!(["cancelled", "cancelled"])));
    assert_eq!(attempt(2), (json!(2), json!("failure"), json!(["success", "failure"])));
    assert_eq!(attempt(3), (json!(3), json!("success"), json!(["success", "success"])), "lint was not run again");
    for number in [0, 4] {
        stage.get(&sam, &format!("{place}/attempts/{number}")).expect(404);
        stage.get(&sam, &format!("{place}/attempts/{number}/jobs")).expect(404);
    }
    let newest = stage.get(&sam, &place).expect(200);
    assert!(newest["previous_attempt_url"].as_str().unwrap().ends_with("/attempts/2"));
    stage.ask("POST", &nora, &format!("{REPO}/actions/jobs/{lint}/rerun"), None).expect(201);
    assert_eq!(asked(&mut stage)[0].script.text, "sh lint.sh");
    assert_eq!(checks(&mut stage, "work"), ["lint queued", "test queued"], "what needs it runs again with it");
}

#[test]
fn a_check_of_ours_is_asked_for_again_by_the_checks_api() {
    let mut stage = Stage::new();
    let nora = stage.nora.clone();
    push(&mut stage, "work", TWO);
    let lint = asked(&mut stage)[0].job;
    end(&mut stage, lint, Conclusion::Failure);
    stage.ask("POST", &nora, &format!("{REPO}/check-runs/{lint}/rerequest"), None).expect(201);
    assert_eq!(asked(&mut stage).len(), 1);
    assert_eq!(checks(&mut stage, "work"), ["lint queued", "test queued"]);
}

#[test]
fn a_log_is_where_the_answer_says() {
    let mut stage = Stage::new();
    let sam = stage.sam.clone();
    push(&mut stage, "work", TWO);
    let lint = asked(&mut stage)[0].job;
    let place = format!("{REPO}/actions/jobs/{lint}");
    stage.get(&sam, &format!("{place}/logs")).expect(404);
    end(&mut stage, lint, Conclusion::Success);
    let job = stage.get(&sam, &place).expect(200);
    assert_eq!((&job["name"], &job["steps"][0]["conclusion"]), (&json!("lint"), &json!("success")));
    let found = stage.get(&sam, &format!("{place}/logs"));
    assert_eq!(found.status, 302);
    let location = found.answer.headers()["location"].to_str().unwrap().to_owned();
    let key = location.strip_prefix(&format!("http://127.0.0.1:8480/logs/jobs/{lint}?key=")).unwrap();
    assert_eq!(stage.world.log(lint, key).as_deref(), Some(&b"all said\n"[..]));
    assert_eq!(stage.world.log(lint, "guess"), None);
}

#[test]
fn a_declaration_that_cannot_be_used_fails_at_the_start() {
    let mut stage = Stage::new();
    push(&mut stage, "work", "[check.test]\nrun = 1\n");
    assert!(asked(&mut stage).is_empty());
    let run = runs(&mut stage, "")["workflow_runs"][0].clone();
    assert_eq!(run["conclusion"], "startup_failure");
    let id = sandbox::world::WorkflowRunId(run["id"].as_u64().unwrap());
    let fault = stage.world.startup_fault(stage.site, id).unwrap();
    assert!(fault.starts_with(".ci.toml cannot be used:"), "{fault}");
    let nora = stage.nora.clone();
    stage.ask("POST", &nora, &format!("{REPO}/actions/runs/{}/rerun", run["id"]), None).expect(403);
    assert_eq!(told(&mut stage), ["workflow_run.requested -", "check_suite.completed -", "workflow_run.completed -"]);
}

#[test]
fn a_schedule_fires_by_the_clock() {
    let mut stage = Stage::new();
    let hourly = "[check.audit]\nrun = \"sh audit.sh\"\non = [\"schedule\"]\nevery = \"1h\"\n";
    push(&mut stage, "work", hourly);
    assert_eq!(stage.world.next_appointment(), None, "only the default branch is planned");
    push(&mut stage, "main", hourly);
    let first = stage.world.next_appointment().unwrap();
    stage.step(&Input::Tick);
    assert!(asked(&mut stage).is_empty(), "its time has not come");
    wait_until(&mut stage, first);
    let work = asked(&mut stage);
    assert_eq!((work.len(), work[0].script.text.as_str()), (1, "sh audit.sh"));
    assert_eq!(runs(&mut stage, "?event=schedule")["total_count"], 1);
    let much_later = first.after(Duration::from_secs(5 * 3600 + 60));
    wait_until(&mut stage, much_later);
    assert_eq!(asked(&mut stage).len(), 1, "what was missed is not made up for");
    push(&mut stage, "main", "");
    wait_until(&mut stage, much_later.after(Duration::from_secs(7200)));
    assert!(asked(&mut stage).is_empty(), "it is declared no more");
}

fn wait_until(stage: &mut Stage, at: Moment) {
    stage.now = at;
    stage.step(&Input::Tick);
}

#[test]
fn what_never_reports_grows_stale() {
    let mut stage = Stage::new();
    push(&mut stage, "work", TWO);
    let lint = asked(&mut stage)[0].job;
    let long = stage.now.after(Duration::from_secs(14 * 24 * 3600 + 60));
    wait_until(&mut stage, long);
    assert_eq!(cancelled(&mut stage), [lint]);
    let run = &runs(&mut stage, "")["workflow_runs"][0];
    assert_eq!((&run["status"], &run["conclusion"]), (&json!("completed"), &json!("stale")));
}

#[test]
fn a_protected_branch_waits_for_its_check() {
    let mut stage = Stage::new();
    let (ada, nora) = (stage.ada.clone(), stage.nora.clone());
    push(&mut stage, "main", "[check.test]\nrun = \"true\"\non = [\"push\"]\n");
    let rules = json!({
        "required_status_checks": {"strict": false, "contexts": ["test"]},
        "enforce_admins": true, "required_pull_request_reviews": null, "restrictions": null,
    });
    stage.put(&ada, &format!("{REPO}/branches/main/protection"), rules).expect(200);
    asked(&mut stage);
    let tip = push(&mut stage, "work", "[check.test]\nrun = \"true\"\non = [\"push\"]\n");
    let pull = json!({"title": "Work", "head": "work", "base": "main"});
    stage.post(&nora, &format!("{REPO}/pulls"), pull).expect(201);
    let merge = format!("{REPO}/pulls/1/merge");
    let early = stage.put(&nora, &merge, json!({})).expect(405);
    assert!(early["message"].as_str().unwrap().contains("Required status check \"test\""), "{early}");
    let job = asked(&mut stage)[0].job;
    end(&mut stage, job, Conclusion::Success);
    stage.put(&nora, &merge, json!({"sha": tip})).expect(200);
}
