//! The git door: what a run committed leaves through here, and only here.
//!
//! It stands outside the run. It works in the mirror, with a configuration that no run has written, and borrows the run's
//! objects to read them; so nothing that a run leaves in its tree (a hook, a helper, an address written anew) ever sees
//! the credential, which is in the environment of the one git that fetches or pushes.
//!
//! Before each push it asks whether the work is still ours. What it pushes carries `Rig-Run: <run>.<generation>`, set here
//! and not by who made the commits, so that a head of an older run is never taken for one of this.

mod credential;
mod seal;

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use bus::{catalogue::agent::Fence, commit::Oid};

pub use credential::{Credential, Mint, Secret, Wanted};

use crate::{
    git::{self, Git},
    place::Place,
    runtime::lease::{Halt, Lease},
    workspace::{Tree, stale::unlock},
};

/// Why something was not fetched or not pushed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The work is no longer ours.
    #[error(transparent)]
    Halted(#[from] Halt),
    /// There is no credential now.
    #[error("no credential for {repository}: {reason}")]
    Credential {
        /// The repository.
        repository: String,
        /// Why.
        reason: String,
    },
    /// The branch is not where this run left it; nothing was overwritten.
    #[error("{branch} was moved by somebody else; nothing was overwritten: {source}")]
    Moved {
        /// The branch.
        branch: String,
        /// Git's words.
        source: git::Error,
    },
    /// The mirror cannot be locked.
    #[error("the mirror {} cannot be locked", mirror.display())]
    Lock {
        /// Which.
        mirror: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Git failed.
    #[error(transparent)]
    Git(#[from] git::Error),
}

/// The way out for one run.
pub(crate) struct Door<'a> {
    pub(crate) git: &'a git::Settings,
    /// As `https://github.com`.
    pub(crate) host: &'a str,
    pub(crate) credential: &'a Credential,
    pub(crate) place: &'a Place,
    pub(crate) fence: Fence,
    pub(crate) lease: &'a Lease<'a>,
}

/// What may happen to a branch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Way {
    /// Commits are added.
    Forward,
    /// It is written anew, if it still is what this run saw.
    Anew,
}

impl<'a> Door<'a> {
    /// Brings the mirror up to date.
    pub(crate) async fn fetch(&self, mirror: &Path) -> Result<(), Error> {
        let _turn = turn(mirror).await?;
        unlock(mirror, self.git.time);
        let url = self.url();
        let what = ["--quiet", "--prune", "--force", "--no-tags", "--no-write-fetch-head", "--", &url];
        let fetch = |git: Git<'a>| git.call("fetch", what).arguments(["+refs/heads/*:refs/heads/*"]).answer();
        self.proven(mirror, fetch).await.map(drop)
    }

    /// Pushes a tree's head to the run's branch, and tells what is there now. Where nothing is new nothing is pushed.
    pub(crate) async fn push(&self, mirror: &Path, tree: &Tree, way: Way) -> Result<Oid, Error> {
        let known = self.known(mirror).await?;
        let sealed = self.seal(mirror, tree, tree.head().await?).await?;
        if known != Some(sealed) {
            self.lease.granted().await?;
            self.send(mirror, tree, sealed, known, way).await?;
            let reference = self.reference();
            // From the mirror's own objects: the next run's tree borrows from nobody else.
            let into = ["--quiet", "--force", "--no-tags", "--no-write-fetch-head", "--"];
            let into = self.git.at(mirror).call("fetch", into).arguments([tree.path().as_os_str()]);
            tree.adopt(sealed).await?;
            into.arguments([format!("+HEAD:{reference}")]).answer().await?;
        }
        Ok(sealed)
    }

    async fn send(&self, mirror: &Path, tree: &Tree, sealed: Oid, known: Option<Oid>, way: Way) -> Result<(), Error> {
        let reference = self.reference();
        let push = |git: Git<'a>| {
            let mut git = borrowing(git, tree).call("push", ["--quiet", "--no-verify"]);
            if way == Way::Anew {
                let seen = known.map_or_else(String::new, |oid| oid.to_string());
                git = git.arguments([format!("--force-with-lease={reference}:{seen}")]);
            }
            git.arguments(["--".to_owned(), self.url(), format!("{sealed}:{reference}")]).answer()
        };
        match self.proven(mirror, push).await {
            Err(Error::Git(source @ git::Error::Failed { .. })) if source.to_string().contains("[rejected]") => {
                Err(Error::Moved { branch: self.place.branch.clone(), source })
            }
            answer => answer.map(drop),
        }
    }

    /// What the branch was when it was last looked at.
    async fn known(&self, mirror: &Path) -> Result<Option<Oid>, Error> {
        let found = self.git.at(mirror).call("for-each-ref", ["--format=%(objectname)", "--", &self.reference()]);
        let found = found.answer().await?;
        if found.is_empty() { Ok(None) } else { Ok(Some(git::read("for-each-ref", &found)?)) }
    }

    fn reference(&self) -> String {
        format!("refs/heads/{}", self.place.branch)
    }

    fn url(&self) -> String {
        format!("{}/{}.git", self.host, self.place.repository)
    }

    /// Has git do something as the role, and once more where GitHub no longer takes the credential.
    async fn proven<T, A>(&self, mirror: &Path, run: impl Fn(Git<'a>) -> A) -> Result<T, Error>
    where
        A: Future<Output = Result<T, git::Error>>,
    {
        let repository = &self.place.repository;
        let no = |reason| Error::Credential { repository: repository.clone(), reason };
        let secret = self.credential.on(repository).await.map_err(no)?;
        match run(self.privileged(mirror, &secret)).await {
            Err(error) if error.is_of_the_credential() => {
                let secret = self.credential.another_on(repository).await.map_err(no)?;
                Ok(run(self.privileged(mirror, &secret)).await?)
            }
            done => Ok(done?),
        }
    }

    /// A git that may do what the role may: by a header for this host alone, in its own environment.
    fn privileged(&self, mirror: &Path, secret: &Secret) -> Git<'a> {
        self.git
            .at(mirror)
            .with("GIT_CONFIG_COUNT", "2")
            .with("GIT_CONFIG_KEY_0", format!("http.{}/.extraHeader", self.host))
            .with("GIT_CONFIG_VALUE_0", secret.header())
            .with("GIT_CONFIG_KEY_1", "gc.auto")
            .with("GIT_CONFIG_VALUE_1", "0")
    }
}

/// A git of the mirror that sees a run's objects, and nothing else of the run.
fn borrowing<'a>(git: Git<'a>, tree: &Tree) -> Git<'a> {
    git.with("GIT_ALTERNATE_OBJECT_DIRECTORIES", tree.path().join(".git/objects"))
}

/// Two processes of one agent share the mirror, and one fetches at a time.
async fn turn(mirror: &Path) -> Result<File, Error> {
    let path = mirror.with_extension("lock");
    let locked = tokio::task::spawn_blocking(move || {
        let file = File::create(path)?;
        file.lock().map(|()| file)
    });
    let no = |source| Error::Lock { mirror: mirror.to_owned(), source };
    locked.await.map_err(|error| no(io::Error::other(error)))?.map_err(no)
}
