//! `docs/scenarios.md` is made from the names of the tests, so that it can say nothing that is not tested.
#![allow(clippy::unwrap_used, reason = "a test")]

mod sources;

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

const HEAD: &str = "\
# Scenarios that are held

Each row is a failure that an earlier system lived through (`F`) or a public incident of a peer (`I`), and the tests that
show it cannot happen here. Generated from the names of the tests (`f_041_…`, `i_06_…`) by `make docs`; what is not in the
table is not yet tested.

| scenario | what holds | where |
|---|---|---|
";

#[test]
#[expect(clippy::disallowed_methods, reason = "a test is told by its environment to write what it made")]
fn generated_scenarios() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut rows: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for file in sources::files(root) {
        let place = file.strip_prefix(root).unwrap().display().to_string();
        for name in test_names(&fs::read_to_string(&file).unwrap()) {
            rows.entry(scenario(&name).unwrap()).or_default().push((name, place.clone()));
        }
    }
    let page = rows.into_iter().fold(HEAD.to_owned(), |mut page, (scenario, mut tests)| {
        tests.sort();
        for (name, place) in tests {
            writeln!(page, "| {scenario} | {} | `{place}` |", sentence(&name)).unwrap();
        }
        page
    });
    let path = root.join("docs/scenarios.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "docs/scenarios.md is not what the tests say; run `make docs` and commit it");
}

fn test_names(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| test_of(line.trim()))
        .filter(|name| scenario(name).is_some())
        .map(str::to_owned)
        .collect()
}

/// A test is a function, or a name alone on its line: one of the machine's scenarios.
fn test_of(line: &str) -> Option<&str> {
    match line.trim_start_matches("async ").strip_prefix("fn ") {
        Some(rest) => rest.split('(').next(),
        None => line.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_').then_some(line),
    }
}

/// `f_041_…` is scenario F-041, `i_06_…` incident I-06.
fn scenario(name: &str) -> Option<String> {
    let (family, rest) = name.split_once('_')?;
    let (number, _) = rest.split_once('_')?;
    let digits = match family {
        "f" => 3,
        "i" => 2,
        _ => return None,
    };
    let is_number = number.len() == digits && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| format!("{}-{number}", family.to_uppercase()))
}

fn sentence(name: &str) -> String {
    name.splitn(3, '_').nth(2).unwrap().replace('_', " ")
}
