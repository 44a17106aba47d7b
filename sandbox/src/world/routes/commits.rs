//! Commits as GitHub shows them.

use http::Method;
use serde::Deserialize;

use crate::{
    object::{self, Oid, Signature, unified},
    world::{
        account::Account,
        answer::{self, Answer},
        call::Call,
        media::Media,
        moment::Moment,
        page::Page,
        permission::Permission,
        refusal::{Refusal, Stop},
        render::{
            commit::{Commit, Shown},
            signature::Signed,
        },
        router::{Route, read, route},
        state::State,
    },
};

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/repos/{owner}/{repo}/commits", read(Permission::Contents), list),
    route(Method::GET, "/repos/{owner}/{repo}/commits/{ref}", read(Permission::Contents), get),
];

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filter {
    sha: Option<String>,
    path: Option<String>,
    author: Option<String>,
    committer: Option<String>,
    since: Option<String>,
    until: Option<String>,
}

fn list(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let filter: Filter = call.query()?;
    let tip = call.state.committed_or_empty(call.repository()?, filter.sha.as_deref().unwrap_or("HEAD"))?;
    let (log, repository) = (call.state.log(tip), call.repository()?);
    let page = if filter.is_empty() {
        Page::of(call, log.iter().copied())?
    } else {
        Page::of(call, log.iter().copied().filter(|oid| filter.fits(call.state, *oid)))?
    };
    Ok(page.answer(|oid| Commit::of(call.state, repository, oid)))
}

impl Filter {
    /// Whether it lets all of a history through.
    const fn is_empty(&self) -> bool {
        let Self { sha: _, path, author, committer, since, until } = self;
        path.is_none() && author.is_none() && committer.is_none() && since.is_none() && until.is_none()
    }

    fn fits(&self, state: &State, oid: Oid) -> bool {
        let Some(commit) = state.objects.commit(oid) else { return false };
        let (at, moment) = (commit.committer.moment(), |text: &Option<String>| Moment::parse(text.as_deref()?));
        moment(&self.since).is_none_or(|since| at >= since)
            && moment(&self.until).is_none_or(|until| at <= until)
            && self.author.as_deref().is_none_or(|who| is_by(state, &commit.author, who))
            && self.committer.as_deref().is_none_or(|who| is_by(state, &commit.committer, who))
            && self.path.as_deref().is_none_or(|path| touches(state, commit, path))
    }
}

/// By an address, or by the login of the account whose address it is.
fn is_by(state: &State, signature: &Signature, who: &str) -> bool {
    let login = |account: &Account| account.login.eq_ignore_ascii_case(who);
    signature.email.eq_ignore_ascii_case(who) || state.accounts.of_email(&signature.email).is_some_and(login)
}

/// Whether something else stands at a path than in each of the parents.
fn touches(state: &State, commit: &object::Commit, path: &str) -> bool {
    let path = path.trim_matches('/');
    if path.is_empty() {
        return true;
    }
    let here = state.objects.entry(commit.tree, path);
    let mut parents = commit.parents.iter().filter_map(|parent| state.objects.commit(*parent)).peekable();
    match parents.peek() {
        None => here.is_some(),
        Some(_) => parents.all(|parent| state.objects.entry(parent.tree, path) != here),
    }
}

/// GitHub shows this many of a commit's files at once, and this many at all.
const AT_ONCE: usize = 300;
const AT_ALL: usize = 3000;

#[derive(Deserialize)]
#[serde(default)]
struct Files {
    page: usize,
    per_page: usize,
}

impl Default for Files {
    fn default() -> Self {
        Self { page: 1, per_page: AT_ONCE }
    }
}

fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (name, repository) = (call.text("ref")?, call.repository()?);
    let found = call.state.committed(repository, name);
    let oid = found.ok_or_else(|| Refusal::unprocessable(format!("No commit found for SHA: {name}")))?;
    let media = call.media();
    match media {
        Media::Sha => return Ok(media.answer(oid.to_string())),
        Media::Diff => return Ok(media.answer(unified(&changes(call.state, oid)))),
        Media::Patch => return Ok(media.answer(call.state.objects.format_patch(oid).unwrap_or_default())),
        Media::Json | Media::Raw | Media::Object => {}
    }
    let files: Files = call.query()?;
    let most = files.per_page.clamp(1, AT_ONCE);
    let shown = Shown { skipped: files.page.saturating_sub(1).saturating_mul(most), most };
    let mut all = changes(call.state, oid);
    all.truncate(AT_ALL);
    let commit = Commit::of(call.state, repository, oid).ok_or_else(Refusal::not_found)?;
    Ok(answer::ok(&commit.with(call.state, repository, all, shown)))
}

/// What a commit changed since the first of its parents.
fn changes(state: &State, oid: Oid) -> Vec<object::FileChange> {
    let Some(commit) = state.objects.commit(oid) else { return Vec::new() };
    let before = commit.parents.first().and_then(|parent| state.objects.commit(*parent));
    state.objects.diff(before.map_or(Oid::EMPTY_TREE, |before| before.tree), commit.tree)
}
