//! Merges by path beside git's.

use crate::{
    edit::path,
    git::{Git, cases},
};
use bytes::Bytes;
use proptest::{collection::vec, prelude::*};
use sandbox::object::{Commit, Mode, Object, Objects, Oid, Signature};

/// Contents share no line, so that git has nothing to merge within a file, and none stands at two paths, so that it
/// sees no rename: it looks for them even if told not to (2.47).
fn changes(length: usize) -> impl Strategy<Value = Vec<(String, Option<(Mode, u8)>)>> {
    let mode = prop::sample::select(vec![Mode::FILE, Mode::FILE, Mode::EXECUTABLE, Mode::SYMLINK]);
    let change = prop_oneof![2 => (mode, 0..6_u8).prop_map(Some), 1 => Just(None)];
    vec((path(), change), 0..length)
}

fn edited(objects: &mut Objects, tree: Oid, changes: &[(String, Option<(Mode, u8)>)]) -> Oid {
    let changes: Vec<_> = changes
        .iter()
        .map(|(path, change)| {
            let write = |(mode, content): (Mode, u8)| {
                (mode, objects.insert(Object::Blob(format!("{content} at {path}\n").into())))
            };
            (path, change.map(write))
        })
        .collect();
    objects.edit(tree, &changes).unwrap()
}

fn commit(objects: &mut Objects, tree: Oid, parents: Vec<Oid>) -> Oid {
    let who = Signature { name: "Ada".to_owned(), email: "ada@example.com".to_owned(), seconds: 1, offset_minutes: 0 };
    let message = format!("{}\n", objects.len());
    objects.insert(Commit { tree, parents, author: who.clone(), committer: who, message, extra: Bytes::new() })
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn merged_as_git_merges(base in changes(10), ours in changes(4), theirs in changes(4)) {
        let mut objects = Objects::new();
        let base = edited(&mut objects, Oid::EMPTY_TREE, &base);
        let (ours, theirs) = (edited(&mut objects, base, &ours), edited(&mut objects, base, &theirs));
        let root = commit(&mut objects, base, vec![]);
        let branches = [ours, theirs].map(|tree| commit(&mut objects, tree, vec![root]).to_string());
        let git = Git::mirror(&objects);
        let merge = ["merge-tree", "--write-tree", "--no-messages", &branches[0], &branches[1]];
        let output = git.output(&merge, b"");
        let tree: Oid = String::from_utf8_lossy(&output.stdout).lines().next().unwrap().parse().unwrap();
        match objects.merge(base, ours, theirs) {
            Ok(merged) => {
                prop_assert!(output.status.success(), "git sees a conflict: {}", String::from_utf8_lossy(&output.stdout));
                prop_assert_eq!(merged, tree);
            }
            Err(paths) => prop_assert!(!output.status.success(), "git merges what we do not: {:?}", paths),
        }
    }
}

#[test]
fn both_sides_of_a_file_conflict_and_say_where() {
    let mut objects = Objects::new();
    let file = |content| Some((Mode::FILE, content));
    let base = edited(&mut objects, Oid::EMPTY_TREE, &[("d/a".to_owned(), file(0)), ("b".to_owned(), file(0))]);
    let ours = edited(&mut objects, base, &[("d/a".to_owned(), file(1)), ("b".to_owned(), None)]);
    let theirs = edited(&mut objects, base, &[("d/a".to_owned(), file(2)), ("b".to_owned(), file(3))]);
    assert_eq!(objects.merge(base, ours, theirs), Err(vec!["b".to_owned(), "d/a".to_owned()]));
    assert_eq!(objects.merge(base, ours, base), Ok(ours));
    assert_eq!(objects.merge(base, base, theirs), Ok(theirs));
    assert_eq!(objects.merge(base, ours, ours), Ok(ours));
    assert_eq!(objects.merge(base, ours, Oid([3; 20])), Err(vec![String::new()]));
}

#[test]
fn one_side_runs_what_the_other_rewrites() {
    let mut objects = Objects::new();
    let at = |change| [("a".to_owned(), Some(change))];
    let base = edited(&mut objects, Oid::EMPTY_TREE, &at((Mode::FILE, 0)));
    let ours = edited(&mut objects, base, &at((Mode::EXECUTABLE, 0)));
    let theirs = edited(&mut objects, base, &at((Mode::FILE, 1)));
    let both = edited(&mut objects, base, &at((Mode::EXECUTABLE, 1)));
    assert_eq!(objects.merge(base, ours, theirs), Ok(both));
}
