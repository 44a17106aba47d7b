//! `git-tree`.

use serde::Serialize;

use super::repository;
use crate::{
    object::{Entry, FilePath, Kind, Mode, Oid},
    world::{repository::Repository, state::State},
};

/// GitHub shows no more than this of one tree.
const MOST: usize = 100_000;

#[derive(Serialize)]
pub(crate) struct GitTree {
    sha: Oid,
    url: String,
    tree: Vec<Item>,
    truncated: bool,
}

#[derive(Serialize)]
struct Item {
    path: FilePath,
    mode: Mode,
    #[serde(rename = "type")]
    kind: Kind,
    sha: Oid,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

impl GitTree {
    /// A directory; with what is below its directories, if it is `recursive`.
    pub(crate) fn of(state: &State, at: &Repository, oid: Oid, recursive: bool) -> Self {
        let entries = if recursive { state.objects.walk(oid) } else { shallow(state, oid) };
        let api = repository::url(state, at);
        Self {
            sha: oid,
            url: format!("{api}/git/trees/{oid}"),
            truncated: entries.len() > MOST,
            tree: entries.into_iter().take(MOST).map(|(path, entry)| Item::of(state, &api, path, entry)).collect(),
        }
    }
}

fn shallow(state: &State, oid: Oid) -> Vec<(FilePath, Entry)> {
    let tree = state.objects.entries(oid);
    tree.entries().iter().map(|entry| (FilePath::from(&entry.name[..]), entry.entry())).collect()
}

impl Item {
    fn of(state: &State, api: &str, path: FilePath, entry: Entry) -> Self {
        let Entry { mode, oid } = entry;
        let kind = mode.kind();
        Self {
            path,
            mode,
            kind,
            sha: oid,
            size: state.objects.blob(oid).filter(|_| kind == Kind::Blob).map(bytes::Bytes::len),
            // A submodule's commit is elsewhere.
            url: (kind != Kind::Commit).then(|| format!("{api}/git/{kind}s/{oid}")),
        }
    }
}
