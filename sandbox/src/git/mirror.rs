//! The folder of repositories.

use std::{
    fs, io,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::TaskTracker;

use super::{
    Error, Raw, RepositoryId, Settings, command, loose,
    packed::Packed,
    quarantine::{self, Quarantine},
    reference,
    reference::Refs,
};
use crate::object::Oid;

/// Bare repositories on disk, one a repository of the world, for git to read. Cheap to clone; all clones are one.
///
/// A repository and its forks are a network with one object directory, as on GitHub: a pull request from a fork merges
/// without any object being copied, and whoever knows the id of a fork's commit can fetch it from any of them.
///
/// What writes to disk is small and synchronous, so that the owner of the world does it in the order of its effects.
#[derive(Debug, Clone)]
pub struct Mirror {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    settings: Settings,
    /// Held from reading a repository's refs to having replaced them.
    refs: Mutex<()>,
    serving: Arc<Semaphore>,
    packed: Arc<Packed>,
    /// Answers on their way to clients.
    tasks: TaskTracker,
}

/// Served: partial clones and any commit by its id, as GitHub does. Never collected: what the world has not mentioned
/// yet must not go.
const CONFIG: &str = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n[gc]\n\tauto = 0\n\
                      [uploadpack]\n\tallowFilter = true\n\tallowAnySHA1InWant = true\n";

impl Mirror {
    /// The mirror in this folder, which is made if it is absent. It is the mirror's alone.
    pub fn open(folder: impl AsRef<Path>, settings: Settings) -> Result<Self, Error> {
        let folder = folder.as_ref();
        for part in ["repositories", "networks"] {
            make(&folder.join(part))?;
        }
        let folder = folder.canonicalize().map_err(Error::disk("find", folder))?;
        quarantine::sweep(&folder.join("networks"))?;
        let serving = Arc::new(Semaphore::new(settings.children.max(1)));
        Ok(Self {
            inner: Arc::new(Inner {
                folder,
                settings,
                refs: Mutex::default(),
                serving,
                packed: Arc::default(),
                tasks: TaskTracker::new(),
            }),
        })
    }

    /// Makes an empty repository, the first of its network. `head` is the default branch's name, without `refs/heads/`.
    pub fn create(&self, repository: RepositoryId, head: &str) -> Result<(), Error> {
        let network = self.inner.folder.join("networks").join(repository.to_string());
        self.join(repository, &network, head)
    }

    /// Makes a repository in the network of another. It has that one's objects and no refs.
    pub fn fork(&self, repository: RepositoryId, of: RepositoryId, head: &str) -> Result<(), Error> {
        self.join(repository, &self.network(of)?, head)
    }

    /// Writes objects; those that are there already cost a look each.
    pub fn write(&self, repository: RepositoryId, objects: impl IntoIterator<Item = Raw>) -> Result<(), Error> {
        let place = self.objects(repository)?;
        objects.into_iter().try_for_each(|raw| loose::write(&place, &raw))
    }

    /// Moves or makes (`Some`) and deletes (`None`) refs, all at once. Their objects must have been written.
    pub fn update_refs<N: AsRef<str>>(
        &self,
        repository: RepositoryId,
        changes: &[(N, Option<Oid>)],
    ) -> Result<(), Error> {
        let folder = self.repository(repository);
        let _held = self.inner.refs.lock().unwrap_or_else(PoisonError::into_inner);
        let mut refs = reference::read(&folder)?;
        for (name, oid) in changes {
            change(&mut refs, name.as_ref(), *oid)?;
        }
        reference::write(&folder, &refs)
    }

    /// Makes this branch the default one. `branch` is its name, without `refs/heads/`.
    pub fn set_head(&self, repository: RepositoryId, branch: &str) -> Result<(), Error> {
        reference::set_head(&self.repository(repository), branch)
    }

    /// All refs of this repository, by name.
    pub fn refs(&self, repository: RepositoryId) -> Result<Refs, Error> {
        reference::read(&self.repository(repository))
    }

    /// Removes a repository; with the last of a network go its objects.
    pub fn remove(&self, repository: RepositoryId) -> Result<(), Error> {
        let network = self.network(repository)?;
        let folder = self.repository(repository);
        fs::remove_dir_all(&folder).map_err(Error::disk("remove", folder))?;
        let member = members(&network).join(repository.to_string());
        fs::remove_file(&member).map_err(Error::disk("remove", member))?;
        match fs::remove_dir(members(&network)) {
            Ok(()) => {
                self.inner.packed.forget(&network.join("objects"));
                fs::remove_dir_all(&network).map_err(Error::disk("remove", network))
            }
            Err(_others_are_left) => Ok(()),
        }
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// Where git finds this repository.
    pub(crate) fn repository(&self, repository: RepositoryId) -> PathBuf {
        self.inner.folder.join("repositories").join(format!("{repository}.git"))
    }

    pub(super) fn quarantine(&self, repository: RepositoryId) -> Result<Quarantine, Error> {
        Quarantine::new(self.repository(repository), self.objects(repository)?, self.inner.packed.clone())
    }

    /// Whether this object is known to be in this object directory. Git may know more.
    pub(super) fn holds(&self, objects: &Path, oid: Oid) -> bool {
        loose::path(objects, oid).exists() || self.inner.packed.has(objects, oid)
    }

    pub(super) fn tasks(&self) -> &TaskTracker {
        &self.inner.tasks
    }

    /// Waits until another git may serve a client.
    pub(super) async fn serving(&self) -> Option<OwnedSemaphorePermit> {
        self.inner.serving.clone().acquire_owned().await.ok()
    }

    /// Which of these objects the repository lacks.
    pub(super) async fn missing(&self, repository: RepositoryId, oids: &[Oid]) -> Result<Vec<Oid>, Error> {
        let objects = self.objects(repository)?;
        let sought: Vec<_> = oids.iter().filter(|oid| !self.holds(&objects, **oid)).collect();
        if sought.is_empty() {
            return Ok(Vec::new());
        }
        let mut git = command::git(self.settings(), &self.repository(repository));
        git.args(["cat-file", "--batch-check", "--buffer"]);
        let input: String = sought.iter().map(|oid| format!("{oid}\n")).collect();
        let answer = command::ask("cat-file", git, input.as_bytes(), self.settings()).await?;
        let lines = String::from_utf8_lossy(&answer);
        Ok(lines.lines().filter_map(|line| line.strip_suffix(" missing")?.parse().ok()).collect())
    }

    fn join(&self, repository: RepositoryId, network: &Path, head: &str) -> Result<(), Error> {
        make(&network.join("objects").join("pack"))?;
        make(&members(network))?;
        let member = members(network).join(repository.to_string());
        fs::write(&member, "").map_err(Error::disk("write", member))?;
        let folder = self.repository(repository);
        make(&folder.join("refs"))?;
        link(network, &folder)?;
        fs::write(folder.join("config"), CONFIG).map_err(Error::disk("write", folder.join("config")))?;
        reference::write(&folder, &Refs::new())?;
        reference::set_head(&folder, head)
    }

    /// Where this repository's objects are.
    pub(super) fn objects(&self, repository: RepositoryId) -> Result<PathBuf, Error> {
        Ok(self.network(repository)?.join("objects"))
    }

    fn network(&self, repository: RepositoryId) -> Result<PathBuf, Error> {
        let link = self.repository(repository).join("objects");
        let objects = link.canonicalize().map_err(Error::disk("find", link))?;
        Ok(objects.parent().map_or_else(|| objects.clone(), Path::to_owned))
    }
}

fn change(refs: &mut Refs, name: &str, oid: Option<Oid>) -> Result<(), Error> {
    if !reference::is_name(name) {
        return Err(Error::Reference { name: name.to_owned() });
    }
    match oid {
        Some(oid) => refs.insert(name.to_owned(), oid),
        None => refs.remove(name),
    };
    Ok(())
}

/// Relative, so that the mirror's folder can be moved.
fn link(network: &Path, repository: &Path) -> Result<(), Error> {
    let name = network.file_name().unwrap_or_default();
    let target = Path::new("../../networks").join(name).join("objects");
    let place = repository.join("objects");
    match symlink(target, &place) {
        Err(source) if source.kind() != io::ErrorKind::AlreadyExists => Err(Error::disk("make", place)(source)),
        _ => Ok(()),
    }
}

fn members(network: &Path) -> PathBuf {
    network.join("members")
}

fn make(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(Error::disk("make the folder", folder))
}
