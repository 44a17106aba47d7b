//! How long the whole life of a pull request takes of the played world's own time: a real git pushes a branch, the check
//! that the repository declares runs, somebody approves, the protected branch takes the merge, and the site serves it.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use http::Method;
use sandbox::{
    played::{Played, Site},
    site::WORD,
    world::{Kind, NewRepository, RepositoryId, Role},
};
use serde_json::{Value, json};
use servers::testing::{self, Home};
use tokio::{net::TcpListener, process::Command};

use crate::{
    Scale,
    played::{Asker, played},
    row::{Bound, Row, median},
};

const LIVES: usize = 50;
const PLACE: &str = "/repos/acme/hello.site";
/// A script that takes no time.
const CI: &[u8] = b"[check.test]\nrun = 'true'\non = ['push']\n";

pub async fn run(scale: Scale) -> Vec<Row> {
    let stage = Stage::new().await;
    let mut lives = Vec::new();
    for n in 0..scale.of(LIVES, 1) {
        let head = stage.commit(n).await;
        lives.push(stage.live(n, &head).await.as_secs_f64() * 1e3);
    }
    stage.played.stop().await;
    let life = median(lives.into_iter());
    vec![Row::of_value("played world, a pull request's whole life", life, "ms", Bound::AtMost(150.0))]
}

/// A repository whose default branch asks for a check and an approval, a clone of it, and its site.
struct Stage {
    played: Played,
    ada: Asker,
    nora: Asker,
    site: Asker,
    clone: PathBuf,
    // Dropped after what is in it.
    _home: Home,
}

impl Stage {
    async fn new() -> Self {
        let home = testing::home();
        let played = played(&home.path().join("played")).await;
        let (repository, [ada, nora]) = place(&played);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let site = played.site(repository, Site { listener, delay: Duration::ZERO }).unwrap();
        let host = played.addresses().html.strip_prefix("http://").unwrap();
        let url = format!("http://x-access-token:{nora}@{host}/acme/hello.site.git");
        git(home.path(), &["clone", "--quiet", &url, "clone"]).await;
        let api = &played.addresses().api;
        let (ada, nora) = (Asker::new(api, &ada), Asker::new(api, &nora));
        let site = Asker::new(site.trim_end_matches('/'), "");
        let rules = json!({
            "required_status_checks": {"strict": false, "contexts": ["test"]},
            "required_pull_request_reviews": {"required_approving_review_count": 1},
            "enforce_admins": true,
            "restrictions": null,
        });
        ada.send(Method::PUT, &format!("{PLACE}/branches/main/protection"), &rules).await;
        Self { played, ada, nora, site, clone: home.path().join("clone"), _home: home }
    }

    /// What nora does at home: a commit on what she has fetched, where she finds what was merged. Returns its id.
    async fn commit(&self, n: usize) -> String {
        git(&self.clone, &["fetch", "--quiet"]).await;
        git(&self.clone, &["checkout", "--quiet", "-b", &format!("greet-{n}"), "origin/main"]).await;
        assert!(n == 0 || self.file(n - 1).exists(), "what was merged is not fetched");
        fs::write(self.file(n), "Hello!\n").unwrap();
        git(&self.clone, &["add", "."]).await;
        git(&self.clone, &["commit", "--quiet", "-m", "Greet"]).await;
        git(&self.clone, &["rev-parse", "HEAD"]).await
    }

    fn file(&self, n: usize) -> PathBuf {
        self.clone.join(format!("greet-{n}.txt"))
    }

    /// From the push of a branch to where it is live.
    async fn live(&self, n: usize, head: &str) -> Duration {
        let (ada, nora, branch) = (&self.ada, &self.nora, format!("greet-{n}"));
        let begin = Instant::now();
        git(&self.clone, &["push", "--quiet", "origin", &branch]).await;
        let new = json!({"title": "Greet", "head": branch, "base": "main"});
        let number = nora.send(Method::POST, &format!("{PLACE}/pulls"), &new).await["number"].clone();
        ada.send(Method::POST, &format!("{PLACE}/pulls/{number}/reviews"), &json!({"event": "APPROVE"})).await;
        let checks = format!("{PLACE}/commits/{head}/check-runs");
        until(&checks, async || nora.get(&checks).await["check_runs"][0]["conclusion"] == "success").await;
        let merge = format!("{PLACE}/pulls/{number}/merge");
        let merged: Value = ada.send(Method::PUT, &merge, &json!({"sha": head})).await;
        until("the site", async || self.site.get(WORD).await["commit"] == merged["sha"]).await;
        let took = begin.elapsed();
        let served = self.site.ask(Method::GET, &format!("/{branch}.txt"), String::new()).await;
        assert_eq!(served, "Hello!\n");
        took
    }
}

/// The repository, and the tokens of ada, who administers it, and of nora, who may push.
fn place(played: &Played) -> (RepositoryId, [String; 2]) {
    played.with(|world| {
        let owner = world.account("acme", Kind::Organization);
        let [ada, nora] = ["ada", "nora"].map(|login| world.account(login, Kind::User));
        let repository = world.repository(&NewRepository {
            owner,
            name: "hello.site",
            private: false,
            files: &[("index.html", b"<h1>Hello!</h1>\n"), (".ci.toml", CI)],
            collaborators: [(ada, Role::Admin), (nora, Role::Write)].into(),
        });
        (repository, [ada, nora].map(|person| world.token(person)))
    })
}

/// Looks until it is so.
async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !is_so().await {
        assert!(Instant::now() < deadline, "{what} is not as it should be");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Git in a folder, with nothing of the machine's configuration; returns what it says.
async fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .envs([("GIT_AUTHOR_NAME", "Nora"), ("GIT_AUTHOR_EMAIL", "nora@example.com")])
        .envs([("GIT_COMMITTER_NAME", "Nora"), ("GIT_COMMITTER_EMAIL", "nora@example.com")])
        .output();
    let output = output.await.unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
