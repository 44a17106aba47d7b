//! What the commit of a merge says, as GitHub words it.

use std::{collections::BTreeSet, fmt::Write};

use super::Method;
use crate::{
    object::{Commit, Oid, Signature},
    world::{id::AccountId, pull::Whole, state::State},
};

/// What was asked to be said.
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) title: Option<String>,
    pub(crate) message: Option<String>,
}

/// The commit, but for its tree.
pub(super) struct Message {
    pub(super) text: String,
    pub(super) parents: Vec<Oid>,
    pub(super) author: Signature,
}

impl State {
    pub(super) fn message(&self, whole: Whole<'_>, base: Oid, head: Oid, by: AccountId, asked: Asked) -> Message {
        let (title, body, parents, author) = match asked.method {
            Method::Squash => {
                let (title, body) = self.squashed(whole);
                (title, body, vec![base], self.signature(whole.issue.author))
            }
            Method::Merge | Method::Rebase => {
                let from = self.login(whole.pull.head.owner);
                let title = format!("Merge pull request #{} from {from}/{}", whole.pull.number, whole.pull.head.branch);
                (title, whole.issue.title.clone(), vec![base, head], self.signature(by))
            }
        };
        let title = asked.title.filter(|title| !title.is_empty()).unwrap_or(title);
        let body = asked.message.unwrap_or(body);
        let text = if body.is_empty() { title } else { format!("{title}\n\n{body}") };
        Message { text, parents, author }
    }

    /// A single commit speaks for itself; of several the pull request has the title and each its say.
    fn squashed(&self, whole: Whole<'_>) -> (String, String) {
        let number = whole.pull.number;
        let commits: Vec<&Commit> = self
            .commits_of(whole.pull)
            .iter()
            .filter_map(|oid| self.objects.commit(*oid))
            .filter(|commit| commit.parents.len() < 2)
            .map(|commit| &**commit)
            .collect();
        let (title, mut body) = match commits.as_slice() {
            [only] => (only.subject(), only.body().to_owned()),
            several => (whole.issue.title.clone(), several.iter().map(|commit| item(commit)).collect()),
        };
        body.truncate(body.trim_end().len());
        let others = self.other_authors(whole, &commits);
        if !others.is_empty() {
            let gap = if body.is_empty() { "" } else { "\n\n" };
            // Writing into a String cannot fail.
            let _ = write!(body, "{gap}{}", others.join("\n"));
        }
        (format!("{title} (#{number})"), body)
    }

    fn other_authors(&self, whole: Whole<'_>, commits: &[&Commit]) -> Vec<String> {
        let own = self.signature(whole.issue.author).email;
        let others: BTreeSet<_> =
            commits.iter().map(|commit| &commit.author).map(|who| (&who.name, &who.email)).collect();
        let others = others.into_iter().filter(|(_, email)| **email != own);
        others.map(|(name, email)| format!("Co-authored-by: {name} <{email}>")).collect()
    }
}

fn item(commit: &Commit) -> String {
    match commit.body() {
        "" => format!("* {}\n\n", commit.subject()),
        body => format!("* {}\n\n{body}\n\n", commit.subject()),
    }
}
