//! A site on a port of its own.

use std::time::{Duration, Instant};

use http::{Method, StatusCode};
use reqwest::Response;
use sandbox::{
    faults::{Deployment, Often, Rule},
    object::Oid,
    played,
    site::WORD,
    world::{DeploymentId, Kind, NewCommit},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::stage::{self, Listener, Stage};

const REPOSITORY: &str = "/repos/acme/hello.site";

/// A stage whose repository has a site.
pub struct Town {
    pub stage: Stage,
    pub url: String,
    pub client: reqwest::Client,
}

impl Town {
    pub async fn new() -> Self {
        let stage = Stage::new().await;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let site = played::Site { listener, delay: Duration::from_millis(20) };
        let url = stage.played.site(stage.site, site).unwrap();
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { stage, url, client }
    }

    pub fn trouble(&self, what: Deployment) {
        let rule = Rule::Deployment { repository: Some("acme/*".into()), what, often: Often::default() };
        self.stage.played.faults().add(rule).unwrap();
    }

    /// A commit whose page says this.
    pub fn push(&self, text: &str) -> Oid {
        let commit = self.stage.played.with(|world| {
            let author = world.account("ada", Kind::User);
            let files: &[(&str, Option<&[u8]>)] = &[("index.html", Some(text.as_bytes()))];
            world.commit(self.stage.site, "main", &NewCommit { author, message: text, files })
        });
        commit.unwrap()
    }

    pub async fn visit(&self, path: &str) -> Response {
        self.client.get(format!("{}{path}", self.url.trim_end_matches('/'))).send().await.unwrap()
    }

    /// What the front page says, and the commit that is told with it.
    pub async fn front(&self) -> (String, String) {
        let answer = self.visit("/").await;
        let told = answer.headers()["x-commit"].to_str().unwrap().to_owned();
        (answer.text().await.unwrap(), told)
    }

    /// The deployment of a commit, and what was said of it, newest first.
    pub async fn deployment(&self, commit: Oid) -> (DeploymentId, Vec<Value>) {
        let (_, all) = self.stage.ask(Method::GET, &format!("{REPOSITORY}/deployments?sha={commit}"), None).await;
        let id = all[0]["id"].as_u64().unwrap();
        let statuses = format!("{REPOSITORY}/deployments/{id}/statuses");
        let (_, statuses) = self.stage.ask(Method::GET, &statuses, None).await;
        (DeploymentId(id), statuses.as_array().unwrap().clone())
    }

    pub async fn words(&self, commit: Oid) -> Vec<String> {
        let statuses = self.deployment(commit).await.1;
        statuses.iter().map(|status| status["state"].as_str().unwrap().to_owned()).collect()
    }

    /// Waits until the newest word on a commit's deployment is this.
    pub async fn until(&self, commit: Oid, word: &str) -> DeploymentId {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let (id, statuses) = self.deployment(commit).await;
            if statuses[0]["state"] == word {
                return id;
            }
            assert!(Instant::now() < deadline, "{commit} is not {word}: {statuses:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits until the site tells this commit; returns what it serves then.
    pub async fn until_told(&self, commit: Oid) -> String {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let (page, told) = self.front().await;
            if told == commit.to_string() {
                return page;
            }
            assert!(Instant::now() < deadline, "{told} is told instead of {commit}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub async fn stop(self) {
        self.stage.played.stop().await;
    }
}

#[tokio::test]
async fn what_is_pushed_is_served_and_told_before_anybody_hears_of_it() {
    let town = Town::new().await;
    let mut listener = Listener::new(StatusCode::OK).await;
    town.stage.hook(&listener.url);
    assert_eq!(town.front().await.0, "<h1>Hello!</h1>\n", "what stands there is served from the beginning");
    let content = "ZXhwb3J0IGNvbnN0IGhlbGxvID0gMQo=";
    let new = json!({"message": "Greet", "content": content});
    let (status, made) = town.stage.ask(Method::PUT, &format!("{REPOSITORY}/contents/hello.js"), Some(new)).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let commit = made["commit"]["sha"].as_str().unwrap();
    let success = loop {
        let (headers, body) = listener.next().await;
        let payload: Value = serde_json::from_slice(&body).unwrap();
        if headers["x-github-event"] == "deployment_status" && payload["deployment_status"]["state"] == "success" {
            break payload;
        }
    };
    assert_eq!(
        (&success["deployment"]["sha"], &success["deployment"]["environment"]),
        (&json!(commit), &json!("github-pages"))
    );
    assert_eq!(success["deployment_status"]["environment_url"], town.url);
    let script = town.visit("/hello.js").await;
    assert_eq!(
        (script.status(), &script.headers()["content-type"]),
        (StatusCode::OK, &"text/javascript; charset=utf-8".parse().unwrap())
    );
    assert_eq!(script.headers()["x-commit"], commit);
    let word: Value = town.visit(WORD).await.json().await.unwrap();
    assert_eq!(word, json!({"commit": commit, "repository": "acme/hello.site", "played": true}));
    town.stop().await;
}

#[tokio::test]
async fn a_site_answers_as_pages_do() {
    let town = Town::new().await;
    let files: &[(&str, Option<&[u8]>)] =
        &[("docs/index.html", Some(b"docs")), ("404.html", Some(b"Lost?")), (".ci.toml", Some(b""))];
    let commit = town.stage.played.with(|world| {
        let author = world.account("ada", Kind::User);
        world.commit(town.stage.site, "main", &NewCommit { author, message: "More", files }).unwrap()
    });
    town.until_told(commit).await;
    let query = town.visit("/?name=Ada").await;
    assert_eq!(
        (query.status(), &query.headers()["content-type"]),
        (StatusCode::OK, &"text/html; charset=utf-8".parse().unwrap())
    );
    let mark = query.headers()["etag"].clone();
    let known = town.client.get(&town.url).header("if-none-match", &mark).send().await.unwrap();
    assert_eq!((known.status(), known.text().await.unwrap()), (StatusCode::NOT_MODIFIED, String::new()));
    let folder = town.visit("/docs?x=1").await;
    assert_eq!(
        (folder.status(), &folder.headers()["location"]),
        (StatusCode::MOVED_PERMANENTLY, &"/docs/?x=1".parse().unwrap())
    );
    assert_eq!(town.visit("/docs/").await.text().await.unwrap(), "docs");
    for path in ["/nothing", "/.ci.toml", "/%2Eci.toml", "//docs"] {
        let missing = town.visit(path).await;
        assert_eq!(
            (missing.status(), missing.text().await.unwrap()),
            (StatusCode::NOT_FOUND, "Lost?".into()),
            "{path}"
        );
    }
    let head = town.client.head(&town.url).send().await.unwrap();
    assert_eq!(
        (&head.headers()["content-length"], head.headers().contains_key("x-commit")),
        (&"16".parse().unwrap(), true)
    );
    assert_eq!(town.client.post(&town.url).send().await.unwrap().status(), StatusCode::METHOD_NOT_ALLOWED);
    let page = town.client.get(format!("{}/acme/hello.site", town.stage.played.addresses().html)).send().await.unwrap();
    let page = page.text().await.unwrap();
    assert!(page.contains(&format!("href=\"{}\"", town.url)) && page.contains(&commit.short()), "{page}");
    assert_eq!(town.stage.ask(Method::DELETE, REPOSITORY, None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(town.visit("/").await.status(), StatusCode::NOT_FOUND, "its repository is gone");
    town.stop().await;
}

#[tokio::test]
async fn a_push_by_git_is_deployed() {
    let town = Town::new().await;
    let html = town.stage.played.addresses().html.strip_prefix("http://").unwrap();
    let url = format!("http://x-access-token:{}@{html}/acme/hello.site.git", town.stage.nora);
    let folder = tempfile::tempdir().unwrap();
    let git = async |arguments: &[&str]| {
        let output = stage::git(folder.path()).args(arguments).output().await.unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    git(&["clone", "--quiet", &url, "."]).await;
    std::fs::write(folder.path().join("index.html"), "<h1>Hello, Ada!</h1>\n").unwrap();
    git(&["commit", "--quiet", "-a", "-m", "Greet by name"]).await;
    git(&["push", "--quiet", "origin", "HEAD:main"]).await;
    let commit: Oid = git(&["rev-parse", "HEAD"]).await.parse().unwrap();
    assert_eq!(town.until_told(commit).await, "<h1>Hello, Ada!</h1>\n");
    town.stop().await;
}
