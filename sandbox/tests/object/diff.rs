//! Diffs beside git's: the same bytes.

use crate::git::{Git, cases};
use proptest::{
    collection::vec,
    prelude::*,
    sample::Index,
    strategy::ValueTree,
    test_runner::{Config, RngSeed, TestRunner},
};
use sandbox::object::{FileChange, Mode, Object, Objects, Oid, Status, unified};

const LINES: [&str; 12] = [
    "fn one() {",
    "}",
    "",
    "    let x = 1;",
    "    if x {",
    "    }",
    "\t\tdeep",
    "struct Two;",
    "# head",
    "    ",
    "é über",
    "$ run",
];

fn text() -> impl Strategy<Value = Vec<String>> {
    vec(prop::sample::select(LINES.to_vec()).prop_map(str::to_owned), 0..40)
}

#[derive(Debug, Clone)]
enum Edit {
    Insert(Index, Vec<String>),
    Remove(Index, usize),
    Copy(Index, Index, usize),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = prop_oneof![
        (any::<Index>(), vec(prop::sample::select(LINES.to_vec()).prop_map(str::to_owned), 1..5))
            .prop_map(|(at, lines)| Edit::Insert(at, lines)),
        (any::<Index>(), 1..5_usize).prop_map(|(at, count)| Edit::Remove(at, count)),
        (any::<Index>(), any::<Index>(), 1..8_usize).prop_map(|(from, to, count)| Edit::Copy(from, to, count)),
    ];
    vec(edit, 0..5)
}

fn edited(mut lines: Vec<String>, edits: &[Edit]) -> Vec<String> {
    for edit in edits {
        let place = |at: &Index| at.index(lines.len() + 1);
        match edit {
            Edit::Insert(at, new) => drop(lines.splice(place(at)..place(at), new.iter().cloned())),
            Edit::Remove(at, count) => drop(lines.drain(place(at)..(place(at) + count).min(lines.len()))),
            Edit::Copy(from, to, count) => {
                let copied = lines[place(from)..(place(from) + count).min(lines.len())].to_vec();
                drop(lines.splice(place(to)..place(to), copied));
            }
        }
    }
    lines
}

fn content(lines: &[String], ended: bool) -> Vec<u8> {
    let mut text = lines.join("\n");
    if ended && !lines.is_empty() {
        text.push('\n');
    }
    text.into_bytes()
}

fn tree<P: AsRef<[u8]>>(objects: &mut Objects, files: &[(P, Mode, Vec<u8>)]) -> Oid {
    let changes: Vec<_> = files
        .iter()
        .map(|(path, mode, content)| (path, Some((*mode, objects.insert(Object::Blob(content.clone().into()))))))
        .collect();
    objects.edit(Oid::EMPTY_TREE, &changes).unwrap()
}

fn git_diff(git: &Git, options: &[&str], a: Oid, b: Oid) -> String {
    let (a, b) = (a.to_string(), b.to_string());
    let args = [&["-c", "core.abbrev=7", "diff"], options, &[a.as_str(), b.as_str()]].concat();
    String::from_utf8_lossy(&git.run(&args, b"")).into_owned()
}

fn numstat(changes: &[FileChange]) -> String {
    let counts = |change: &FileChange| match change.binary {
        Some(_) => format!("-\t-\t{}\n", change.path.quoted("")),
        None => format!("{}\t{}\t{}\n", change.additions, change.deletions, change.path.quoted("")),
    };
    changes.iter().map(counts).collect()
}

/// A text of lines that are all different, with some left out and some put in: of two such texts only one diff is
/// the shortest, so there is nothing to choose, and ours is git's to the byte.
fn story(kept: f64) -> impl Strategy<Value = Vec<u8>> {
    let line = (prop::bool::weighted(kept), prop::bool::weighted(0.08), 0..3_u8);
    (vec(line, 0..60), any::<bool>()).prop_map(|(told, ended)| {
        let mut lines = Vec::new();
        for (number, (kept, more, what)) in told.into_iter().enumerate() {
            // Long lines unlike each other: git counts what a renamed file kept by a hash that short lines often share.
            let line = format!(
                "{} {:x}",
                LINES[number % LINES.len()],
                (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
            );
            lines.extend(kept.then(|| line.clone()));
            lines.extend(more.then(|| format!("{line} {what}")));
        }
        content(&lines, ended)
    })
}

/// Edits of a text whose lines are much alike, where there is much to choose: files `0`, `1`, … before and after.
fn edited_files(count: usize) -> impl Strategy<Value = [Vec<(String, Mode, Vec<u8>)>; 2]> {
    vec((text(), edits(), any::<[bool; 2]>()), count).prop_map(|texts| {
        let file = |at: usize, content| (format!("{at:03}"), Mode::FILE, content);
        let old = texts.iter().enumerate().map(|(at, (text, _, ended))| file(at, content(text, ended[0])));
        let new = texts
            .iter()
            .enumerate()
            .map(|(at, (text, edits, ended))| file(at, content(&edited(text.clone(), edits), ended[1])));
        [old.collect(), new.collect()]
    })
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn git_applies_what_we_show([old, new] in edited_files(16)) {
        let mut objects = Objects::new();
        let (a, b) = (tree(&mut objects, &old), tree(&mut objects, &new));
        let shown = unified(&objects.diff_without_renames(a, b));
        let git = Git::mirror(&objects);
        git.run(&["read-tree", &a.to_string()], b"");
        git.run(&["apply", "--cached", "--allow-empty"], shown.as_bytes());
        prop_assert_eq!(git.oid(&["write-tree"], b""), b);
    }
}

/// Where several diffs are right, git and we may choose differently; we seldom do.
#[test]
fn nearly_all_edits_are_shown_with_gits_bytes() {
    let mut runner = TestRunner::deterministic();
    let [old, new] = edited_files(400).new_tree(&mut runner).unwrap().current();
    let mut objects = Objects::new();
    let (a, b) = (tree(&mut objects, &old), tree(&mut objects, &new));
    let changes = objects.diff_without_renames(a, b);
    let theirs = git_diff(&Git::mirror(&objects), &["--no-renames"], a, b);
    let same = changes.iter().filter(|change| theirs.contains(&unified(std::slice::from_ref(*change)))).count();
    assert!(changes.len() > 300, "{} of 400 changed", changes.len());
    assert!(same * 100 >= changes.len() * 95, "{same} of {} are git's", changes.len());
}

const PATHS: [&str; 10] = ["a", "a.b", "a-b/x", "b b/c", "é", "q\"\\\t", "d/e/f", "d/e/g", "z", "d/a"];

fn file() -> impl Strategy<Value = Option<(Mode, Vec<u8>)>> {
    let mode = prop::sample::select(vec![Mode::FILE, Mode::FILE, Mode::EXECUTABLE, Mode::SYMLINK]);
    let content = prop_oneof![
        1 => prop::sample::select(vec!["", "x\n", "x", "x\ny\n", "\0", "\0x"])
            .prop_map(|content| content.as_bytes().to_vec()),
        2 => story(0.85),
    ];
    prop::option::of((mode, content))
}

fn files() -> impl Strategy<Value = Vec<(&'static str, Mode, Vec<u8>)>> {
    vec(file(), PATHS.len()).prop_map(|files| {
        PATHS
            .into_iter()
            .zip(files)
            .filter_map(|(path, file)| file.map(|(mode, content)| (path, mode, content)))
            .collect()
    })
}

/// Paths of which some have one file name.
fn moved() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["a/x", "b/x", "c/x", "a/y", "b/y", "z", "a/w w"])
}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn trees_as_git_shows_them(one in files(), other in files()) {
        let mut objects = Objects::new();
        let (a, b) = (tree(&mut objects, &one), tree(&mut objects, &other));
        let changes = objects.diff_without_renames(a, b);
        let git = Git::mirror(&objects);
        prop_assert_eq!(git_diff(&git, &["--no-renames"], a, b), unified(&changes));
        let plain: Vec<_> = changes.into_iter().filter(|change| change.status != Status::Changed).collect();
        prop_assert_eq!(git_diff(&git, &["--no-renames", "--numstat", "--diff-filter=AMD"], a, b), numstat(&plain));
    }
}

proptest! {
    // Always the same cases: in a hundred thousandth of all pairs of lines git takes two for one.
    #![proptest_config(Config { rng_seed: RngSeed::Fixed(7), ..cases(60) })]

    #[test]
    fn renames_as_git_finds_them(stories in vec((story(0.8), moved(), story(0.75), moved()), 1..6)) {
        let mut objects = Objects::new();
        let old: Vec<_> = stories.iter().map(|(text, at, _, _)| (*at, Mode::FILE, text.clone())).collect();
        let new: Vec<_> = stories.iter().map(|(_, _, text, at)| (*at, Mode::FILE, text.clone())).collect();
        let (a, b) = (tree(&mut objects, &old), tree(&mut objects, &new));
        let ours = unified(&objects.diff(a, b));
        prop_assert_eq!(git_diff(&Git::mirror(&objects), &["-M"], a, b), ours);
    }
}

#[test]
fn a_submodule_is_a_line() {
    let mut objects = Objects::new();
    let at = |commit: u8| [("lib", Some((Mode::SUBMODULE, Oid([commit; 20]))))];
    let a = objects.edit(Oid::EMPTY_TREE, &at(1)).unwrap();
    let b = objects.edit(Oid::EMPTY_TREE, &at(2)).unwrap();
    let git = Git::mirror(&objects);
    assert_eq!(git_diff(&git, &[], a, b), unified(&objects.diff(a, b)));
    assert_eq!(git_diff(&git, &[], Oid::EMPTY_TREE, b), unified(&objects.diff(Oid::EMPTY_TREE, b)));
}

#[test]
fn what_git_shows_applies() {
    let mut objects = Objects::new();
    let a = tree(&mut objects, &[("a", Mode::FILE, b"one\ntwo\nthree\n".to_vec()), ("b", Mode::FILE, b"b\n".to_vec())]);
    let b =
        tree(&mut objects, &[("a", Mode::EXECUTABLE, b"one\n2\nthree".to_vec()), ("c/d", Mode::FILE, b"b\n".to_vec())]);
    let changes = objects.diff(a, b);
    let git = Git::mirror(&objects);
    git.run(&["read-tree", &a.to_string()], b"");
    git.run(&["apply", "--cached"], unified(&changes).as_bytes());
    assert_eq!(git.oid(&["write-tree"], b""), b);
    let statuses: Vec<_> = changes.iter().map(|change| (change.path.to_string(), change.status)).collect();
    assert_eq!(statuses, [("a".to_owned(), Status::Modified), ("c/d".to_owned(), Status::Renamed)]);
    assert_eq!(changes[0].patch.as_deref().unwrap().lines().next(), Some("@@ -1,3 +1,3 @@"));
}

#[test]
fn a_file_of_the_same_name_goes_before_one_more_alike() {
    let lines: Vec<String> =
        (0..20_u64).map(|n| format!("line {:x}", (n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect();
    let mut objects = Objects::new();
    let old = [("a/x", Mode::FILE, content(&lines[..16], true)), ("c/y", Mode::FILE, content(&lines[..19], true))];
    let (a, b) = (tree(&mut objects, &old), tree(&mut objects, &[("b/x", Mode::FILE, content(&lines, true))]));
    let changes = objects.diff(a, b);
    assert_eq!(changes[0].previous_path.as_ref().map(ToString::to_string), Some("a/x".to_owned()));
    assert_eq!(git_diff(&Git::mirror(&objects), &["-M"], a, b), unified(&changes));
}
