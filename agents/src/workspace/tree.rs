//! The working tree of one run.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use bus::{catalogue::cmd::Offer, commit::Oid};

use super::{
    Error, OFFER,
    borrowed::{self, Heads, Start},
    disk,
};
use crate::{
    git::{self, read},
    process_tree::{MARK, end_marked},
};

/// A run's working tree. Dropped, it is removed.
#[derive(Debug)]
pub struct Tree {
    /// The run's folder: the tree, and what a program takes for its home.
    pub(super) folder: PathBuf,
    /// Whose objects it borrows.
    pub(crate) mirror: PathBuf,
    /// What the run began from.
    pub(crate) start: Oid,
    /// The base branch's head.
    pub(crate) base: Oid,
    pub(super) git: git::Settings,
    pub(super) _lock: File,
}

impl Tree {
    /// The run's folder: the mark of its processes.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// What a program takes for its home.
    pub(crate) fn home(&self) -> PathBuf {
        self.folder.join("home")
    }

    /// Where a program finds what people say to its run.
    pub(crate) fn words(&self) -> PathBuf {
        self.folder.join("said.jsonl")
    }

    /// The working tree.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.folder.join("tree")
    }

    pub(crate) fn git(&self) -> git::Git<'_> {
        self.git.at(&self.path())
    }

    /// What git starts with, for a program that calls it itself.
    pub(crate) fn environment(&self) -> Vec<(&'static str, std::ffi::OsString)> {
        self.git.environment()
    }

    /// Writes down what it is for, for whoever comes after.
    pub(super) fn note(&self, offer: &Offer) -> Result<(), Error> {
        let note = serde_json::to_vec(offer).unwrap_or_default();
        fs::write(self.folder.join(OFFER), note).map_err(disk("write", &self.folder))
    }

    /// Fills what is empty.
    pub(super) async fn fill(&self, heads: &Heads, start: Start<'_>) -> Result<(), Error> {
        let tree = self.path();
        borrowed::make(&tree, &self.mirror, heads, start).map_err(disk("make", &tree))?;
        // Dropped meanwhile, the tree finds it by its mark.
        let git = self.git().with(MARK, &self.folder).call("read-tree", ["-u", "--reset"]);
        git.arguments([start.commit().to_string()]).answer().await?;
        Ok(())
    }

    /// The head.
    pub(crate) async fn head(&self) -> Result<Oid, git::Error> {
        self.commit("HEAD").await
    }

    async fn commit(&self, name: &str) -> Result<Oid, git::Error> {
        let commit = format!("{name}^{{commit}}");
        read("rev-parse", &self.git().call("rev-parse", ["--verify", &commit]).answer().await?)
    }

    /// Whether a commit is part of another's history.
    pub(crate) async fn within(&self, part: Oid, whole: Oid) -> Result<bool, git::Error> {
        let (part, whole) = (part.to_string(), whole.to_string());
        self.git().call("merge-base", ["--is-ancestor", &part, &whole]).holds().await
    }

    /// Whether the content of two commits is not the same.
    pub(crate) async fn differs(&self, one: Oid, other: Oid) -> Result<bool, git::Error> {
        let (one, other) = (one.to_string(), other.to_string());
        let same = self.git().call("diff", ["--quiet", "--no-ext-diff", &one, &other, "--"]).holds().await?;
        Ok(!same)
    }

    /// Whether a rebase stopped half-way: what is there is no commit's content.
    pub(crate) fn is_amid_rebase(&self) -> bool {
        let git = self.path().join(".git");
        git.join("rebase-merge").exists() || git.join("rebase-apply").exists()
    }

    /// Whether something is there that no commit has.
    pub(crate) async fn is_dirty(&self) -> Result<bool, git::Error> {
        Ok(!self.git().call("status", ["--porcelain"]).answer().await?.is_empty())
    }

    /// Commits everything that is there; nothing happens where nothing is.
    pub(crate) async fn commit_all(&self, message: &str) -> Result<(), git::Error> {
        if !self.is_dirty().await? {
            return Ok(());
        }
        self.git().call("add", ["--all"]).answer().await?;
        self.git().call("commit", ["--quiet", "--no-verify", "--file=-"]).input(message).answer().await?;
        Ok(())
    }

    /// Takes a commit that the door made of this head for its own.
    pub(crate) async fn adopt(&self, sealed: Oid) -> Result<(), git::Error> {
        self.git().call("update-ref", ["--no-deref", "HEAD", &sealed.to_string()]).answer().await.map(drop)
    }

    /// The change in numbers, as `+9 -1 in 2 files`.
    pub(crate) async fn change(&self) -> Result<String, git::Error> {
        let range = format!("{}...HEAD", self.base);
        let numbers = self.git().call("diff", ["--numstat", &range]).answer().await?;
        let (mut added, mut removed, mut files) = (0_u64, 0_u64, 0_u64);
        for line in numbers.lines() {
            let mut counts = line.split('\t').map(|count| count.parse().unwrap_or(0));
            added += counts.next().unwrap_or(0);
            removed += counts.next().unwrap_or(0);
            files += 1;
        }
        Ok(format!("+{added} -{removed} in {files} file{}", if files == 1 { "" } else { "s" }))
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        end_marked(&self.folder);
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            tracing::warn!(%error, folder = %self.folder.display(), "a run's folder could not be removed");
        }
    }
}
