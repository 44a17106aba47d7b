//! Pushes and reverts: one commit each, by the routes of git's own objects.

use std::collections::BTreeMap;

use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::Value;

use super::{
    Push, Revert,
    doing::short,
    tape::{NOTHING, Pause, Tape, text},
};

/// A branch's slashes stand in a path as they are.
const BRANCH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.');

/// One file of a new tree.
#[derive(Serialize)]
struct Entry<'a> {
    path: &'a str,
    mode: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    what: What<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum What<'a> {
    Content(&'a str),
    /// None removes the file.
    Sha(Option<&'a str>),
}

#[derive(Serialize)]
struct NewTree<'a> {
    base_tree: &'a str,
    tree: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct NewCommit<'a> {
    message: &'a str,
    tree: &'a str,
    parents: [&'a str; 1],
}

#[derive(Serialize)]
struct NewReference<'a> {
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    sha: &'a str,
}

impl Push {
    pub(super) fn done(&self, tape: &mut Tape<'_>) -> Result<String, Pause> {
        let found = tape.look(&path_of(&self.branch))?;
        let head = match found {
            Some(head) => head,
            None => tape.ask(Method::GET, &path_of(&self.from), NOTHING)?,
        };
        let head = text(head, "/object/sha")?;
        let base_tree = tree_of(head, tape)?;
        let files = self.files.iter().map(|(path, content)| {
            let what = content.as_deref().map_or(What::Sha(None), What::Content);
            Entry { path, mode: "100644", kind: "blob", what }
        });
        let tree = files.collect();
        let sha = commit(tape, head, &self.message, NewTree { base_tree, tree })?;
        let name = format!("refs/heads/{}", self.branch);
        match found {
            Some(_) => move_branch(tape, &self.branch, sha)?,
            None => {
                tape.ask(Method::POST, "/git/refs", Some(NewReference { name: Some(&name), sha }))?;
            }
        }
        Ok(format!("pushes {} to {}: {}", short(sha), self.branch, self.message.lines().next().unwrap_or_default()))
    }
}

impl Revert {
    pub(super) fn done(&self, tape: &mut Tape<'_>) -> Result<String, Pause> {
        let head = text(tape.ask(Method::GET, &path_of(&self.branch), NOTHING)?, "/object/sha")?;
        let newest = tape.ask(Method::GET, &format!("/git/commits/{head}"), NOTHING)?;
        let root = || Pause::Failed(format!("{} has one commit, which cannot be taken back", self.branch));
        let parent = newest.pointer("/parents/0/sha").and_then(Value::as_str).ok_or_else(root)?;
        let (now, before) = (files(tape, text(newest, "/tree/sha")?)?, tree_of(parent, tape)?);
        let before = files(tape, before)?;
        let message = match &self.message {
            Some(message) => message.clone(),
            None => {
                let subject = text(newest, "/message")?.lines().next().unwrap_or_default();
                format!("Revert \"{subject}\"\n\nThis reverts commit {head}.")
            }
        };
        let new = NewTree { base_tree: text(newest, "/tree/sha")?, tree: difference(&now, &before) };
        let sha = commit(tape, head, &message, new)?;
        move_branch(tape, &self.branch, sha)?;
        Ok(format!("reverts {} on {} as {}", short(head), self.branch, short(sha)))
    }
}

/// Mode and object of each file of a tree.
fn files<'a>(tape: &mut Tape<'a>, tree: &str) -> Result<BTreeMap<&'a str, (&'a str, &'a str)>, Pause> {
    let answer = tape.ask(Method::GET, &format!("/git/trees/{tree}?recursive=1"), NOTHING)?;
    if answer["truncated"] == true {
        return Err(Pause::Failed("the tree is too large to be read at once".into()));
    }
    let entries = answer["tree"].as_array().into_iter().flatten().filter(|entry| entry["type"] == "blob");
    entries.map(|entry| Ok((text(entry, "/path")?, (text(entry, "/mode")?, text(entry, "/sha")?)))).collect()
}

/// What makes the first into the second.
fn difference<'a>(
    now: &BTreeMap<&'a str, (&'a str, &'a str)>,
    before: &BTreeMap<&'a str, (&'a str, &'a str)>,
) -> Vec<Entry<'a>> {
    let gone = now.iter().filter(|(path, _)| !before.contains_key(*path));
    let gone = gone.map(|(path, (mode, _))| Entry { path, mode, kind: "blob", what: What::Sha(None) });
    let back = before.iter().filter(|(path, file)| now.get(*path) != Some(file));
    let back = back.map(|(path, (mode, sha))| Entry { path, mode, kind: "blob", what: What::Sha(Some(sha)) });
    gone.chain(back).collect()
}

fn path_of(branch: &str) -> String {
    format!("/git/ref/heads/{}", utf8_percent_encode(branch, BRANCH))
}

fn tree_of<'a>(commit: &str, tape: &mut Tape<'a>) -> Result<&'a str, Pause> {
    text(tape.ask(Method::GET, &format!("/git/commits/{commit}"), NOTHING)?, "/tree/sha")
}

fn commit<'a>(tape: &mut Tape<'a>, parent: &str, message: &str, new: NewTree<'_>) -> Result<&'a str, Pause> {
    let tree = text(tape.ask(Method::POST, "/git/trees", Some(new))?, "/sha")?;
    let new = NewCommit { message, tree, parents: [parent] };
    text(tape.ask(Method::POST, "/git/commits", Some(new))?, "/sha")
}

fn move_branch(tape: &mut Tape<'_>, branch: &str, sha: &str) -> Result<(), Pause> {
    let path = format!("/git/refs/heads/{}", utf8_percent_encode(branch, BRANCH));
    tape.ask(Method::PATCH, &path, Some(NewReference { name: None, sha })).map(|_| ())
}
