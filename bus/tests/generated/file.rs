use std::{collections::BTreeSet, fs, path::PathBuf};

use serde_json::Value;

const HOW: &str = "it is made from the code: `make docs` writes it anew";

fn docs() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

#[expect(clippy::disallowed_methods, reason = "how a test is told to write instead of compare")]
fn updating() -> bool {
    std::env::var_os("UPDATE_DOCS").is_some()
}

/// The file under `docs/` has this content; or it gets it.
pub fn is(name: &str, content: &str) {
    let path = docs().join(name);
    if updating() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    let differs = found.lines().zip(content.lines()).find(|(have, want)| have != want);
    assert!(found == content, "docs/{name} is not up to date ({HOW}); first difference: {differs:?}");
}

/// The folder holds these files and no other; or those are removed.
pub fn only(folder: &str, names: &BTreeSet<String>) {
    for entry in fs::read_dir(docs().join(folder)).unwrap() {
        let entry = entry.unwrap();
        if names.contains(entry.file_name().to_str().unwrap()) {
            continue;
        }
        assert!(updating(), "docs/{folder} holds {:?}, which nothing here makes ({HOW})", entry.file_name());
        fs::remove_file(entry.path()).unwrap();
    }
}

pub fn json(value: &Value) -> String {
    format!("{}\n", serde_json::to_string_pretty(value).unwrap())
}
