//! `diff-entry`: a file that a commit or a pull request changes.

use serde::Serialize;

use super::repository;
use crate::{
    object::{FileChange, Oid, Status},
    world::{repository::Repository, state::State},
};

#[derive(Serialize)]
pub(crate) struct File {
    sha: Option<Oid>,
    filename: String,
    status: Status,
    additions: usize,
    deletions: usize,
    changes: usize,
    blob_url: String,
    raw_url: String,
    contents_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    patch: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_filename: Option<String>,
}

impl File {
    /// `commit` is the one at which the file is shown.
    pub(crate) fn of(state: &State, at: &Repository, commit: Oid, change: FileChange) -> Self {
        let filename = change.path.to_text().into_owned();
        let path = encoded(&filename);
        let html = format!("{}/{}", state.addresses.html, state.full_name(at));
        // Git ends the patch with a newline, GitHub does not.
        let patch = change.patch.map(|patch| patch.trim_end_matches('\n').to_owned());
        Self {
            sha: change.new.or(change.old).map(|entry| entry.oid),
            status: change.status,
            additions: change.additions,
            deletions: change.deletions,
            changes: change.additions + change.deletions,
            blob_url: format!("{html}/blob/{commit}/{path}"),
            raw_url: format!("{html}/raw/{commit}/{path}"),
            contents_url: format!("{}/contents/{path}?ref={commit}", repository::url(state, at)),
            patch,
            previous_filename: change.previous_path.map(|path| path.to_text().into_owned()),
            filename,
        }
    }
}

/// A path as it stands in an address.
pub(crate) fn encoded(path: &str) -> String {
    const KEPT: &percent_encoding::AsciiSet =
        &percent_encoding::NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b'~');
    percent_encoding::utf8_percent_encode(path, KEPT).to_string()
}
