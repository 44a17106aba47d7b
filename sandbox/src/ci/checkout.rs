//! Puts a commit's files into a job's folder.

use std::path::Path;

use super::{
    Settings, Walls,
    attempt::Unstarted,
    child::{Finish, follow},
    job::Checkout,
    log::Log,
    scratch::Scratch,
    stop::{Stop, Stopped},
    strays::Strays,
};

/// Writes the files of a commit, or says which stop came before.
///
/// An index beside the work tree, and no worktree of git's own: the repository is not written to, and any number of jobs
/// check out of it at once.
pub(super) async fn check_out(
    settings: &Settings,
    checkout: &Checkout,
    scratch: &Scratch,
    log: &mut Log,
    stop: &Stop<'_>,
) -> Result<Option<Stopped>, Unstarted> {
    if !is_id(&checkout.commit) {
        return Err(Unstarted::Commit(checkout.commit.clone()));
    }
    let repository = std::path::absolute(&checkout.repository).map_err(Unstarted::Repository)?;
    let mut git = Walls::Group.around(Path::new("git"), &settings.path);
    git.arg("--git-dir").arg(repository).arg("--work-tree").arg(scratch.work());
    git.args(["read-tree", "-u", "--reset"]).arg(format!("{}^{{commit}}", checkout.commit));
    git.current_dir(scratch.work()).env("GIT_INDEX_FILE", scratch.index()).env("HOME", scratch.home());
    git.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null").env("LC_ALL", "C");
    match follow(git, Strays::None, log, stop).await.map_err(Unstarted::Spawn)? {
        Finish::Exited(0) => Ok(None),
        Finish::Exited(_) => Err(Unstarted::Checkout(checkout.commit.clone())),
        Finish::Stopped(stopped) => Ok(Some(stopped)),
    }
}

/// Whether it is an id in full, and so neither an option nor a name that git would look up.
fn is_id(commit: &str) -> bool {
    matches!(commit.len(), 40 | 64) && commit.bytes().all(|byte| byte.is_ascii_hexdigit())
}
