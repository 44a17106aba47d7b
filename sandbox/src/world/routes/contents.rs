//! Files and directories.

mod write;

use http::{Method, StatusCode};
use serde::Deserialize;

use crate::{
    object::{Entry, FilePath, Mode, Objects, Oid},
    world::{
        answer::{self, Answer},
        call::Call,
        media::Media,
        permission::Permission,
        refusal::{Refusal, Stop},
        render::content::{Content, Place},
        router::{Route, read, route, write},
    },
};

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/repos/{owner}/{repo}/contents/{path}", read(Permission::Contents), get),
    route(Method::PUT, "/repos/{owner}/{repo}/contents/{path}", write(Permission::Contents), write::put),
    route(Method::DELETE, "/repos/{owner}/{repo}/contents/{path}", write(Permission::Contents), write::delete),
];

#[derive(Default, Deserialize)]
#[serde(default)]
struct Query {
    #[serde(rename = "ref")]
    reference: Option<String>,
}

fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (query, at) = (call.query::<Query>()?, call.repository()?);
    let reference = query.reference.as_deref().unwrap_or(&at.default_branch);
    if at.references.is_empty() {
        return Err(Refusal::new(StatusCode::NOT_FOUND, "This repository is empty.").into());
    }
    let commit = call.state.committed(at, reference).and_then(|oid| call.state.objects.commit(oid));
    let unknown = || Refusal::new(StatusCode::NOT_FOUND, format!("No commit found for the ref {reference}"));
    let tree = commit.ok_or_else(unknown)?.tree;
    let (path, place) = (path(call)?, Place { state: call.state, at, reference, tree });
    let entry = standing(&call.state.objects, tree, &path).ok_or_else(Refusal::not_found)?;
    Ok(shown(place, path, entry, call.media()))
}

/// The path without slashes around it.
fn path(call: &Call<'_>) -> Result<FilePath, Refusal> {
    Ok(FilePath::from(call.text("path")?.trim_matches('/')))
}

/// What stands at a path; the root is a directory.
fn standing(objects: &Objects, tree: Oid, path: &FilePath) -> Option<Entry> {
    if path.as_bytes().is_empty() {
        return Some(Entry { mode: Mode::DIRECTORY, oid: tree });
    }
    objects.entry(tree, path)
}

fn shown(place: Place<'_>, path: FilePath, entry: Entry, media: Media) -> Answer {
    let objects = &place.state.objects;
    let entry = followed(objects, place.tree, &path, entry);
    match (media, objects.blob(entry.oid)) {
        _ if entry.mode.is_directory() => {
            let below = Content::below(place, &path, entry.oid);
            match media {
                Media::Object => object(&Content::of(place, path, entry).with(below)),
                _ => answer::ok(&below),
            }
        }
        (Media::Raw, Some(bytes)) => Media::Raw.answer(bytes.clone()),
        (Media::Object, _) => object(&Content::whole(place, path, entry)),
        _ => answer::ok(&Content::whole(place, path, entry)),
    }
}

fn object(content: &Content) -> Answer {
    let json = answer::ok(content);
    Media::Object.answer(json.into_body())
}

/// A link to a file of the repository is shown as that file.
fn followed(objects: &Objects, tree: Oid, path: &FilePath, entry: Entry) -> Entry {
    let target = || {
        let target = objects.blob(entry.oid).filter(|_| entry.mode == Mode::SYMLINK)?;
        let at = joined(path, target)?;
        objects.entry(tree, at).filter(|found| found.mode.is_file())
    };
    target().unwrap_or(entry)
}

/// Where a link at a path leads, if it stays in the repository.
fn joined(path: &FilePath, target: &[u8]) -> Option<FilePath> {
    let mut parts: Vec<&[u8]> = path.as_bytes().split(|byte| *byte == b'/').collect();
    parts.pop();
    for part in target.split(|byte| *byte == b'/') {
        match part {
            b"." => {}
            b".." => {
                parts.pop()?;
            }
            // It begins at the root of somebody's disk.
            b"" => return None,
            part => parts.push(part),
        }
    }
    Some(parts.into_iter().fold(FilePath::default(), |path, part| path.join(part)))
}
