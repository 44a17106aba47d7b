//! Commits as git has them.

use http::Method;
use serde::Deserialize;

use crate::{
    object::{Commit, Oid},
    world::{
        abbreviation::not_empty,
        answer::{self, Answer},
        authored::Authored,
        call::Call,
        permission::Permission,
        refusal::{Refusal, Stop},
        render::git_commit::GitCommit,
        router::{Route, read, route, write},
    },
};

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/repos/{owner}/{repo}/git/commits/{commit_sha}", read(Permission::Contents), get),
    route(Method::POST, "/repos/{owner}/{repo}/git/commits", write(Permission::Contents), create),
];

fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let oid = call.held("commit_sha")?;
    let commit = GitCommit::of(call.state, call.repository()?, oid).ok_or_else(Refusal::not_found)?;
    Ok(answer::ok(&commit))
}

#[derive(Deserialize)]
struct New {
    message: String,
    tree: Oid,
    #[serde(default)]
    parents: Vec<Oid>,
    author: Option<Authored>,
    committer: Option<Authored>,
    signature: Option<String>,
}

fn create(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let new: New = call.body()?;
    not_empty(call.repository()?)?;
    if call.state.objects.tree(new.tree).is_none() || !call.holds(new.tree) {
        return Err(Refusal::unprocessable("Tree SHA does not exist").into());
    }
    if new.parents.iter().any(|parent| call.state.objects.commit(*parent).is_none() || !call.holds(*parent)) {
        return Err(Refusal::unprocessable("Parent SHA does not exist or is not a commit object").into());
    }
    let own = call.state.signature(call.actor()?);
    let author = new.author.map_or_else(|| Ok(own.clone()), |author| author.signature(&own))?;
    let committer = new.committer.map_or_else(|| Ok(author.clone()), |committer| committer.signature(&own))?;
    let New { message, tree, parents, signature, .. } = new;
    let extra = signature.as_deref().map(folded).unwrap_or_default().into();
    let oid = call.state.objects.insert(Commit { tree, parents, author, committer, message, extra });
    call.state.hold(call.repository_id()?, oid);
    let commit = GitCommit::of(call.state, call.repository()?, oid).ok_or_else(Refusal::not_found)?;
    Ok(answer::created(&commit))
}

/// A signature as a header: the lines after the first begin with a space.
fn folded(signature: &str) -> String {
    format!("gpgsig {}\n", signature.trim_end_matches('\n').replace('\n', "\n "))
}
