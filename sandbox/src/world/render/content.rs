//! `content-file`, `content-directory` and their like: what stands at a path.

use serde::Serialize;

use super::{blob::base64, file::encoded, repository};
use crate::{
    object::{Entry, FilePath, Mode, Oid},
    world::{repository::Repository, state::State},
};

/// Larger files come without their content, but in raw form.
const LARGEST: usize = 1 << 20;

#[derive(Serialize)]
pub(crate) struct Content {
    #[serde(rename = "type")]
    kind: &'static str,
    name: String,
    path: FilePath,
    sha: Oid,
    size: usize,
    url: String,
    html_url: Option<String>,
    git_url: Option<String>,
    download_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    submodule_git_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entries: Option<Vec<Self>>,
    #[serde(rename = "_links")]
    links: Links,
}

#[derive(Serialize)]
struct Links {
    #[serde(rename = "self")]
    own: String,
    git: Option<String>,
    html: Option<String>,
}

/// Where a path is looked up.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) state: &'a State,
    pub(crate) at: &'a Repository,
    /// The branch or commit, as it was asked for.
    pub(crate) reference: &'a str,
    /// The root of the commit.
    pub(crate) tree: Oid,
}

impl Content {
    /// What stands at a path, without what is in it.
    pub(crate) fn of(place: Place<'_>, path: FilePath, entry: Entry) -> Self {
        let Place { state, at, reference, .. } = place;
        let (shown, page) = (encoded(&path.to_text()), encoded(reference));
        let api = repository::url(state, at);
        let html = format!("{}/{}", state.addresses.html, state.full_name(at));
        let (kind, git, site) = match entry.mode {
            Mode::DIRECTORY => ("dir", Some("trees"), "tree"),
            Mode::SUBMODULE => ("submodule", None, "tree"),
            Mode::SYMLINK => ("symlink", Some("blobs"), "blob"),
            _ => ("file", Some("blobs"), "blob"),
        };
        let git_url = git.map(|collection| format!("{api}/git/{collection}/{}", entry.oid));
        let html_url = Some(format!("{html}/{site}/{page}/{shown}")).filter(|_| git.is_some());
        let url = format!("{api}/contents/{shown}?ref={page}");
        Self {
            kind,
            name: String::from_utf8_lossy(path.file_name()).into_owned(),
            sha: entry.oid,
            size: state.objects.blob(entry.oid).map_or(0, bytes::Bytes::len),
            links: Links { own: url.clone(), git: git_url.clone(), html: html_url.clone() },
            url,
            download_url: (site == "blob").then(|| format!("{html}/raw/{page}/{shown}")),
            html_url,
            git_url,
            content: None,
            encoding: None,
            target: None,
            submodule_git_url: None,
            entries: None,
            path,
        }
    }

    /// What stands at a path, with what is in it.
    pub(crate) fn whole(place: Place<'_>, path: FilePath, entry: Entry) -> Self {
        let mut content = Self::of(place, path, entry);
        let bytes = place.state.objects.blob(entry.oid);
        match entry.mode {
            Mode::DIRECTORY => {}
            Mode::SUBMODULE => content.submodule_git_url = submodule(place, &content.path),
            Mode::SYMLINK => content.target = bytes.map(|target| String::from_utf8_lossy(target).into_owned()),
            _ if content.size > LARGEST => (content.content, content.encoding) = (Some(String::new()), Some("none")),
            _ => (content.content, content.encoding) = (bytes.map(|bytes| base64(bytes)), Some("base64")),
        }
        content
    }

    /// What stands in a directory. Submodules are called files there: so GitHub did before it knew them.
    pub(crate) fn below(place: Place<'_>, path: &FilePath, directory: Oid) -> Vec<Self> {
        let tree = place.state.objects.entries(directory);
        let item = |entry: &crate::object::TreeEntry| {
            let item = Self::of(place, path.join(&entry.name), entry.entry());
            Self { kind: if item.kind == "submodule" { "file" } else { item.kind }, ..item }
        };
        tree.entries().iter().map(item).collect()
    }

    /// A directory as an object with its entries.
    pub(crate) fn with(self, entries: Vec<Self>) -> Self {
        Self { entries: Some(entries), ..self }
    }
}

/// Where a submodule comes from, as `.gitmodules` says.
fn submodule(place: Place<'_>, path: &FilePath) -> Option<String> {
    let objects = &place.state.objects;
    let blob = objects.entry(place.tree, ".gitmodules").and_then(|entry| objects.blob(entry.oid))?;
    let text = String::from_utf8_lossy(blob);
    text.split("[submodule").find_map(|section| {
        let value = |key: &str| {
            let pairs = section.lines().filter_map(|line| line.split_once('='));
            pairs.map(|(name, value)| (name.trim(), value.trim())).find(|(name, _)| *name == key).map(|pair| pair.1)
        };
        value("url").filter(|_| value("path") == Some(&path.to_text())).map(str::to_owned)
    })
}
