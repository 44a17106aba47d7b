//! Changes as the text `git diff` prints.

use super::{FileChange, Status};
use crate::object::{Entry, FilePath, Mode, Oid};
use std::fmt::Write;

/// The changes as `git diff` prints them, with ids abbreviated to seven digits.
#[must_use]
pub fn unified(changes: &[FileChange]) -> String {
    let mut text = String::new();
    for change in changes {
        match change.status {
            Status::Changed => typechange(&mut text, change),
            Status::Added | Status::Removed | Status::Modified | Status::Renamed => file(&mut text, change),
        }
    }
    text
}

/// Git prints a file that became a link as one that went and one that came.
fn typechange(text: &mut String, change: &FileChange) {
    let patch = change.patch.as_deref().unwrap_or_default();
    let came = if patch.starts_with(CAME) { Some(0) } else { patch.find(&format!("\n{CAME}")).map(|at| at + 1) };
    let (went, came) = patch.split_at(came.unwrap_or(patch.len()));
    let part = |patch: &str| (!patch.is_empty()).then(|| patch.to_owned());
    // A text that is not empty has lines that went or came; what has none is no text.
    let lengths = change.binary.unwrap_or_default();
    let [old, new] = [(lengths.0, went), (lengths.1, came)]
        .map(|(length, patch)| change.binary.filter(|_| length > 0 && patch.is_empty()));
    file(text, &FileChange { status: Status::Removed, new: None, patch: part(went), binary: old, ..change.clone() });
    file(text, &FileChange { status: Status::Added, old: None, patch: part(came), binary: new, ..change.clone() });
}

/// How the hunk of a file that came begins.
const CAME: &str = "@@ -0,0 ";

fn file(text: &mut String, change: &FileChange) {
    let from = change.previous_path.as_ref().unwrap_or(&change.path);
    line(text, format_args!("diff --git {} {}", from.quoted("a/"), change.path.quoted("b/")));
    modes(text, change);
    if change.status == Status::Renamed {
        line(text, format_args!("similarity index {}%", change.similarity));
        line(text, format_args!("rename from {}", from.quoted("")));
        line(text, format_args!("rename to {}", change.path.quoted("")));
    }
    index(text, change);
    let old = label(change.old, from, "a/");
    let new = label(change.new, &change.path, "b/");
    if change.binary.is_some() && oid(change.old) != oid(change.new) {
        line(text, format_args!("Binary files {old} and {new} differ"));
    }
    if let Some(patch) = &change.patch {
        line(text, format_args!("--- {old}{}", tab(&old)));
        line(text, format_args!("+++ {new}{}", tab(&new)));
        text.push_str(patch);
    }
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing into a String cannot fail.
    let _ = text.write_fmt(line);
    text.push('\n');
}

fn modes(text: &mut String, change: &FileChange) {
    match (change.old.map(mode), change.new.map(mode)) {
        (None, Some(new)) => line(text, format_args!("new file mode {new}")),
        (Some(old), None) => line(text, format_args!("deleted file mode {old}")),
        (Some(old), Some(new)) if old != new => line(text, format_args!("old mode {old}\nnew mode {new}")),
        _ => {}
    }
}

fn index(text: &mut String, change: &FileChange) {
    let (old, new) = (oid(change.old), oid(change.new));
    if old == new {
        return;
    }
    match (change.old.map(mode), change.new.map(mode)) {
        (Some(was), Some(is)) if was == is => line(text, format_args!("index {}..{} {is}", old.short(), new.short())),
        _ => line(text, format_args!("index {}..{}", old.short(), new.short())),
    }
}

const fn mode(entry: Entry) -> Mode {
    entry.mode
}

fn oid(entry: Option<Entry>) -> Oid {
    entry.map_or(Oid::ZERO, |entry| entry.oid)
}

fn label(entry: Option<Entry>, path: &FilePath, prefix: &str) -> String {
    entry.map_or_else(|| "/dev/null".to_owned(), |_| path.quoted(prefix))
}

/// Git ends a name that has a space with a tab, so that `patch` sees where it ends.
fn tab(label: &str) -> &'static str {
    if label.contains(' ') { "\t" } else { "" }
}
