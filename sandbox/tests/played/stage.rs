//! A played world on a free port of loopback, with one repository, and a listener that keeps what is posted to it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::Duration,
};

use axum::{Router, extract::State, routing::post};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use sandbox::{
    git,
    played::{Played, Settings},
    world::{Form, Kind, NewRepository, RepositoryId, Role, Target},
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{net::TcpListener, process::Command, sync::mpsc, task::JoinSet};

pub struct Stage {
    pub played: Played,
    pub folder: TempDir,
    pub site: RepositoryId,
    /// Ada's token: she administers the repository.
    pub ada: String,
    /// Nora's: she may push.
    pub nora: String,
    client: reqwest::Client,
}

impl Stage {
    pub async fn new() -> Self {
        rustls::crypto::ring::default_provider().install_default().ok();
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let git = git::Settings { path: path(), ..git::Settings::default() };
        let settings = Settings { listener, folder: folder.path().join("repositories"), seed: 7, git };
        let played = Played::start(settings).await.unwrap();
        let (ada, nora, site) = played.with(|world| {
            let acme = world.account("acme", Kind::Organization);
            let [ada, nora] = ["ada", "nora"].map(|login| world.account(login, Kind::User));
            let site = world.repository(&NewRepository {
                owner: acme,
                name: "hello.site",
                private: false,
                files: &[("index.html", b"<h1>Hello!</h1>\n")],
                collaborators: BTreeMap::from([(ada, Role::Admin), (nora, Role::Write)]),
            });
            (world.token(ada), world.token(nora), site)
        });
        Self { played, folder, site, ada, nora, client: reqwest::Client::new() }
    }

    /// A webhook of the repository for everything.
    pub fn hook(&self, url: &str) {
        let target = Target { url: url.to_owned(), secret: Some("hush".to_owned()), form: Form::Json, insecure: false };
        self.played.with(|world| world.hook(self.site, target, BTreeSet::from(["*".to_owned()])));
    }

    /// Asks the API as ada.
    pub async fn ask(&self, method: http::Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        self.try_ask(method, path, body).await.unwrap()
    }

    /// What an address of the API leads to, as text.
    pub async fn text(&self, path: &str) -> String {
        let address = format!("{}{path}", self.played.addresses().api);
        let answer = self.client.get(address).bearer_auth(&self.ada).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.text().await.unwrap()
    }

    /// Asks the API as ada, though the answer may be broken off.
    pub async fn try_ask(
        &self,
        method: http::Method,
        path: &str,
        body: Option<Value>,
    ) -> reqwest::Result<(StatusCode, Value)> {
        let address = format!("{}{path}", self.played.addresses().api);
        let mut request = self.client.request(method, address).bearer_auth(&self.ada);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        Ok((status, serde_json::from_str(&text).unwrap_or_default()))
    }
}

#[expect(clippy::disallowed_methods, reason = "a test hands git the machine's PATH")]
pub fn path() -> std::ffi::OsString {
    std::env::var_os("PATH").unwrap()
}

/// Git in a folder, as nobody in particular: nothing of the machine's configuration, and no questions asked.
pub fn git(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(folder)
        .env_clear()
        .env("PATH", path())
        .env("HOME", folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .envs([("GIT_AUTHOR_NAME", "Ada"), ("GIT_AUTHOR_EMAIL", "ada@example.com")])
        .envs([("GIT_COMMITTER_NAME", "Ada"), ("GIT_COMMITTER_EMAIL", "ada@example.com")]);
    git
}

/// Keeps what is posted.
pub struct Listener {
    pub url: String,
    posts: mpsc::UnboundedReceiver<(HeaderMap, Bytes)>,
    _serving: JoinSet<()>,
}

impl Listener {
    pub async fn new(status: StatusCode) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (sender, posts) = mpsc::unbounded_channel();
        let keep = move |State(sender): State<mpsc::UnboundedSender<_>>, headers: HeaderMap, body: Bytes| async move {
            sender.send((headers, body)).unwrap();
            status
        };
        let router = Router::new().route("/hook", post(keep)).with_state(sender);
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, posts, _serving: serving }
    }

    pub async fn next(&mut self) -> (HeaderMap, Bytes) {
        tokio::time::timeout(Duration::from_secs(20), self.posts.recv()).await.expect("nothing was posted").unwrap()
    }
}
