//! Commits as `git format-patch --no-binary --stdout` writes them: a letter each, in a mailbox. What is no text is named
//! and not carried.

mod header;
mod stat;

use super::{Commit, FileChange, Objects, Oid, diff::unified};
use stat::Stat;

/// The git whose letters these are; the last line of each tells it.
const GIT: &str = "2.47.3";

impl Objects {
    /// The commit as a letter with its patch; nothing for a merge or for what is no commit here.
    #[must_use]
    pub fn format_patch(&self, commit: Oid) -> Option<String> {
        self.letter(commit, "[PATCH]")
    }

    /// These commits as letters one after the other, numbered if there are several; merges are left out.
    #[must_use]
    pub fn format_patches(&self, commits: &[Oid]) -> String {
        let single = |oid: &&Oid| self.commit(**oid).is_some_and(|commit| commit.parents.len() < 2);
        let commits: Vec<_> = commits.iter().filter(single).collect();
        let count = commits.len();
        let width = count.to_string().len();
        let mark = |number: usize| match count {
            1 => "[PATCH]".to_owned(),
            _ => format!("[PATCH {number:0width$}/{count}]"),
        };
        let letters = commits.iter().zip(1..).filter_map(|(oid, number)| self.letter(**oid, &mark(number)));
        letters.collect::<Vec<_>>().join("\n")
    }

    fn letter(&self, oid: Oid, mark: &str) -> Option<String> {
        let commit = self.commit(oid).filter(|commit| commit.parents.len() < 2)?;
        let before = commit.parents.first().and_then(|parent| self.commit(*parent));
        let changes = self.diff(before.map_or(Oid::EMPTY_TREE, |before| before.tree), commit.tree);
        let head = format!("From {oid} Mon Sep 17 00:00:00 2001\n{}", header::of(commit, mark));
        Some(format!("{head}\n{}{}-- \n{GIT}\n\n", body(commit), patch(&changes)))
    }
}

fn body(commit: &Commit) -> String {
    match commit.body() {
        "" => String::new(),
        body => format!("{body}\n"),
    }
}

fn patch(changes: &[FileChange]) -> String {
    if changes.is_empty() {
        return String::new();
    }
    format!("---\n{}\n{}", Stat(changes), unified(changes))
}
