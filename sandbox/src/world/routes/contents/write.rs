//! A file that is written or removed is a commit.

use bytes::Bytes;
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{super::git_blobs::decoded, path};
use crate::{
    object::{self, Entry, FilePath, Mode, Object, Oid},
    world::{
        answer::{self, Answer},
        authored::Authored,
        call::Call,
        moving::Denied,
        refusal::{Refusal, Stop},
        render::{
            content::{Content, Place},
            git_commit::GitCommit,
        },
        repository::Repository,
        writing::Draft,
    },
};

#[derive(Deserialize)]
struct Wish {
    message: String,
    content: Option<String>,
    sha: Option<String>,
    branch: Option<String>,
    committer: Option<Authored>,
    author: Option<Authored>,
}

/// `file-commit`.
#[derive(Serialize)]
struct Written<'a> {
    content: Option<Content>,
    commit: GitCommit<'a>,
}

/// Where something is written.
struct Spot {
    branch: String,
    path: FilePath,
    /// None in a repository without a commit.
    parent: Option<Oid>,
    tree: Oid,
    /// What stands there.
    entry: Option<Entry>,
}

pub(super) fn put(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let wish: Wish = call.body()?;
    let spot = spot(call, &wish)?;
    let content = wish.content.as_deref().ok_or_else(|| not_supplied("content"))?;
    let content = decoded(content).ok_or_else(|| Refusal::unprocessable("content is not valid Base64"))?;
    guarded(&spot, wish.sha.as_deref())?;
    let mode = spot.entry.map_or(Mode::FILE, |entry| entry.mode);
    let (status, wanted) = match spot.entry {
        Some(_) => (StatusCode::OK, "Could not update file"),
        None => (StatusCode::CREATED, "Could not create file"),
    };
    let commit = written(call, &wish, &spot, Some((mode, content)), wanted)?;
    shown(call, &spot, commit, status)
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let wish: Wish = call.body()?;
    let spot = spot(call, &wish)?;
    if spot.entry.is_none() {
        return Err(Refusal::not_found().into());
    }
    guarded(&spot, wish.sha.as_deref())?;
    let commit = written(call, &wish, &spot, None, "Could not delete file")?;
    shown(call, &spot, commit, StatusCode::OK)
}

fn not_supplied(field: &str) -> Refusal {
    Refusal::unprocessable(format!("Invalid request.\n\n\"{field}\" wasn't supplied."))
}

fn spot(call: &Call<'_>, wish: &Wish) -> Result<Spot, Refusal> {
    let (repository, path) = (call.repository()?, path(call)?);
    let branch = wish.branch.as_deref().unwrap_or(&repository.default_branch);
    let branch = branch.strip_prefix("refs/heads/").unwrap_or(branch).to_owned();
    let parent = repository.branch(&branch);
    if parent.is_none() && !begins(repository) {
        return Err(Refusal::new(StatusCode::NOT_FOUND, format!("Branch {branch} not found")));
    }
    let objects = &call.state.objects;
    let tree = parent.and_then(|parent| objects.commit(parent)).map_or(Oid::EMPTY_TREE, |commit| commit.tree);
    let entry = objects.entry(tree, &path);
    let is_below_file = path.as_bytes().iter().enumerate().filter(|(_, byte)| **byte == b'/').any(|(at, _)| {
        let above = path.as_bytes().get(..at).and_then(|above| objects.entry(tree, above));
        above.is_some_and(|above| !above.mode.is_directory())
    });
    if is_below_file || entry.is_some_and(|entry| entry.mode.is_directory()) {
        return Err(Refusal::unprocessable(format!("Invalid request.\n\n\"{path}\" is not a path of a file.")));
    }
    Ok(Spot { branch, path, parent, tree, entry })
}

/// Whether what is written is the repository's first commit.
fn begins(repository: &Repository) -> bool {
    !repository.references.keys().any(|name| name.starts_with("refs/heads/"))
}

/// Whoever writes must have seen what stands there.
fn guarded(spot: &Spot, sha: Option<&str>) -> Result<(), Refusal> {
    match (spot.entry, sha) {
        (None, None) => Ok(()),
        (Some(_), None) => Err(not_supplied("sha")),
        (Some(entry), Some(sha)) if entry.oid.to_string().eq_ignore_ascii_case(sha) => Ok(()),
        (_, Some(sha)) => Err(Refusal::new(StatusCode::CONFLICT, format!("{} does not match {sha}", spot.path))),
    }
}

fn written(
    call: &mut Call<'_>,
    wish: &Wish,
    spot: &Spot,
    file: Option<(Mode, Bytes)>,
    wanted: &str,
) -> Result<Oid, Refusal> {
    let own = call.state.signature(call.actor()?);
    let committer = wish.committer.as_ref().map_or_else(|| Ok(own.clone()), |committer| committer.signature(&own))?;
    let author = wish.author.as_ref().map_or_else(|| Ok(committer.clone()), |author| author.signature(&own))?;
    let objects = &mut call.state.objects;
    let change = file.map(|(mode, content)| (mode, objects.insert(Object::Blob(content))));
    let tree = objects.edit(spot.tree, &[(&spot.path, change)]).map_err(|error| match error {
        object::Error::Path(_) => Refusal::unprocessable("path contains a malformed path component"),
        object::Error::Missing { .. } | object::Error::Malformed { .. } => Refusal::not_found(),
    })?;
    let (branch, message, parents) = (spot.branch.clone(), wish.message.clone(), spot.parent.into_iter().collect());
    let draft = Draft { branch, parents, tree, message, author, committer };
    call.commit(draft).map_err(|denied: Denied| denied.conflict(wanted))
}

fn shown(call: &Call<'_>, spot: &Spot, commit: Oid, status: StatusCode) -> Result<Answer, Stop> {
    let at = call.repository()?;
    let tree = call.state.objects.commit(commit).ok_or_else(Refusal::not_found)?.tree;
    let place = Place { state: call.state, at, reference: &spot.branch, tree };
    let entry = call.state.objects.entry(tree, &spot.path);
    let content = entry.map(|entry| Content::of(place, spot.path.clone(), entry));
    let commit = GitCommit::of(call.state, at, commit).ok_or_else(Refusal::not_found)?;
    Ok(answer::json(status, &Written { content, commit }))
}
