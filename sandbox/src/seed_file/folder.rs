//! The files of a folder.

use std::{collections::BTreeMap, fs, path::Path};

/// A seed is no archive.
const MOST_FILES: usize = 2000;
const MOST_BYTES: usize = 32 << 20;

/// Path and content of each file below a folder. A `.git` is passed over; links are refused, since they may lead
/// anywhere.
pub(super) fn files(root: &Path) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let mut found = BTreeMap::new();
    let (mut bytes, mut todo) = (0, vec![(root.to_owned(), String::new())]);
    while let Some((folder, prefix)) = todo.pop() {
        let entries = fs::read_dir(&folder).map_err(|error| format!("{} cannot be read: {error}", folder.display()))?;
        for entry in entries {
            let unread = |error| format!("{} cannot be read: {error}", folder.display());
            let entry = entry.map_err(unread)?;
            let kind = entry.file_type().map_err(unread)?;
            let name = entry.file_name().into_string().map_err(|name| format!("{name:?} is no name in UTF-8"))?;
            let path = format!("{prefix}{name}");
            if name == ".git" {
            } else if kind.is_dir() {
                todo.push((entry.path(), format!("{path}/")));
            } else if kind.is_file() {
                let content = fs::read(entry.path()).map_err(|error| format!("{path} cannot be read: {error}"))?;
                bytes += content.len();
                found.insert(path, content);
            } else {
                return Err(format!("{path} is neither a file nor a folder"));
            }
            if found.len() > MOST_FILES || bytes > MOST_BYTES {
                return Err(format!(
                    "{} holds more than {MOST_FILES} files or {} MiB",
                    root.display(),
                    MOST_BYTES >> 20
                ));
            }
        }
    }
    Ok(found)
}

/// A path that a tree can hold.
pub(super) fn fits(path: &str) -> Result<(), String> {
    let part = |part: &str| !matches!(part, "" | "." | "..") && !part.eq_ignore_ascii_case(".git");
    let fits = path.split('/').all(part) && !path.contains('\0');
    if fits { Ok(()) } else { Err(format!("{path:?} is no path of a file in a repository")) }
}
