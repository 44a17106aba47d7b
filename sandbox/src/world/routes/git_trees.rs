//! Trees as git has them.

use bytes::Bytes;
use http::Method;
use serde::Deserialize;

use crate::{
    object::{self, Change, Kind, Mode, Object, Oid, Tree},
    world::{
        abbreviation::not_empty,
        answer::{self, Answer},
        call::Call,
        given::given,
        permission::Permission,
        refusal::{Refusal, Stop},
        render::git_tree::GitTree,
        router::{Route, read, route, write},
    },
};

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/repos/{owner}/{repo}/git/trees/{tree_sha}", read(Permission::Contents), get),
    route(Method::POST, "/repos/{owner}/{repo}/git/trees", write(Permission::Contents), create),
];

#[derive(Default, Deserialize)]
#[serde(default)]
struct Depth {
    /// Whatever it says, `0` and `false` too.
    recursive: Option<String>,
}

fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (depth, name) = (call.query::<Depth>()?, call.text("tree_sha")?);
    let repository = call.repository()?;
    not_empty(repository)?;
    let tree = named(call, name).or_else(|| {
        let commit = call.state.committed(repository, name)?;
        call.state.objects.commit(commit).map(|commit| commit.tree)
    });
    let tree = tree.ok_or_else(Refusal::not_found)?;
    Ok(answer::ok(&GitTree::of(call.state, repository, tree, depth.recursive.is_some())))
}

fn named(call: &Call<'_>, name: &str) -> Option<Oid> {
    let oid = name.parse().ok()?;
    call.state.objects.tree(oid).map(|_| oid).filter(|oid| call.holds(*oid))
}

#[derive(Deserialize)]
struct New {
    tree: Vec<Item>,
    base_tree: Option<Oid>,
}

#[derive(Deserialize)]
struct Item {
    path: Option<String>,
    mode: Option<String>,
    /// `null` removes.
    #[serde(default, deserialize_with = "given")]
    sha: Option<Option<Oid>>,
    content: Option<String>,
}

fn create(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let new: New = call.body()?;
    not_empty(call.repository()?)?;
    let base = new.base_tree.map(|base| root(call, base)).transpose()?;
    let mut changes = Vec::with_capacity(new.tree.len());
    for item in &new.tree {
        changes.push(change(call, item)?);
    }
    let base = base.unwrap_or_else(|| call.state.objects.insert(Tree::default()));
    let tree = call.state.objects.edit(base, &changes).map_err(|error| match error {
        object::Error::Path(_) => Refusal::unprocessable("tree.path contains a malformed path component"),
        object::Error::Missing { .. } | object::Error::Malformed { .. } => Refusal::not_found(),
    })?;
    call.state.hold(call.repository_id()?, tree);
    Ok(answer::created(&GitTree::of(call.state, call.repository()?, tree, false)))
}

/// A tree, or that of a commit.
fn root(call: &Call<'_>, oid: Oid) -> Result<Oid, Refusal> {
    let objects = &call.state.objects;
    let tree = objects.commit(oid).map_or(oid, |commit| commit.tree);
    objects.tree(tree).map(|_| tree).filter(|_| call.holds(oid)).ok_or_else(Refusal::not_found)
}

fn change<'i>(call: &mut Call<'_>, item: &'i Item) -> Result<(&'i str, Change), Refusal> {
    let path = item.path.as_deref().ok_or_else(|| Refusal::unprocessable("tree.path is missing"))?;
    let mode = || item.mode.as_deref().and_then(|mode| Mode::parse(mode.as_bytes()));
    let mode = mode().ok_or_else(|| Refusal::unprocessable("Must supply a valid tree.mode"))?;
    let oid = match (&item.sha, &item.content) {
        (Some(None), None) => return Ok((path, None)),
        (Some(Some(oid)), None) => known(call, *oid, mode.kind())?,
        (None, Some(content)) => call.state.objects.insert(Object::Blob(Bytes::copy_from_slice(content.as_bytes()))),
        _ => return Err(Refusal::unprocessable("Must supply either tree.sha or tree.content")),
    };
    Ok((path, Some((mode, oid))))
}

fn known(call: &Call<'_>, oid: Oid, kind: Kind) -> Result<Oid, Refusal> {
    let found = call.state.objects.get(oid).map(Object::kind).filter(|_| call.holds(oid));
    // A submodule's commit is elsewhere.
    if kind == Kind::Commit || found == Some(kind) {
        return Ok(oid);
    }
    Err(Refusal::unprocessable(format!("tree.sha {oid} is not a valid {kind}")))
}
