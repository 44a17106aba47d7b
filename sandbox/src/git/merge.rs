//! How two commits merge: the answer is git's own.

use std::{fmt::Write as _, path::PathBuf};

use super::{Error, Mirror, Raw, RepositoryId, command, quarantine::Quarantine};
use crate::{
    object::{Kind, Oid},
    world::Question,
};

/// What a merge came to. It is a fact of the two commits: asking again gives the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Merged {
    /// They merge into this tree.
    Tree {
        /// The tree.
        tree: Oid,
        /// Its trees and blobs that the mirror does not have. The question leaves nothing behind: whoever makes a
        /// commit of the tree writes these with it.
        objects: Vec<Raw>,
    },
    /// They do not, because of these paths.
    Conflict(Vec<String>),
    /// They have no commit in common.
    Unrelated,
}

impl Mirror {
    /// Answers the world's question.
    pub async fn answer(&self, question: Question) -> Result<Merged, Error> {
        match question {
            Question::Merge { repository, ours, theirs } => self.merge(repository, ours, theirs).await,
            Question::Pick { repository, commit, onto } => self.pick(repository, commit, onto).await,
        }
    }

    /// Merges `theirs` into `ours`.
    pub async fn merge(&self, repository: RepositoryId, ours: Oid, theirs: Oid) -> Result<Merged, Error> {
        let quarantine = self.quarantine(repository)?;
        self.answered(&quarantine, self.ask(&quarantine, None, ours, theirs).await?).await
    }

    /// Carries the change that `commit` made to its first parent over to `onto`, as a rebase does.
    pub async fn pick(&self, repository: RepositoryId, commit: Oid, onto: Oid) -> Result<Merged, Error> {
        let quarantine = self.quarantine(repository)?;
        let output = self.ask(&quarantine, Some(&format!("{commit}^1")), onto, commit).await?;
        if matches!(output.status.code(), Some(0 | 1)) && !output.stdout.is_empty() {
            return self.answered(&quarantine, output).await;
        }
        let [base, ours, theirs] = self.trees(repository, commit, onto).await?;
        let base = played(&quarantine, base, None)?;
        let ours = played(&quarantine, ours, Some(base))?;
        let theirs = played(&quarantine, theirs, Some(base))?;
        self.answered(&quarantine, self.ask(&quarantine, None, ours, theirs).await?).await
    }

    async fn ask(
        &self,
        quarantine: &Quarantine,
        base: Option<&str>,
        ours: Oid,
        theirs: Oid,
    ) -> Result<command::Output, Error> {
        let mut git = quarantine.git(self.settings());
        git.args(["merge-tree", "--write-tree", "--name-only", "--no-messages", "-z"]);
        git.args(base.map(|base| format!("--merge-base={base}")));
        git.args([ours.to_string(), theirs.to_string()]);
        command::run("merge-tree", git, b"", self.settings()).await
    }

    async fn answered(&self, quarantine: &Quarantine, output: command::Output) -> Result<Merged, Error> {
        let mut words = output.stdout.split(|byte| *byte == 0).map(String::from_utf8_lossy);
        // Git also ends with 1 when it has no such commit, and then names no tree.
        let tree = words.next().and_then(|tree| tree.parse().ok());
        match (output.status.code(), tree) {
            (Some(0), Some(tree)) => Ok(Merged::Tree { tree, objects: self.made(quarantine).await? }),
            (Some(1), Some(_)) => Ok(Merged::Conflict(words.filter(|path| !path.is_empty()).map(Into::into).collect())),
            _ if String::from_utf8_lossy(&output.stderr).contains("unrelated histories") => Ok(Merged::Unrelated),
            _ => Err(command::failed("merge-tree", &output)),
        }
    }

    /// What the merge wrote. Its own commits are not part of it, and everyone knows the empty tree.
    async fn made(&self, quarantine: &Quarantine) -> Result<Vec<Raw>, Error> {
        let mut objects = quarantine.objects(self.settings()).await?;
        objects.retain(|raw| raw.kind != Kind::Commit && raw.oid != Oid::EMPTY_TREE);
        Ok(objects)
    }

    /// The trees of a pick's base, of `onto` and of `commit`. A git before 2.40 merges only from the base that the
    /// history has, and no git from before a first commit. So git is given a history that has the base wanted: three
    /// commits with these trees, which nobody else sees.
    async fn trees(&self, repository: RepositoryId, commit: Oid, onto: Oid) -> Result<[Oid; 3], Error> {
        let folder: PathBuf = self.repository(repository);
        let mut git = command::git(self.settings(), &folder);
        git.args(["cat-file", "--batch-check=%(objectname)", "--buffer"]);
        let input = format!("{commit}^1^{{tree}}\n{onto}^{{tree}}\n{commit}^{{tree}}\n");
        let answer = command::ask("cat-file", git, input.as_bytes(), self.settings()).await?;
        let text = String::from_utf8_lossy(&answer);
        let mut lines = text.lines().map(|line| line.parse::<Oid>().ok());
        // Only the first may be absent: a first commit changed the empty tree.
        let base = lines.next().flatten().unwrap_or(Oid::EMPTY_TREE);
        let absent = |oid: Oid| Error::Unreadable { oid: oid.to_string(), fault: "the mirror has no such commit" };
        let ours = lines.next().flatten().ok_or_else(|| absent(onto))?;
        let theirs = lines.next().flatten().ok_or_else(|| absent(commit))?;
        Ok([base, ours, theirs])
    }
}

/// A commit of this tree that only the quarantine has.
fn played(quarantine: &Quarantine, tree: Oid, parent: Option<Oid>) -> Result<Oid, Error> {
    let mut text = format!("tree {tree}\n");
    if let Some(parent) = parent {
        // Writing to a string cannot fail.
        writeln!(text, "parent {parent}").ok();
    }
    text.push_str("author a <a> 0 +0000\ncommitter a <a> 0 +0000\n\n");
    let commit = Raw::new(Kind::Commit, text.into());
    quarantine.write(&commit)?;
    Ok(commit.oid)
}
