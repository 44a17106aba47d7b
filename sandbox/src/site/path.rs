//! What an address of a site leads to.

use percent_encoding::percent_decode_str;

use crate::object::{Objects, Oid};

/// What stands at an address.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    File {
        /// By which its kind is known.
        name: String,
        blob: Oid,
    },
    /// A folder, asked for as if it were a file.
    Folder,
    Nothing,
}

/// As on GitHub's Pages: a folder is its `index.html`, and `about` may be `about.html`. What begins with a dot is not
/// served.
pub(super) fn find(objects: &Objects, tree: Oid, address: &str) -> Found {
    let Ok(path) = percent_decode_str(address).decode_utf8() else { return Found::Nothing };
    let path = path.strip_prefix('/').unwrap_or(&path);
    if path.is_empty() || path.ends_with('/') {
        return file(objects, tree, format!("{path}index.html"));
    }
    let found = file(objects, tree, path.to_owned());
    if found != Found::Nothing {
        return found;
    }
    match file(objects, tree, format!("{path}/index.html")) {
        Found::File { .. } => Found::Folder,
        _ => file(objects, tree, format!("{path}.html")),
    }
}

fn file(objects: &Objects, tree: Oid, path: String) -> Found {
    if path.split('/').any(|part| part.is_empty() || part.starts_with('.')) {
        return Found::Nothing;
    }
    match objects.entry(tree, &path) {
        Some(entry) if entry.mode.is_file() => Found::File { name: path, blob: entry.oid },
        _ => Found::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::{Mode, Object};

    #[test]
    fn an_address_leads_to_a_file_and_never_out_of_the_tree() {
        let mut objects = Objects::new();
        let blob = objects.insert(Object::Blob("x".into()));
        let all = ["index.html", "about.html", "docs/index.html", "docs/a b.js", ".ci.toml", "bare/x.js"];
        let changes: Vec<_> = all.iter().map(|path| (*path, Some((Mode::FILE, blob)))).collect();
        let tree = objects.edit(Oid::EMPTY_TREE, &changes).unwrap();
        let said = |address: &str| match find(&objects, tree, address) {
            Found::File { name, .. } => name,
            Found::Folder => "a folder".to_owned(),
            Found::Nothing => "nothing".to_owned(),
        };
        for (address, found) in [
            ("/", "index.html"),
            ("/index.html", "index.html"),
            ("/about", "about.html"),
            ("/about/", "nothing"),
            ("/docs", "a folder"),
            ("/docs/", "docs/index.html"),
            ("/docs/a%20b.js", "docs/a b.js"),
            ("/bare", "nothing"),
            ("/.ci.toml", "nothing"),
            ("/docs/../.ci.toml", "nothing"),
            ("/docs/%2e%2e/index.html", "nothing"),
            ("//docs", "nothing"),
            ("/%ff", "nothing"),
            ("/index.html/", "nothing"),
        ] {
            assert_eq!(said(address), found, "{address}");
        }
    }
}
