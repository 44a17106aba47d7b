//! Where a branch is. That one was created tells no commit; the push that comes with it does.

use bus::commit::Oid;

use super::{commit, place, text};
use crate::{
    github::json::Json,
    machine::{
        Fact,
        fact::{Branch, Tip},
    },
    reading::{reverts::reverts_of, run_of},
};

pub(super) fn read_push(payload: Json<'_>) -> Option<Fact> {
    let names = ["repository", "ref", "before", "after", "deleted", "head_commit", "commits"];
    let [repository, reference, before, after, deleted, head, commits] = payload.pick(names);
    let name = reference?.text()?.strip_prefix("refs/heads/")?.to_owned();
    let after = commit(after).filter(|_| !deleted.is_some_and(Json::is_true));
    let head = match after {
        None => None,
        Some(after) => {
            let tip = tip(head?).filter(|tip| tip.commit == after)?;
            Some(Tip { before: commit(before), reverts: reverts(commits, head), ..tip })
        }
    };
    Some(Fact::Branch(place(repository)?, Branch { name, head }))
}

fn tip(commit_object: Json<'_>) -> Option<Tip> {
    let [id, tree, message] = commit_object.pick(["id", "tree_id", "message"]);
    Some(Tip {
        commit: commit(id)?,
        before: None,
        tree: commit(tree)?,
        run: run_of(&text(message)),
        reverts: Vec::new(),
    })
}

/// What its commits take back. A push that was found by a look has its last one alone.
fn reverts(commits: Option<Json<'_>>, head: Option<Json<'_>>) -> Vec<Oid> {
    let all = commits.into_iter().flat_map(Json::items).chain(head);
    let mut taken_back: Vec<Oid> =
        all.flat_map(|commit| reverts_of(&text(commit.field("message"))).collect::<Vec<_>>()).collect();
    taken_back.sort_unstable();
    taken_back.dedup();
    taken_back
}

pub(super) fn read_deletion(payload: Json<'_>) -> Option<Fact> {
    let [repository, name, kind] = payload.pick(["repository", "ref", "ref_type"]);
    let name = name?.text().filter(|_| kind.and_then(Json::name).as_deref() == Some("branch"))?;
    Some(Fact::Branch(place(repository)?, Branch { name, head: None }))
}
