use std::{
    fs, io,
    path::{Component, Path, PathBuf},
};

use crate::{git, workspace::Tree};

/// Why a step could not be played.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// The playbook names a path that is not in the tree.
    #[error("`{0}` is not a file of the tree")]
    Outside(String),
    /// The text that was to be written anew is not there.
    #[error("{0} does not hold what was to be written anew")]
    NotThere(String),
    /// A wait of no length.
    #[error("{0}")]
    Wait(String),
    /// The disk failed.
    #[error("{path}: {source}")]
    Disk { path: String, source: io::Error },
    /// Git failed.
    #[error(transparent)]
    Git(#[from] git::Error),
}

pub(super) fn write(tree: &Tree, path: &str, text: &str) -> Result<(), Trouble> {
    let file = inside(tree, path)?;
    let failed = |source| Trouble::Disk { path: path.to_owned(), source };
    file.parent().map_or(Ok(()), fs::create_dir_all).map_err(failed)?;
    fs::write(&file, text).map_err(failed)
}

pub(super) fn read(tree: &Tree, path: &str) -> Result<String, Trouble> {
    let file = inside(tree, path)?;
    match fs::read_to_string(&file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        read => read.map_err(|source| Trouble::Disk { path: path.to_owned(), source }),
    }
}

pub(super) fn append(tree: &Tree, path: &str, text: &str) -> Result<(), Trouble> {
    let before = read(tree, path)?;
    write(tree, path, &format!("{before}{text}"))
}

pub(super) fn replace(tree: &Tree, path: &str, find: &str, with: &str) -> Result<(), Trouble> {
    let text = read(tree, path)?;
    if text.contains(with) {
        return Ok(());
    }
    if !text.contains(find) {
        return Err(Trouble::NotThere(path.to_owned()));
    }
    write(tree, path, &text.replacen(find, with, 1))
}

/// The file of this path, if it lies in the tree: no way up, no link on the way, nothing of git's own.
fn inside(tree: &Tree, path: &str) -> Result<PathBuf, Trouble> {
    let outside = || Trouble::Outside(path.to_owned());
    let mut file = tree.path();
    for part in Path::new(path).components() {
        match part {
            Component::Normal(name) if !name.eq_ignore_ascii_case(".git") => file.push(name),
            _ => return Err(outside()),
        }
        if file.is_symlink() {
            return Err(outside());
        }
    }
    if file == tree.path() { Err(outside()) } else { Ok(file) }
}
