//! A run's repository, written by hand: a few small files around the mirror's objects. A `git clone` that makes the same
//! starts three processes, and writes its configuration nine times, each time through to the disk.
//!
//! It has no remote: what a run leaves goes through the git door, and nothing of a run reaches the mirror.

use std::{
    collections::BTreeMap,
    fmt::Write,
    fs::{self, create_dir_all},
    io,
    path::Path,
};

use bus::commit::Oid;

/// Branches, and where they are.
pub(crate) type Heads = BTreeMap<String, Oid>;

/// What git finds out about a disk when it makes a repository there; the mirror is on the same one.
const OF_THE_DISK: [&str; 4] = ["filemode", "symlinks", "ignorecase", "precomposeunicode"];

/// Where a run begins.
#[derive(Clone, Copy, Debug)]
pub(super) enum Start<'a> {
    /// On a branch of its own, which begins here.
    Branch(&'a str, Oid),
    /// At a commit, on none.
    Detached(Oid),
}

impl Start<'_> {
    pub(super) const fn commit(self) -> Oid {
        match self {
            Self::Branch(_, commit) | Self::Detached(commit) => commit,
        }
    }
}

/// Makes the repository of a tree that is still empty.
pub(super) fn make(tree: &Path, mirror: &Path, heads: &Heads, start: Start<'_>) -> io::Result<()> {
    let git = tree.join(".git");
    for folder in ["objects/info", "objects/pack", "refs", "info", "hooks"] {
        create_dir_all(git.join(folder))?;
    }
    let objects = std::path::absolute(mirror)?.join("objects");
    fs::write(git.join("objects/info/alternates"), format!("{}\n", objects.display()))?;
    fs::write(git.join("config"), config(&fs::read_to_string(mirror.join("config"))?))?;
    fs::write(git.join("packed-refs"), references(heads, start))?;
    fs::write(git.join("HEAD"), head(start))
}

fn config(of_the_mirror: &str) -> String {
    let key = |line: &&str| line.split('=').next().is_some_and(|key| OF_THE_DISK.contains(&key.trim()));
    let disk: String = of_the_mirror.lines().filter(key).map(|line| format!("\t{}\n", line.trim())).collect();
    format!("[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tlogallrefupdates = true\n{disk}")
}

/// Sorted by their names, and each is a commit's.
fn references(heads: &Heads, start: Start<'_>) -> String {
    let mut text = "# pack-refs with: peeled fully-peeled sorted \n".to_owned();
    if let Start::Branch(name, commit) = start {
        let _ = writeln!(text, "{commit} refs/heads/{name}");
    }
    for (name, commit) in heads {
        let _ = writeln!(text, "{commit} refs/remotes/origin/{name}");
    }
    text
}

fn head(start: Start<'_>) -> String {
    match start {
        Start::Branch(name, _) => format!("ref: refs/heads/{name}\n"),
        Start::Detached(commit) => format!("{commit}\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_mirrors_configuration_only_what_the_disk_can_do_is_taken_over() {
        let mirror = "[core]\n\tbare = true\n\tfilemode = true\n\tignorecase = true\n[http]\n\tproxy = there\n";
        let own = "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tlogallrefupdates = true\n";
        assert_eq!(config(mirror), format!("{own}\tfilemode = true\n\tignorecase = true\n"));
    }
}
