//! Questions about random histories, asked of git too.

use crate::git::{Git, cases};
use bytes::Bytes;
use proptest::{collection::vec, prelude::*};
use sandbox::object::{AheadBehind, Commit, Kind, Objects, Oid, Signature, Tree};
use std::collections::BTreeSet;

/// For each commit: which of the earlier ones are its parents, and what the clock said, right or wrong.
fn history() -> impl Strategy<Value = Vec<(Vec<prop::sample::Index>, i64)>> {
    vec((vec(any::<prop::sample::Index>(), 0..3), 0..40_i64), 2..16)
}

fn build(history: &[(Vec<prop::sample::Index>, i64)]) -> (Objects, Vec<Oid>) {
    let mut objects = Objects::new();
    let tree = objects.insert(Tree::default());
    let mut commits: Vec<Oid> = Vec::new();
    for (number, (parents, seconds)) in history.iter().enumerate() {
        let parents = parents.iter().filter(|_| number > 0).map(|parent| commits[parent.index(number)]);
        let parents: BTreeSet<Oid> = parents.collect();
        let who = Signature {
            name: "Ada".to_owned(),
            email: "ada@example.com".to_owned(),
            seconds: 1_700_000_000 + seconds,
            offset_minutes: 0,
        };
        let commit = Commit {
            tree,
            parents: parents.into_iter().collect(),
            author: who.clone(),
            committer: who,
            message: format!("{number}\n"),
            extra: Bytes::new(),
        };
        commits.push(objects.insert(commit));
    }
    (objects, commits)
}

proptest! {
    #![proptest_config(cases(20))]

    #[test]
    fn asked_of_git_too(history in history(), pairs in vec(any::<[prop::sample::Index; 3]>(), 6)) {
        let (objects, commits) = build(&history);
        let git = Git::mirror(&objects);
        for pair in pairs {
            let [a, b, c] = pair.map(|index| commits[index.index(commits.len())]);
            let [a_, b_, c_] = [a, b, c].map(|oid| oid.to_string());

            let ancestor = git.output(&["merge-base", "--is-ancestor", &a_, &b_], b"").status.success();
            prop_assert_eq!(objects.is_ancestor(a, b), ancestor);

            let bases = git.output(&["merge-base", "--all", &a_, &b_], b"");
            let bases = String::from_utf8(bases.stdout).unwrap();
            let bases: BTreeSet<Oid> = bases.lines().map(|oid| oid.parse().unwrap()).collect();
            prop_assert_eq!(objects.merge_bases(a, b), bases.iter().copied().collect::<Vec<_>>());
            prop_assert_eq!(objects.merge_base(a, b).is_some(), !bases.is_empty());
            prop_assert!(objects.merge_base(a, b).is_none_or(|base| bases.contains(&base)));

            let counts = git.text(&["rev-list", "--left-right", "--count", &format!("{a}...{b}")]);
            let counts: Vec<usize> = counts.split_whitespace().map(|count| count.parse().unwrap()).collect();
            prop_assert_eq!(objects.ahead_behind(a, b), AheadBehind { ahead: counts[1], behind: counts[0] });

            prop_assert_eq!(objects.log(a, &[b, c]), git.oids(&["rev-list", "--date-order", &a_, "--not", &b_, &c_]));
            prop_assert_eq!(objects.log(a, &[]), git.oids(&["rev-list", "--date-order", &a_]));
            prop_assert_eq!(objects.between(b, a), git.oids(&["rev-list", "--date-order", "--reverse", &a_, "--not", &b_]));
        }
    }

    #[test]
    fn the_order_in_which_objects_come_does_not_matter(
        (history, order) in history().prop_flat_map(|history| {
            let order: Vec<usize> = (0..history.len()).collect();
            (Just(history), Just(order).prop_shuffle())
        }),
        pair in any::<[prop::sample::Index; 2]>(),
    ) {
        let (objects, commits) = build(&history);
        let mut shuffled = Objects::new();
        for number in order {
            let (kind, bytes) = objects.raw(commits[number]).unwrap();
            prop_assert_eq!(kind, Kind::Commit);
            shuffled.insert_raw(kind, bytes).unwrap();
        }
        let [a, b] = pair.map(|index| commits[index.index(commits.len())]);
        prop_assert_eq!(shuffled.is_ancestor(a, b), objects.is_ancestor(a, b));
        prop_assert_eq!(shuffled.merge_bases(a, b), objects.merge_bases(a, b));
        prop_assert_eq!(shuffled.ahead_behind(a, b), objects.ahead_behind(a, b));
        prop_assert_eq!(shuffled.log(a, &[b]), objects.log(a, &[b]));
    }
}

#[test]
fn a_commit_that_is_not_here_has_no_history() {
    let (objects, commits) = build(&[(vec![], 0), (vec![], 1)]);
    let stranger = Oid([9; 20]);
    assert!(!objects.is_ancestor(stranger, commits[0]));
    assert!(!objects.is_ancestor(commits[0], stranger));
    assert_eq!(objects.merge_base(stranger, commits[0]), None);
    assert_eq!(objects.ahead_behind(stranger, commits[0]), AheadBehind { ahead: 1, behind: 0 });
    assert_eq!(objects.log(stranger, &[]), []);
}
