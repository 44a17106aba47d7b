//! `webhook-push`.

use serde::Serialize;

use super::signature::Signed;
use crate::{
    object::{Objects, Oid, Status},
    world::{event::Payload, reference::Moved, repository::Repository, state::State},
};

/// GitHub tells of this many commits at most, and of this many files of each.
const COMMITS: usize = 2048;
const FILES: usize = 3000;

/// What a push says besides the repository and who did it.
pub(crate) struct Push<'a> {
    state: &'a State,
    repository: &'a Repository,
    moved: &'a Moved,
    commits: Vec<Commit<'a>>,
    head: Option<Commit<'a>>,
}

#[derive(Clone, Serialize)]
struct Commit<'a> {
    id: Oid,
    tree_id: Oid,
    distinct: bool,
    message: &'a str,
    timestamp: String,
    url: String,
    author: Committer<'a>,
    committer: Committer<'a>,
    added: Vec<String>,
    removed: Vec<String>,
    modified: Vec<String>,
}

#[derive(Clone, Serialize)]
struct Committer<'a> {
    name: &'a str,
    email: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
}

impl<'a> Push<'a> {
    pub(crate) fn of(state: &'a State, moved: &'a Moved) -> Option<Self> {
        let repository = state.repositories.get(moved.repository)?;
        let objects = &state.objects;
        let tip = moved.after.and_then(|after| objects.peel(after));
        let before = moved.before.and_then(|before| objects.peel(before));
        let others = others(state, repository, &moved.reference);
        let known: Vec<Oid> = before.map_or_else(|| others.clone(), |before| vec![before]);
        let mut new = tip.map(|tip| objects.log(tip, &known)).unwrap_or_default();
        new.truncate(COMMITS);
        let mut distinct = new.clone();
        if let Some(tip) = tip.filter(|_| before.is_some()) {
            distinct = objects.log(tip, &[known, others].concat());
        }
        let distinct: std::collections::HashSet<Oid> = distinct.into_iter().collect();
        let commit = |oid: Oid| Commit::of(state, repository, oid, distinct.contains(&oid));
        let commits = new.into_iter().rev().filter_map(commit).collect();
        Some(Self { state, repository, moved, commits, head: tip.and_then(commit) })
    }

    pub(crate) fn write(&self, payload: &mut Payload) {
        let Moved { reference, before, after, sender, .. } = self.moved;
        payload.field("ref", reference);
        payload.field("before", &before.unwrap_or(Oid::ZERO));
        payload.field("after", &after.unwrap_or(Oid::ZERO));
        payload.field("created", &before.is_none());
        payload.field("deleted", &after.is_none());
        payload.field("forced", &self.forced());
        payload.field("base_ref", &self.base());
        payload.field("compare", &self.compare());
        payload.field("commits", &self.commits);
        payload.field("head_commit", &self.head);
        let signature = self.state.signature(*sender);
        let name = self.state.login(*sender);
        payload.field("pusher", &Committer { name, email: &signature.email, date: None, username: None });
    }

    /// Whether something that was there is there no more.
    fn forced(&self) -> bool {
        match (self.moved.before, self.moved.after) {
            (Some(before), Some(after)) => !self.state.objects.is_ancestor(before, after),
            _ => false,
        }
    }

    /// The branch that a new reference began at.
    fn base(&self) -> Option<&'a str> {
        let tip = self.moved.after.filter(|_| self.moved.before.is_none())?;
        let branches = self.repository.references.iter().filter(|(name, _)| name.starts_with("refs/heads/"));
        let mut equal = branches.filter(|(name, at)| **at == tip && **name != self.moved.reference);
        equal.next().map(|(name, _)| name.as_str())
    }

    fn compare(&self) -> String {
        let site = format!("{}/{}", self.state.addresses.html, self.state.full_name(self.repository));
        let short = |oid: Oid| oid.to_string().chars().take(12).collect::<String>();
        let Moved { reference, before, after, .. } = self.moved;
        let (before, after) = (before.map(short), after.unwrap_or(Oid::ZERO));
        let name = reference.splitn(3, '/').nth(2).unwrap_or(reference);
        match (before, self.commits.as_slice()) {
            (Some(before), _) => format!("{site}/compare/{before}...{}", short(after)),
            (None, []) => format!("{site}/compare/{name}"),
            (None, [one]) => format!("{site}/commit/{}", short(one.id)),
            (None, [first, ..]) => format!("{site}/compare/{}^...{}", short(first.id), short(after)),
        }
    }
}

/// Where the other branches stand.
fn others(state: &State, repository: &Repository, reference: &str) -> Vec<Oid> {
    let branches = repository.references.iter().filter(|(name, _)| name.starts_with("refs/heads/"));
    branches.filter(|(name, _)| *name != reference).filter_map(|(_, at)| state.objects.peel(*at)).collect()
}

impl<'a> Commit<'a> {
    fn of(state: &'a State, repository: &Repository, oid: Oid, distinct: bool) -> Option<Self> {
        let commit = state.objects.commit(oid)?;
        let site = format!("{}/{}", state.addresses.html, state.full_name(repository));
        let [added, removed, modified] = files(&state.objects, commit);
        Some(Self {
            id: oid,
            tree_id: commit.tree,
            distinct,
            message: commit.message.trim_end_matches('\n'),
            timestamp: commit.committer.local(),
            url: format!("{site}/commit/{oid}"),
            author: Committer::of(state, &commit.author),
            committer: Committer::of(state, &commit.committer),
            added,
            removed,
            modified,
        })
    }
}

/// What a commit changed since the first of its parents: paths that came, went, and have another content.
fn files(objects: &Objects, commit: &crate::object::Commit) -> [Vec<String>; 3] {
    let parent = commit.parents.first().and_then(|parent| objects.commit(*parent));
    let mut files = [const { Vec::new() }; 3];
    let [added, removed, modified] = &mut files;
    for changed in objects.changed_paths(parent.map_or(Oid::EMPTY_TREE, |parent| parent.tree), commit.tree) {
        let kind = match changed.status() {
            Status::Added => &mut *added,
            Status::Removed => &mut *removed,
            Status::Modified | Status::Renamed | Status::Changed => &mut *modified,
        };
        if kind.len() < FILES {
            kind.push(changed.path.to_string());
        }
    }
    files
}

impl<'a> Committer<'a> {
    fn of(state: &'a State, signature: &'a crate::object::Signature) -> Self {
        let username = state.accounts.of_email(&signature.email).map(|account| account.login.as_str());
        Self { name: &signature.name, email: &signature.email, date: Some(signature.local()), username }
    }
}
