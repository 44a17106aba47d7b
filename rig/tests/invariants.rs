//! What must never be in the project's structure. `ARCHITECTURE.md` lists these with the others.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod sources;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
};

use serde_json::Value;

/// Each of our crates with those of ours that its product needs; what tests need is left out.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let answer = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&answer.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let name = |value: &Value| value["name"].as_str().unwrap().to_owned();
    let ours: BTreeSet<String> = packages.iter().map(name).collect();
    let needs = |package: &Value| {
        let all = package["dependencies"].as_array().unwrap().iter();
        all.filter(|needed| needed["kind"].is_null()).map(name).filter(|name| ours.contains(name)).collect()
    };
    packages.iter().map(|package| (name(package), needs(package))).collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn edge_crates_meet_only_in_bus_and_store() {
    let dependencies = dependencies();
    let common = set(&["bus", "store"]);
    for edge in ["conductor", "agents", "chat-bridge", "dashboard", "watch"] {
        if let Some(needed) = dependencies.get(edge) {
            assert!(needed.is_subset(&common), "{edge} needs {needed:?}");
        }
    }
    assert_eq!(dependencies["bus"], set(&[]));
    assert_eq!(dependencies["store"], set(&["bus"]));
}

#[test]
fn servers_and_the_world_know_nothing_of_ours() {
    let dependencies = dependencies();
    for outside in ["servers", "sandbox", "power-cut"] {
        if let Some(needed) = dependencies.get(outside) {
            assert_eq!(*needed, set(&[]), "{outside}");
        }
    }
}

#[test]
fn nothing_needs_the_binary() {
    for (name, needed) in dependencies() {
        assert!(!needed.contains("rig"), "{name} needs rig");
    }
}

/// Every name of a test that `ARCHITECTURE.md` puts behind a promise.
#[test]
fn the_tests_that_architecture_names_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let page = fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    let named = page.split('`').skip(1).step_by(2).filter(|name| name.matches('_').count() > 2);
    let written: Vec<String> = sources::files(root).iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    for name in named {
        // One of the machine's scenarios is a name alone on its line.
        let definition = format!("fn {name}(");
        let is_there = |text: &String| text.contains(&definition) || text.lines().any(|line| line.trim() == name);
        assert!(written.iter().any(is_there), "there is no test `{name}`");
    }
}
