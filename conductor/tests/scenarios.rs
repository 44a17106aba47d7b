//! The machine's specification: scenarios as text, what happens at the margin and what follows indented under it.
//!
//! `UPDATE_SCENARIOS=1` writes what follows anew; a reader decides whether that is right.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test says so by failing")]

mod scenario;

use std::{collections::BTreeSet, env, fs, path::PathBuf};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

/// Plays a scenario; what follows has to be what stands there.
fn play(name: &str) {
    let path = folder().join(format!("{name}.txt"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut stage = scenario::Stage::new();
    let mut played = String::new();
    for line in text.lines().filter(|line| !line.starts_with("    ")) {
        played.push_str(line);
        played.push('\n');
        if !line.starts_with('#') {
            scenario::play(&mut stage, line);
        }
        played.push_str(&stage.take_said());
    }
    if is_to_be_written() {
        fs::write(&path, &played).unwrap();
    }
    assert!(played == text, "{name} goes another way now:\n{played}");
}

#[expect(clippy::disallowed_methods, reason = "whether to write is asked of whoever runs the test")]
fn is_to_be_written() -> bool {
    env::var_os("UPDATE_SCENARIOS").is_some()
}

macro_rules! scenarios {
    ($($name:ident)*) => {
        const NAMES: &[&str] = &[$(stringify!($name)),*];
        $(#[test] fn $name() { play(stringify!($name)); })*
    };
}

scenarios! {
    f_017_a_dependent_waits_and_a_cycle_is_refused
    f_041_a_comment_is_not_a_verdict
    f_060_a_conflict_goes_back_to_the_implementer
    f_061_a_closed_pull_request_does_not_cancel_its_issue
    f_064_a_merge_past_the_gates_is_said
    f_080_only_three_conclusions_are_red
    f_100_a_silent_agent_loses_its_lease
    from_filed_to_live
    i_06_another_tree_than_the_tested_one
}

#[test]
fn every_scenario_is_played() {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let files: BTreeSet<String> = files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(files, NAMES.iter().map(|name| (*name).to_owned()).collect());
}
