//! Where runs work: a mirror of each repository, and a working tree of its own for each run.
//!
//! The mirror is bare and only this process' own: what fetches and pushes with a credential works there, with a
//! configuration that no run has written. A run's tree is a clone that borrows the mirror's objects: it has its own
//! index, refs, stash, hooks and configuration, so that no run sees another's dirt, which a linked worktree would share.
//!
//! A run's folder is locked while its agent lives. An unlocked one was left by an agent that died: whatever still runs
//! there is killed, and it is removed.

pub(crate) mod stale;

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use bus::{
    catalogue::{cmd::Offer, work::Task},
    commit::Oid,
};

use crate::{
    git::{self, read},
    git_door::{self, Door},
    place::Place,
    process_tree::end_marked,
};

/// Where a run's folder holds its offer, for whoever comes after.
const OFFER: &str = "offer.json";

/// Where an agent's runs work.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// A folder of the agent's own. Several processes of one agent may share it.
    pub folder: PathBuf,
    /// Which git.
    pub git: git::Settings,
}

/// Why there is no working tree.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The disk failed: look at the path.
    #[error("cannot {doing} {}: see that the agent's folder can be written and is not full", path.display())]
    Disk {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// Git failed.
    #[error(transparent)]
    Git(#[from] git::Error),
    /// The mirror cannot be brought up to date.
    #[error(transparent)]
    Door(#[from] git_door::Error),
}

fn disk(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Disk { doing, path, source }
}

/// A run's working tree. Dropped, it is removed.
#[derive(Debug)]
pub struct Tree {
    /// The run's folder: the tree, and what a program takes for its home.
    folder: PathBuf,
    /// What the run began from.
    pub(crate) start: Oid,
    /// The base branch's head.
    pub(crate) base: Oid,
    git: git::Settings,
    _lock: File,
}

impl Workspace {
    /// Removes what agents that died left behind, and tells which offers they had not come to the end of.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn sweep(&self) -> Result<Vec<Offer>, Error> {
        let mut left = Vec::new();
        let runs = self.runs()?;
        let _turn = self.turn()?;
        for entry in fs::read_dir(&runs).map_err(disk("read", &runs))?.flatten() {
            let folder = entry.path();
            if locked(&folder) {
                continue;
            }
            end_marked(&folder);
            left.extend(fs::read(folder.join(OFFER)).ok().and_then(|offer| serde_json::from_slice(&offer).ok()));
            fs::remove_dir_all(&folder).map_err(disk("remove", &folder))?;
        }
        Ok(left)
    }

    /// A tree for a run, up to date with what the door fetches.
    pub(crate) async fn tree(&self, offer: &Offer, place: &Place, door: &Door<'_>) -> Result<Tree, Error> {
        let mirror = self.mirror(place).await?;
        door.fetch(&mirror).await?;
        let (folder, lock) = self.claim(&offer.fence.run.to_string())?;
        let note = serde_json::to_vec(offer).unwrap_or_default();
        fs::write(folder.join(OFFER), note).map_err(disk("write", &folder))?;
        let tree = folder.join("tree");
        let made = self.git.at(&folder).call("clone", ["--quiet", "--shared", "--no-checkout", "--no-tags", "--"]);
        made.arguments([mirror.as_os_str(), tree.as_os_str()]).answer().await?;
        let mut tree =
            Tree { start: Oid::of([0; 20]), base: Oid::of([0; 20]), folder, git: self.git.clone(), _lock: lock };
        tree.base = tree.commit(&format!("refs/remotes/origin/{}", place.base)).await?;
        tree.check_out(place, &offer.task).await?;
        tree.start = tree.head().await?;
        Ok(tree)
    }

    /// The mirror of a repository, made if it is not there.
    pub(crate) async fn mirror(&self, place: &Place) -> Result<PathBuf, Error> {
        let mirror = self.folder.join("mirrors").join(format!("{}.git", place.repository.to_lowercase()));
        fs::create_dir_all(&mirror).map_err(disk("make", &mirror))?;
        if !mirror.join("HEAD").exists() {
            self.git.at(&mirror).call("init", ["--quiet", "--bare", "--template="]).answer().await?;
        }
        Ok(mirror)
    }

    fn runs(&self) -> Result<PathBuf, Error> {
        let runs = self.folder.join("runs");
        fs::create_dir_all(&runs).map_err(disk("make", &runs))?;
        Ok(runs)
    }

    /// A folder is made and locked in one turn, so that nobody takes it for one that was left.
    fn turn(&self) -> Result<File, Error> {
        let path = self.folder.join("turn");
        let file = File::create(&path).map_err(disk("make", &path))?;
        file.lock().map_err(disk("lock", &path))?;
        Ok(file)
    }

    fn claim(&self, name: &str) -> Result<(PathBuf, File), Error> {
        let runs = self.runs()?;
        let _turn = self.turn()?;
        let free = (1_u32..).map(|n| runs.join(format!("{name}.{n}"))).find(|folder| !folder.exists());
        let folder = free.unwrap_or_else(|| runs.join(name));
        fs::create_dir_all(folder.join("home")).map_err(disk("make", &folder))?;
        let path = folder.join("lock");
        let lock = File::create(&path).map_err(disk("make", &path))?;
        lock.lock().map_err(disk("lock", &path))?;
        Ok((folder, lock))
    }
}

fn locked(folder: &Path) -> bool {
    File::open(folder.join("lock")).is_ok_and(|file| matches!(file.try_lock(), Err(fs::TryLockError::WouldBlock)))
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

    async fn check_out(&self, place: &Place, task: &Task) -> Result<(), Error> {
        if let Task::Review { head, .. } = task {
            let head = head.to_string();
            self.git().call("checkout", ["--quiet", "--detach", &head]).answer().await?;
            return Ok(());
        }
        let ours = format!("refs/remotes/origin/{}", place.branch);
        let there = self.git().call("rev-parse", ["--verify", "--quiet", &ours]).holds().await?;
        // The branch is there when an earlier run pushed: it goes on from there.
        let from = if there { ours } else { self.base.to_string() };
        self.git().call("checkout", ["--quiet", "--no-track", "-B", &place.branch, &from]).answer().await?;
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
