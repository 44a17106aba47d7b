//! Whom the servers run as. PostgreSQL refuses root, so root takes another account for both.

use std::{
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::{Path, PathBuf},
    process::Command,
};

use nix::unistd::{Uid, User};

use crate::error::{Doing, Error, Result};

/// What a server may be told by our environment: where things are, and how much it may use.
const HANDED_ON: [&str; 6] = ["PATH", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "GOMAXPROCS", "GOMEMLIMIT"];

/// The account servers are run as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RunAs {
    Ourselves,
    Other(Account),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

impl RunAs {
    /// Ourselves, unless we are root: then the account that owns `data` already, else `postgres`, else `nobody`.
    ///
    /// The owner first: a home that a user made must stay theirs when it is once started by root.
    pub(crate) fn for_data(data: &Path) -> Result<Self> {
        if !Uid::effective().is_root() {
            return Ok(Self::Ourselves);
        }
        match data.symlink_metadata() {
            Ok(found) if found.uid() != 0 => Ok(Self::Other(owner(&found))),
            _ => Self::default_account(),
        }
    }

    /// Ourselves, or, as root, the account that servers get where nothing says otherwise.
    pub(crate) fn default_account() -> Result<Self> {
        if !Uid::effective().is_root() {
            return Ok(Self::Ourselves);
        }
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| User::from_name(name).ok().flatten())
            .map(|user| Self::Other(Account { name: user.name, uid: user.uid.as_raw(), gid: user.gid.as_raw() }))
            .ok_or(Error::NoAccount)
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Ourselves => "of this process",
            Self::Other(account) => &account.name,
        }
    }

    /// Runs a server's command as this account, in an environment of its own: ours may hold secrets, which a server has
    /// no use for and its users might read.
    #[expect(clippy::disallowed_methods, reason = "handed on to a child, not read")]
    pub(crate) fn apply(&self, command: &mut Command) {
        command.env_clear().env("LC_ALL", "C");
        command.envs(HANDED_ON.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        if let Self::Other(account) = self {
            command.uid(account.uid).gid(account.gid);
        }
    }

    /// Gives this one file or folder to the account.
    pub(crate) fn own(&self, path: &Path) -> Result<()> {
        match self {
            Self::Ourselves => Ok(()),
            Self::Other(account) => {
                std::os::unix::fs::lchown(path, Some(account.uid), Some(account.gid)).doing("giving away", path)
            }
        }
    }

    /// The first folder on the way to `path` that is closed to the account. What does not exist yet is not closed.
    pub(crate) fn closed_on_the_way_to(&self, path: &Path) -> Option<PathBuf> {
        let Self::Other(account) = self else {
            return None;
        };
        let path = nearest_real(path);
        path.ancestors().find(|folder| !account.may_enter(folder)).map(Path::to_path_buf)
    }
}

impl Account {
    /// By the permission bits alone: access lists are not looked at, so a folder may be called closed that is not.
    fn may_enter(&self, folder: &Path) -> bool {
        let Ok(found) = folder.metadata() else {
            return true;
        };
        let needed = match () {
            () if found.uid() == self.uid => 0o100,
            () if found.gid() == self.gid => 0o010,
            () => 0o001,
        };
        found.mode() & needed != 0
    }
}

fn owner(found: &std::fs::Metadata) -> Account {
    let name = User::from_uid(Uid::from_raw(found.uid())).ok().flatten().map(|user| user.name);
    Account { name: name.unwrap_or_else(|| found.uid().to_string()), uid: found.uid(), gid: found.gid() }
}

/// The nearest ancestor that exists, with links resolved.
fn nearest_real(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    absolute.ancestors().find_map(|ancestor| ancestor.canonicalize().ok()).unwrap_or(absolute)
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    #[test]
    fn the_first_closed_folder_is_named_though_what_is_below_does_not_exist() {
        let folder = tempfile::tempdir().unwrap();
        let closed = folder.path().canonicalize().unwrap();
        let inside = closed.join("a/b");
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
        let stranger = RunAs::Other(Account { name: "stranger".into(), uid: u32::MAX - 7, gid: u32::MAX - 7 });
        assert_eq!(stranger.closed_on_the_way_to(&inside), Some(closed.clone()));
        assert_eq!(RunAs::Ourselves.closed_on_the_way_to(&inside), None);
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o711)).unwrap();
        assert_eq!(stranger.closed_on_the_way_to(&inside), None);
    }

    #[test]
    fn the_bits_of_owner_group_and_others_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let found = folder.path().metadata().unwrap();
        let account = |uid, gid| Account { name: String::new(), uid, gid };
        let other = u32::MAX - 7;
        for (mode, owner, group, others) in
            [(0o700, true, false, false), (0o010, false, true, false), (0o071, false, true, true)]
        {
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(account(found.uid(), other).may_enter(folder.path()), owner, "{mode:o}");
            assert_eq!(account(other, found.gid()).may_enter(folder.path()), group, "{mode:o}");
            assert_eq!(account(other, other).may_enter(folder.path()), others, "{mode:o}");
        }
    }
}
