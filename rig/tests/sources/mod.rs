//! The sources in which the project's tests stand.
#![allow(clippy::unwrap_used, unreachable_pub, reason = "shared by tests")]

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Every Rust source of the project, in order of their paths.
pub fn files(root: &Path) -> Vec<PathBuf> {
    let mut folders = vec![root.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && !name.starts_with('.') && name != "target" {
                folders.push(path);
            } else if name.ends_with(".rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}
