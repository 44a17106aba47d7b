//! Pages of workflow runs and of their jobs.

use bytes::Bytes;
use sandbox::{
    workflow::Conclusion,
    world::{Effect, Input, JobId},
};
use serde_json::{Value, json};

use crate::{
    browser::Page,
    pages::{HOSTILE, HTML, SITE, look},
    rounds::commit,
    stage::Stage,
};

#[test]
fn a_workflow_run_shows_its_jobs_attempts_and_logs() {
    let mut stage = Stage::new();
    let ada = stage.ada.clone();
    commit(&mut stage, "main", ".ci.toml", "[check.broken]\n");
    let declared =
        "[check.test]\nrun = 'true'\non = ['push']\n[check.site]\nrun = 'true'\non = ['push']\nneeds = ['test']\n";
    commit(&mut stage, "main", ".ci.toml", declared);
    let runs = stage.get(&ada, &format!("{SITE}/actions/runs")).expect(200);
    let [run, broken] = [0, 1].map(|at| runs["workflow_runs"][at].clone());
    end_jobs(&mut stage, Conclusion::Failure, HOSTILE);
    stage.post(&ada, &format!("{SITE}/actions/runs/{}/rerun-failed-jobs", run["id"]), json!({})).expect(201);
    let list = look(&stage, "/acme/hello.site/actions");
    assert!(list.text.contains("startup failure") && list.text.contains("attempt 2"), "{}", list.text);
    let page = page_of(&stage, &broken);
    assert!(page.text.contains("It could not start") && page.text.contains("check.broken"), "{}", page.text);
    let page = page_of(&stage, &run);
    for words in ["Jobs of attempt 2", "queued test", "skipped site after test", "Jobs of attempt 1", "failure test"] {
        assert!(page.text.contains(words), "{words} in {}", page.text);
    }
    assert!(page.text.find("attempt 2") < page.text.find("attempt 1"));
    let jobs = stage.get(&ada, &format!("{SITE}/actions/runs/{}/jobs?filter=all", run["id"])).expect(200);
    let job = jobs["jobs"].as_array().unwrap().iter().find(|job| job["conclusion"] == "failure").unwrap();
    let told = page_of(&stage, job);
    assert!(told.text.contains(HOSTILE) && told.text.contains("attempt 1 of 2"), "{}", told.text);
    let log = told.leads_on("As it is").unwrap();
    let (path, key) = log.split_once("?key=").unwrap();
    let id = path.strip_prefix("/logs/jobs/").unwrap().parse().unwrap();
    assert_eq!(stage.world.log(id, key).unwrap(), HOSTILE);
    stage.patch(&ada, SITE, json!({"private": true})).expect(200);
    for told in [&run, job] {
        assert_eq!(page_of(&stage, told).status, 404);
    }
}

/// The page that the API names.
fn page_of(stage: &Stage, told: &Value) -> Page {
    look(stage, told["html_url"].as_str().unwrap().strip_prefix(HTML).unwrap())
}

/// Runs what a runner is asked to run.
fn end_jobs(stage: &mut Stage, conclusion: Conclusion, log: &'static str) {
    let works: Vec<JobId> = stage
        .effects
        .drain(..)
        .filter_map(|effect| match effect {
            Effect::Run(work) => Some(work.job),
            _ => None,
        })
        .collect();
    for job in works {
        stage.step(&Input::JobStarted(job));
        stage.step(&Input::JobEnded { job, conclusion, log: Bytes::from_static(log.as_bytes()) });
    }
}
