//! A pull request, read back: what webhooks do not tell.

use std::{collections::BTreeSet, time::Duration};

use bus::{
    catalogue::outcome::{Left, Look, PullState},
    commit::Oid,
    number::PullNumber,
};
use serde::Deserialize;
use time::OffsetDateTime;

use super::{Errand, Fault, patch};
use crate::reading::run_of;

/// GitHub works out whether a pull request merges after it is asked for the first time: so it is asked again, so often
/// and after so long.
const ASKED: u32 = 8;
const BETWEEN: Duration = Duration::from_millis(250);

/// A pull request, as far as it is read.
#[derive(Deserialize)]
pub(super) struct Pull {
    pub(super) head: End,
    base: End,
    state: String,
    #[serde(default)]
    draft: bool,
    #[serde(default)]
    merged: bool,
    merge_commit_sha: Option<Oid>,
    pub(super) mergeable: Option<bool>,
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
}

#[derive(Deserialize)]
pub(super) struct End {
    pub(super) sha: Oid,
    #[serde(rename = "ref")]
    branch: String,
}

/// GitHub shows a hundred commits a page. Of a pull request it lists 250 at most: more than that nobody reviews as one
/// change.
const PAGE: usize = 100;
const PAGES: usize = 3;

#[derive(Deserialize)]
struct Comparison {
    behind_by: u32,
    total_commits: usize,
    base_commit: Object,
    commits: Vec<Commit>,
    #[serde(default)]
    files: Vec<patch::Changed>,
}

#[derive(Deserialize)]
struct Commit {
    commit: Signed,
    author: Option<Account>,
    committer: Option<Account>,
}

#[derive(Deserialize)]
struct Signed {
    author: Option<Person>,
    committer: Option<Person>,
}

#[derive(Deserialize)]
struct Person {
    email: Option<String>,
}

#[derive(Deserialize)]
struct Account {
    login: Option<String>,
}

/// A commit, as git has it.
#[derive(Deserialize)]
pub(super) struct Raw {
    pub(super) tree: Object,
    #[serde(default)]
    message: String,
    #[serde(default)]
    pub(super) parents: Vec<Object>,
}

/// An object, by its id.
#[derive(Deserialize)]
pub(super) struct Object {
    pub(super) sha: Oid,
}

pub(super) async fn run(errand: &Errand<'_>, number: PullNumber) -> Result<Left, Fault> {
    let pull = with_mergeability(errand, number).await?;
    let raw = commit(errand, pull.head.sha).await?;
    let (base, head) = (&pull.base.branch, pull.head.sha);
    let compared: Comparison = errand.get(&format!("compare/{base}...{head}?per_page={PAGE}")).await?;
    let (authors, more_authors) = everybody(errand, &compared, head).await?;
    Ok(Left::Look(Box::new(Look {
        pull: number,
        head,
        tree: raw.tree.sha,
        run: run_of(&raw.message),
        base: compared.base_commit.sha,
        behind: compared.behind_by,
        state: pull.state(),
        draft: pull.draft,
        mergeable: pull.mergeable,
        patch: patch::digest(&compared.files),
        authors: authors.into_iter().collect(),
        more_authors,
        updated_at: pull.updated_at,
    })))
}

/// The pull request as it is.
pub(super) async fn pull(errand: &Errand<'_>, number: PullNumber) -> Result<Pull, Fault> {
    errand.get(&format!("pulls/{}", number.0)).await
}

/// A commit as git has it.
pub(super) async fn commit(errand: &Errand<'_>, commit: Oid) -> Result<Raw, Fault> {
    errand.get(&format!("git/commits/{commit}")).await
}

async fn with_mergeability(errand: &Errand<'_>, number: PullNumber) -> Result<Pull, Fault> {
    for _ in 1..ASKED {
        let found = pull(errand, number).await?;
        if found.mergeable.is_some() || found.state() != PullState::Open {
            return Ok(found);
        }
        tokio::time::sleep(BETWEEN).await;
    }
    pull(errand, number).await
}

impl Pull {
    pub(super) fn state(&self) -> PullState {
        match (self.merged, self.merge_commit_sha) {
            (true, Some(commit)) => PullState::Merged { commit },
            _ if self.state == "open" => PullState::Open,
            _ => PullState::Closed,
        }
    }
}

/// Who wrote and who committed, and whether there are more commits than were read. Files stand on the first page alone;
/// the others are asked for between the same two commits, whatever was pushed meanwhile.
async fn everybody(errand: &Errand<'_>, first: &Comparison, head: Oid) -> Result<(BTreeSet<String>, bool), Fault> {
    let (base, total) = (first.base_commit.sha, first.total_commits);
    let (mut all, mut read) = (authors(&first.commits), first.commits.len());
    for page in 2..=PAGES {
        if read >= total {
            break;
        }
        let address = format!("compare/{base}...{head}?per_page={PAGE}&page={page}");
        let next: Comparison = errand.get(&address).await?;
        if next.commits.is_empty() {
            break;
        }
        read += next.commits.len();
        all.append(&mut authors(&next.commits));
    }
    Ok((all, read < total))
}

/// Who wrote and who committed, each once. Somebody without an account here is named by the address, so that nobody can
/// approve what nobody is known to have written.
fn authors(commits: &[Commit]) -> BTreeSet<String> {
    let name = |account: &Option<Account>, person: &Option<Person>| {
        let login = account.as_ref().and_then(|account| account.login.clone());
        login.or_else(|| person.as_ref()?.email.clone())
    };
    let of = |commit: &Commit| {
        [name(&commit.author, &commit.commit.author), name(&commit.committer, &commit.commit.committer)]
    };
    commits.iter().flat_map(of).flatten().map(|name| name.to_lowercase()).collect()
}
