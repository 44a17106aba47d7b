//! A site on a port of its own, and its trouble.

use std::time::{Duration, Instant};

use http::{Method, StatusCode};
use reqwest::Response;
use sandbox::{
    faults::{Deployment, Often, Rule, Visit},
    object::Oid,
    played,
    site::{Shown, WORD},
    world::{DeploymentId, Kind, NewCommit},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::stage::{self, Listener, Stage};

const REPOSITORY: &str = "/repos/acme/hello.site";

/// A stage whose repository has a site.
struct Town {
    stage: Stage,
    url: String,
    client: reqwest::Client,
}

impl Town {
    async fn new() -> Self {
        let stage = Stage::new().await;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let site = played::Site { listener, delay: Duration::from_millis(20) };
        let url = stage.played.site(stage.site, site).unwrap();
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { stage, url, client }
    }

    fn trouble(&self, what: Deployment) {
        let rule = Rule::Deployment { repository: Some("acme/*".into()), what, often: Often::default() };
        self.stage.played.faults().add(rule).unwrap();
    }

    /// A commit whose page says this.
    fn push(&self, text: &str) -> Oid {
        let commit = self.stage.played.with(|world| {
            let author = world.account("ada", Kind::User);
            let files: &[(&str, Option<&[u8]>)] = &[("index.html", Some(text.as_bytes()))];
            world.commit(self.stage.site, "main", &NewCommit { author, message: text, files })
        });
        commit.unwrap()
    }

    async fn visit(&self, path: &str) -> Response {
        self.client.get(format!("{}{path}", self.url.trim_end_matches('/'))).send().await.unwrap()
    }

    /// What the front page says, and the commit that is told with it.
    async fn front(&self) -> (String, String) {
        let answer = self.visit("/").await;
        let told = answer.headers()["x-commit"].to_str().unwrap().to_owned();
        (answer.text().await.unwrap(), told)
    }

    /// The deployment of a commit, and what was said of it, newest first.
    async fn deployment(&self, commit: Oid) -> (DeploymentId, Vec<Value>) {
        let (_, all) = self.stage.ask(Method::GET, &format!("{REPOSITORY}/deployments?sha={commit}"), None).await;
        let id = all[0]["id"].as_u64().unwrap();
        let statuses = format!("{REPOSITORY}/deployments/{id}/statuses");
        let (_, statuses) = self.stage.ask(Method::GET, &statuses, None).await;
        (DeploymentId(id), statuses.as_array().unwrap().clone())
    }

    async fn words(&self, commit: Oid) -> Vec<String> {
        let statuses = self.deployment(commit).await.1;
        statuses.iter().map(|status| status["state"].as_str().unwrap().to_owned()).collect()
    }

    /// Waits until the newest word on a commit's deployment is this.
    async fn until(&self, commit: Oid, word: &str) -> DeploymentId {
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
    async fn until_told(&self, commit: Oid) -> String {
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

    async fn stop(self) {
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
    assert_eq!(town.until_told(two).await, "two");
    assert_eq!(town.until_told(one).await, "one");
    town.until(one, "success").await;
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
    assert_eq!(town.until_told(two).await, "two");
    assert_eq!(town.until_told(one).await, "one");
    let second = town.until(two, "inactive").await;
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
