//! A server with one repository, and all that is seen of it from outside.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use sandbox::git::{Gate, Mirror, Settings, router};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    process::Command,
    task::JoinSet,
};

use crate::{
    client::Client,
    owner::{Owner, SITE},
};

/// A server, until it is dropped.
pub(crate) struct Stage {
    pub(crate) mirror: Mirror,
    pub(crate) owner: Owner,
    pub(crate) at: SocketAddr,
    folder: TempDir,
    _tasks: JoinSet<()>,
}

impl Stage {
    /// With an empty repository.
    pub(crate) async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        let folder = TempDir::new().unwrap();
        let mirror = Mirror::open(folder.path(), settings).unwrap();
        mirror.create(SITE, "main").unwrap();
        let owner = Owner::new(mirror.clone());
        let (gate, asks) = Gate::new(16);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let served = router(mirror.clone(), gate);
        let mut tasks = JoinSet::new();
        tasks.spawn(owner.clone().decide(asks));
        tasks.spawn(async move { axum::serve(listener, served).await.unwrap() });
        Self { mirror, owner, at, folder, _tasks: tasks }
    }

    /// With one commit on main, and the clone it came from.
    pub(crate) async fn begun() -> (Self, Client) {
        let stage = Self::new().await;
        let client = stage.pushed().await;
        (stage, client)
    }

    /// Pushes a first commit.
    pub(crate) async fn pushed(&self) -> Client {
        let client = Client::begun().await;
        client.git(&["remote", "add", "origin", &self.address("writer")]).await;
        client.git(&["push", "-q", "origin", "main"]).await;
        client
    }

    /// The repository's address for whoever has this token.
    pub(crate) fn address(&self, token: &str) -> String {
        format!("http://x-access-token:{token}@{}/octo/site.git", self.at)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs git on the repository itself.
    pub(crate) async fn on_disk(&self, words: &[&str]) -> (bool, String) {
        let repository = self.folder.path().join("repositories/1.git");
        let output = Command::new("git").arg("--git-dir").arg(repository).args(words).output().await.unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    }

    /// Whether the repository has this object.
    pub(crate) async fn has(&self, oid: impl ToString) -> bool {
        self.on_disk(&["cat-file", "-e", &oid.to_string()]).await.0
    }

    /// What no request may leave behind.
    pub(crate) fn leftovers(&self) -> Vec<PathBuf> {
        let list = fs::read_dir(self.folder.path().join("networks/1")).unwrap().map(|entry| entry.unwrap().path());
        list.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("incoming-")).collect()
    }

    /// The processes that work in this stage's repositories, git's own children too.
    pub(crate) fn serving(&self) -> Vec<PathBuf> {
        let folder = self.folder.path().to_string_lossy().into_owned();
        let processes = fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
        let works_here = |process: &PathBuf| {
            let at = fs::read_link(process.join("cwd")).unwrap_or_default();
            let line = fs::read_to_string(process.join("cmdline")).unwrap_or_default();
            at.starts_with(&folder) || line.contains(&folder)
        };
        processes.filter(works_here).collect()
    }

    /// Sends these bytes to the server and hears it out: what a client that is not git may do.
    pub(crate) async fn said(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.at).await.unwrap();
        // A server that refuses the rest closes early.
        stream.write_all(bytes).await.ok();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.ok();
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Posts a body to one of the repository's services, as the one who may write.
    pub(crate) async fn posted(&self, service: &str, body: &[u8], headers: &str) -> String {
        let length = body.len();
        let head = format!(
            "POST /octo/site.git/{service} HTTP/1.1\r\nHost: sandbox\r\nConnection: close\r\n\
             Authorization: Bearer writer\r\nContent-Type: application/x-{service}-request\r\n\
             Content-Length: {length}\r\n{headers}\r\n"
        );
        self.said(&[head.as_bytes(), body].concat()).await
    }
}
