//! What people do.

use std::collections::BTreeMap;

use serde::Serialize;

use super::On;

/// What somebody does.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is what its type says")]
pub enum Deed {
    File(File),
    Comment(Comment),
    Label(Label),
    Close(Close),
    Reopen(Reopen),
    Rename(Rename),
    Push(Push),
    Open(Open),
    Review(Review),
    Merge(Merge),
    Revert(Revert),
}

/// Files an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The name under which later acts know it.
    pub name: Option<String>,
    /// Its title.
    pub title: String,
    /// What it says.
    pub body: Option<String>,
    /// Names of labels, for those who may label.
    pub labels: Vec<String>,
}

/// Says something in the conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Where.
    pub on: On,
    /// What.
    pub body: String,
}

/// Adds and removes labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub on: On,
    /// Names to be added.
    pub add: Vec<String>,
    /// Names to be removed.
    pub remove: Vec<String>,
}

/// Closes an issue or a pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    /// Which.
    pub on: On,
    /// `completed`, `not_planned`, `duplicate`; GitHub's own where none is said.
    pub reason: Option<String>,
}

/// Opens a closed one again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reopen {
    /// Which.
    pub on: On,
}

/// Gives something another name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rename {
    /// An issue or a pull request.
    Title(On, String),
    /// The repository: later acts name it so.
    Repository(String),
}

/// Pushes one commit to a branch, which is made where it is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// The branch.
    pub branch: String,
    /// Where it begins if it is made.
    pub from: String,
    /// The commit's message.
    pub message: String,
    /// The new content of files by path; none removes the file.
    pub files: BTreeMap<String, Option<String>>,
}

/// Opens a pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// The name under which later acts know it.
    pub name: Option<String>,
    /// Its title.
    pub title: String,
    /// What it says.
    pub body: Option<String>,
    /// The branch that is to be merged.
    pub head: String,
    /// The branch that it is to be merged into.
    pub base: String,
    /// Whether it is a draft.
    pub draft: bool,
}

/// Reviews a pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// Which.
    pub on: On,
    /// What the reviewer thinks.
    pub verdict: Verdict,
    /// Why.
    pub body: Option<String>,
}

/// What a reviewer thinks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// It may land.
    Approve,
    /// It may not, as it is.
    RequestChanges,
    /// Neither.
    Comment,
}

/// Merges a pull request as it stands when the merge is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merge {
    /// Which.
    pub on: On,
    /// How.
    pub way: Way,
}

/// How a pull request is merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// By a merge commit.
    Merge,
    /// As one commit.
    Squash,
    /// Commit by commit.
    Rebase,
}

/// Takes a branch's newest commit back, by a new commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revert {
    /// The branch.
    pub branch: String,
    /// The commit's message; git's own words where none is said.
    pub message: Option<String>,
}
