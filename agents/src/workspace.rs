//! Where runs work: a mirror of each repository, and a working tree of its own for each run.
//!
//! The mirror is bare and only this process' own: what fetches and pushes with a credential works there, with a
//! configuration that no run has written. A run's tree is a repository that borrows the mirror's objects: it has its own
//! index, refs, stash, hooks and configuration, so that no run sees another's dirt, which a linked worktree would share.
//!
//! The mirror is fetched into where it lacks what the run goes by: the base, the run's branch, the head that the task
//! names. Of other branches a run sees what the last fetch brought.
//!
//! A run's folder is locked while its agent lives. An unlocked one was left by an agent that died: whatever still runs
//! there is killed, and it is removed.

mod borrowed;
pub(crate) mod stale;
mod tree;

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use bus::catalogue::{cmd::Offer, work::Task};

use crate::{
    api::Api,
    git::{self, read},
    git_door::{self, Door},
    place::Place,
    process_tree::end_marked,
    tips::Tips,
};
use borrowed::{Heads, Start};
pub use tree::Tree;

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
    /// There is nothing to begin from: look at the repository's branches.
    #[error("{repository} has no branch {base}")]
    NoBase {
        /// The repository.
        repository: String,
        /// The branch.
        base: String,
    },
}

fn disk(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Disk { doing, path, source }
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

    /// A tree for a run. Of the branches that it goes by it has what GitHub has.
    pub(crate) async fn tree(
        &self,
        offer: &Offer,
        place: &Place,
        door: &Door<'_>,
        api: &Api<'_>,
    ) -> Result<Tree, Error> {
        let mirror = self.mirror(place).await?;
        let (heads, tips) = tokio::join!(self.heads(&mirror), api.tips(place));
        let mut heads = heads?;
        if !tips.is_ok_and(|tips| is_up_to_date(&heads, place, tips, &offer.task)) {
            door.fetch(&mirror).await?;
            heads = self.heads(&mirror).await?;
        }
        let base = heads.get(&place.base).copied();
        let base =
            base.ok_or_else(|| Error::NoBase { repository: place.repository.clone(), base: place.base.clone() })?;
        let start = match &offer.task {
            Task::Review { head, .. } => Start::Detached(*head),
            // The branch is there when an earlier run pushed: it goes on from there.
            _ => Start::Branch(&place.branch, heads.get(&place.branch).copied().unwrap_or(base)),
        };
        let (folder, lock) = self.claim(&offer.fence.run.to_string())?;
        let tree = Tree { folder, mirror, start: start.commit(), base, git: self.git.clone(), _lock: lock };
        tree.note(offer)?;
        tree.fill(&heads, start).await?;
        Ok(tree)
    }

    /// What the mirror has.
    async fn heads(&self, mirror: &Path) -> Result<Heads, git::Error> {
        let form = ["--format=%(objectname) %(refname:lstrip=2)", "refs/heads"];
        let told = self.git.at(mirror).call("for-each-ref", form).answer().await?;
        let heads = told.lines().filter_map(|line| line.split_once(' '));
        heads.map(|(commit, name)| Ok((name.to_owned(), read("for-each-ref", commit)?))).collect()
    }

    /// The mirror of a repository, made if it is not there.
    async fn mirror(&self, place: &Place) -> Result<PathBuf, Error> {
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

/// Whether a mirror with these heads has what this run goes by.
fn is_up_to_date(heads: &Heads, place: &Place, tips: Tips, task: &Task) -> bool {
    let head = match task {
        Task::Build => None,
        Task::Fix { head } | Task::Mend { head, .. } | Task::Rebase { head } | Task::Review { head, .. } => Some(head),
    };
    heads.get(&place.base) == tips.base.as_ref()
        && heads.get(&place.branch) == tips.branch.as_ref()
        && head.is_none_or(|head| heads.values().any(|known| known == head))
}
