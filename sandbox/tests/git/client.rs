//! Git's own client, in a folder of its own.

use std::{fs, path::PathBuf};

use sandbox::object::Oid;
use tempfile::TempDir;
use tokio::process::Command;

/// A clone, or a folder to make one in.
pub(crate) struct Client {
    folder: TempDir,
}

/// How a git ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) ok: bool,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Client {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    /// A repository with one commit on main.
    pub(crate) async fn begun() -> Self {
        let client = Self::new();
        client.git(&["init", "-q", "-b", "main"]).await;
        client.commit("README.md", "one\n").await;
        client
    }

    /// A clone of this address.
    pub(crate) async fn cloned(address: &str, options: &[&str]) -> Self {
        let client = Self::new();
        client.git(&[&["clone", "-q"], options, &[address, "."]].concat()).await;
        client
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs git, which must succeed; its output without the last line's end.
    pub(crate) async fn git(&self, words: &[&str]) -> String {
        let said = self.tried(words).await;
        assert!(said.ok, "git {words:?}: {said:?}");
        said.out.trim_end().to_owned()
    }

    /// Runs git, however it ends.
    pub(crate) async fn tried(&self, words: &[&str]) -> Said {
        let mut git = Command::new("git");
        git.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").env("HOME", self.folder.path());
        git.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
        for who in ["AUTHOR", "COMMITTER"] {
            git.env(format!("GIT_{who}_NAME"), "Ada").env(format!("GIT_{who}_EMAIL"), "ada@example.com");
        }
        let output = git.args(words).current_dir(self.folder.path()).kill_on_drop(true).output().await.unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Said { ok: output.status.success(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// Writes a file and commits it.
    pub(crate) async fn commit(&self, name: &str, content: impl AsRef<[u8]>) -> Oid {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self.git(&["add", "-A"]).await;
        self.git(&["commit", "-q", "-m", &format!("Write {name}")]).await;
        self.oid("HEAD").await
    }

    /// The object that this name means.
    pub(crate) async fn oid(&self, name: &str) -> Oid {
        self.git(&["rev-parse", name]).await.parse().unwrap()
    }
}
