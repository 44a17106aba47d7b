//! `--help` of every command: short enough to read, with examples to copy, and a rig that is not there is said so.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use std::process::{Command, Output};

fn rig(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rig")).args(args).env_remove("RIG_HOME").env("NO_COLOR", "1").output().unwrap()
}

fn help_of(command: &[&str]) -> String {
    let output = rig(&[command, &["--help"]].concat());
    assert!(output.status.success(), "{command:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The commands that a help lists.
fn listed(help: &str) -> Vec<String> {
    let section = help.split("Commands:\n").nth(1).unwrap_or_default();
    let lines = section.lines().take_while(|line| !line.is_empty());
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn every_command_has_examples_in_a_readable_width() {
    let mut waiting = vec![Vec::<String>::new()];
    let mut seen = 0;
    while let Some(command) = waiting.pop() {
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        let help = help_of(&words);
        assert!(help.contains("Examples:\n"), "rig {} --help has no examples", words.join(" "));
        for line in help.lines() {
            assert!(line.chars().count() <= 100, "rig {}: {line}", words.join(" "));
        }
        waiting.extend(listed(&help).into_iter().map(|name| [command.clone(), vec![name]].concat()));
        seen += 1;
    }
    assert!(seen > 12, "only {seen} commands were found");
}

#[test]
fn what_makes_no_sense_is_2_and_says_what_would() {
    let output = rig(&["tial"]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("'tail'"), "{said}");
}

#[test]
fn without_a_rig_every_command_says_how_to_start_one() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("nowhere");
    for command in [&["status"][..], &["tail"], &["say", "general", "hello"], &["bus", "diff"], &["views"]] {
        let output = rig(&[command, &["--home", home.to_str().unwrap()]].concat());
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{command:?}: {said}");
        assert!(said.contains("no rig is up in") && said.contains("rig up --home"), "{command:?}: {said}");
    }
    assert!(!home.exists(), "looking makes nothing");
}
