//! The played GitHub, in a process of its own, and the person who files there.

use std::{collections::BTreeSet, fs, path::Path};

use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::{
    Plan,
    world::{Rig, process::Process, until, webhook::client},
};

/// The repository: with a dot, as many have.
pub const REPOSITORY: &str = "acme/hello.site";

/// What the world begins with.
const SEED: &str = include_str!("town.toml");

/// The played GitHub.
pub struct Town {
    told: Value,
    token: String,
    client: Client,
    _process: Process,
}

impl Town {
    /// Begins, and posts what happens to this address, signed with the secret in this file.
    pub async fn begin(rig: &Rig, webhook: &str, secret: &Path, Plan { seed, .. }: Plan) -> Self {
        let file = rig.scratch().join("town.toml");
        let secret = secret.to_str().unwrap();
        let hook = format!("\n[[repository.\"{REPOSITORY}\".hook]]\nurl = \"{webhook}\"\nsecret_file = \"{secret}\"\n");
        fs::write(&file, format!("{SEED}{hook}")).unwrap();
        let (file, folder) = (file.to_str().unwrap(), rig.scratch().join("github"));
        let (folder, seed) = (folder.to_str().unwrap(), seed.to_string());
        let process =
            rig.begin(&["sandbox", "--port", "0", "--json", "--seed", file, "--random", &seed, "--folder", folder]);
        let told: Value = until("the played GitHub to be ready", async || {
            let printed = process.printed();
            printed.lines().next().and_then(|line| serde_json::from_str(line).ok())
        })
        .await;
        let token = fs::read_to_string(told["tokens"]["nora"].as_str().unwrap()).unwrap().trim().to_owned();
        Self { told, token, client: client(), _process: process }
    }

    /// What it told when it was ready: `/api`, `/html`.
    pub fn told(&self, pointer: &str) -> &str {
        self.told.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer} in {}", self.told))
    }

    /// Our Apps, by slug: id and key file.
    pub fn apps(&self) -> impl Iterator<Item = (&str, u64, &str)> {
        let apps = self.told["apps"].as_array().unwrap().iter();
        apps.map(|app| (app["slug"].as_str().unwrap(), app["id"].as_u64().unwrap(), app["key_file"].as_str().unwrap()))
    }

    /// Files an issue that agents may take; its number.
    pub async fn file(&self, title: &str, body: &str) -> u64 {
        let new = json!({ "title": title, "body": body, "labels": ["agent-ready"] });
        self.ask(Method::POST, "/issues", Some(new)).await["number"].as_u64().unwrap()
    }

    /// Pushes a file to the base branch: whatever is open is behind it then.
    pub async fn push(&self, path: &str) {
        let new = json!({ "message": format!("Note {path}"), "content": "QSBub3RlLgo=" });
        self.ask(Method::PUT, &format!("/contents/{path}"), Some(new)).await;
    }

    /// The runs of the check that go on now.
    pub async fn running(&self) -> BTreeSet<u64> {
        let runs = self.shows("/actions/runs?status=in_progress&per_page=100").await;
        runs["workflow_runs"].as_array().unwrap().iter().map(|run| run["id"].as_u64().unwrap()).collect()
    }

    /// Ends a run of the check that hangs, and has it run again.
    pub async fn run_again(&self, run: u64) {
        self.ask(Method::POST, &format!("/actions/runs/{run}/cancel"), None).await;
        until("a run to be cancelled", async || {
            let shown = self.shows(&format!("/actions/runs/{run}")).await;
            (shown["status"] == "completed").then_some(())
        })
        .await;
        self.ask(Method::POST, &format!("/actions/runs/{run}/rerun"), None).await;
    }

    /// What GitHub shows here of the repository: `/pulls?state=all`.
    pub async fn shows(&self, rest: &str) -> Value {
        self.ask(Method::GET, rest, None).await
    }

    async fn ask(&self, method: Method, rest: &str, body: Option<Value>) -> Value {
        let address = format!("{}/repos/{REPOSITORY}{rest}", self.told("/api"));
        let request = self.client.request(method, address).bearer_auth(&self.token);
        let request = if let Some(body) = body { request.json(&body) } else { request };
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{rest}: {}", answer.text().await.unwrap());
        answer.json().await.unwrap()
    }

    /// A page of the site as it is now.
    pub async fn page(&self, path: &str) -> String {
        let site = self.told("/repositories/0/site").trim_end_matches('/');
        self.client.get(format!("{site}{path}")).send().await.unwrap().text().await.unwrap()
    }

    /// What goes wrong from now on, and nothing else.
    pub async fn trouble(&self, rules: Value) {
        let put = self.client.put(self.faults()).json(&json!({ "fault": rules })).send().await.unwrap();
        assert!(put.status().is_success(), "{}", put.text().await.unwrap());
    }

    /// How often each of the rules has struck.
    pub async fn struck(&self) -> Vec<u64> {
        let told: Value = self.client.get(self.faults()).send().await.unwrap().json().await.unwrap();
        told["struck"].as_array().unwrap().iter().map(|count| count.as_u64().unwrap()).collect()
    }

    fn faults(&self) -> String {
        format!("{}/_played/faults", self.told("/html"))
    }
}
