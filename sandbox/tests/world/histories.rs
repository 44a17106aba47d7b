//! Random histories of people who push, open, review, dismiss and merge. Whatever they try, GitHub's rules hold: a
//! protected branch moves by a merge that was approved, on a head whose check has passed, and by nothing else; a review
//! that was dismissed, by somebody or by a push, no longer counts; and what is merged is the tree that the two branches
//! make.

use std::{cell::Cell, collections::BTreeMap};

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use sandbox::{
    object::Oid,
    world::{Kind, NewCommit},
};
use serde_json::{Value, json};

use crate::stage::Stage;

const REPOSITORY: &str = "/repos/acme/hello.site";
const PEOPLE: [&str; 3] = ["ada", "nora", "sam"];
/// Sam is a stranger: his word does not count.
const WRITERS: [usize; 2] = [0, 1];

const DISMISSED: &str = "DISMISSED";

/// The pull request that was opened last.
const NEWEST: usize = usize::MAX;

/// What somebody tries. Numbers are taken modulo what there is.
#[derive(Clone, Debug)]
enum Try {
    Commit { who: usize, branch: usize, file: usize, line: u8 },
    Open { who: usize, branch: usize },
    Review { who: usize, pull: usize, event: usize },
    Dismiss { pull: usize, review: usize },
    Report { branch: usize, passed: bool },
    Merge { who: usize, pull: usize, method: usize },
    Close { pull: usize, open: bool },
    MoveMain { who: usize, branch: usize, force: bool },
}

/// Anything, and here and there what leads straight to a merge: by chance alone few histories come to one.
fn tries() -> impl Strategy<Value = Vec<Try>> {
    let few = prop_oneof![12 => one().prop_map(|one| vec![one]), 1 => straight()];
    proptest::collection::vec(few, 20..50).prop_map(|tries| tries.concat())
}

/// A branch that is new is opened, approved by a writer who is not its author, reported on, unless that is forgotten, and
/// merged.
fn straight() -> impl Strategy<Value = Vec<Try>> {
    (0..2usize, 0..2usize, any::<u8>(), prop::option::weighted(0.7, Just(true)), 0..3usize).prop_map(
        |(author, branch, line, reported, method)| {
            let mut tries = vec![
                Try::Commit { who: author, branch, file: branch, line },
                Try::Open { who: author, branch },
                Try::Review { who: 1 - author, pull: NEWEST, event: 0 },
            ];
            tries.extend(reported.map(|passed| Try::Report { branch, passed }));
            tries.push(Try::Merge { who: author, pull: NEWEST, method });
            tries
        },
    )
}

fn one() -> impl Strategy<Value = Try> {
    let (who, writer, branch, pull) = (0..PEOPLE.len(), 0..2usize, 0..2usize, 0..2usize);
    let judgement = prop_oneof![6 => Just(0usize), 1 => Just(1), 1 => Just(2)];
    prop_oneof![
        3 => (writer.clone(), branch.clone(), 0..3usize, any::<u8>())
            .prop_map(|(who, branch, file, line)| Try::Commit { who, branch, file, line }),
        3 => (who.clone(), branch.clone()).prop_map(|(who, branch)| Try::Open { who, branch }),
        8 => (writer, pull.clone(), judgement).prop_map(|(who, pull, event)| Try::Review { who, pull, event }),
        1 => (Just(2), pull.clone()).prop_map(|(who, pull)| Try::Review { who, pull, event: 0 }),
        1 => (pull.clone(), 0..2usize).prop_map(|(pull, review)| Try::Dismiss { pull, review }),
        6 => (branch.clone(), prop::bool::weighted(0.85)).prop_map(|(branch, passed)| Try::Report { branch, passed }),
        6 => (who.clone(), pull.clone(), 0..3usize)
            .prop_map(|(who, pull, method)| Try::Merge { who, pull, method }),
        1 => (pull, any::<bool>()).prop_map(|(pull, open)| Try::Close { pull, open }),
        1 => (who, branch, any::<bool>()).prop_map(|(who, branch, force)| Try::MoveMain { who, branch, force }),
    ]
}

/// What the test itself knows of a pull request.
struct Pull {
    number: u64,
    author: usize,
    branch: usize,
    /// Reviewer, judgement, id. What was dismissed is still the last that its reviewer said.
    reviews: Vec<(usize, &'static str, u64)>,
}

impl Pull {
    /// By the rules alone: the last judgement of each writer but the author counts, if it was not dismissed.
    fn is_approved(&self) -> bool {
        let mut last: BTreeMap<usize, &str> = BTreeMap::new();
        for (who, judgement, _) in self.reviews.iter().filter(|(who, judgement, _)| counts(*who, judgement)) {
            last.insert(*who, judgement);
        }
        let said = |wanted| last.iter().filter(|(who, said)| **who != self.author && **said == wanted).count();
        said("APPROVE") >= 1 && said("REQUEST_CHANGES") == 0
    }
}

fn counts(who: usize, judgement: &str) -> bool {
    WRITERS.contains(&who) && judgement != "COMMENT"
}

struct History {
    stage: Stage,
    pulls: Vec<Pull>,
    /// What was last said of each commit's check.
    checks: BTreeMap<Oid, bool>,
    /// How many merges there were.
    merged: usize,
    /// How many were tried that lacked nothing but their check.
    unchecked: usize,
}

impl History {
    fn new() -> Self {
        let mut stage = Stage::new();
        let ada = stage.ada.clone();
        let rules = json!({
            "required_status_checks": {"strict": false, "contexts": ["test"]},
            "enforce_admins": true,
            "required_pull_request_reviews": {"required_approving_review_count": 1, "dismiss_stale_reviews": true},
            "restrictions": null,
        });
        stage.put(&ada, &format!("{REPOSITORY}/branches/main/protection"), rules).expect(200);
        Self { stage, pulls: Vec::new(), checks: BTreeMap::new(), merged: 0, unchecked: 0 }
    }

    /// Which pull request is meant.
    fn nth(&self, pull: usize) -> Option<usize> {
        let last = self.pulls.len().checked_sub(1)?;
        Some(if pull == NEWEST { last } else { pull % (last + 1) })
    }

    fn token(&self, who: usize) -> String {
        [&self.stage.ada, &self.stage.nora, &self.stage.sam][who].clone()
    }

    fn tip(&self, branch: &str) -> Option<Oid> {
        self.stage.world.branch(self.stage.site, branch)
    }

    /// Tries it, and sees that the rules hold.
    fn go(&mut self, what: &Try) {
        let before = self.tip("main").unwrap();
        let expected = self.expected(what, before);
        let answer = self.attempt(what);
        self.stage.learn();
        let after = self.tip("main").unwrap();
        match (what, expected) {
            (Try::Merge { .. }, Some(expected)) => {
                let moves = answer.0 == 200 && !expected.adds_nothing(self.tree(before));
                assert!(before != after || !moves, "{what:?} landed nothing: {}", answer.1);
                assert!(before == after || answer.0 == 200, "{what:?} landed: {}", answer.1);
                self.merged += usize::from(answer.0 == 200);
                self.unchecked += usize::from(expected.is_approved && !expected.is_checked);
                expected.holds(what, &answer, self.tree(after));
            }
            _ => assert_eq!(before, after, "{what:?} moved a protected branch: {}", answer.1),
        }
    }

    fn tree(&self, commit: Oid) -> Oid {
        self.stage.world.objects().commit(commit).unwrap().tree
    }

    /// What a merge must come to, by the test's own reckoning.
    fn expected(&self, what: &Try, main: Oid) -> Option<Expected> {
        let Try::Merge { who, pull, method } = what else { return None };
        let pull = &self.pulls[self.nth(*pull)?];
        let head = self.tip(&format!("b{}", pull.branch))?;
        let objects = self.stage.world.objects();
        let base = objects.merge_base(main, head)?;
        let trees = [base, main, head].map(|commit| self.tree(commit));
        let merged = objects.clone().merge(trees[0], trees[1], trees[2]).ok();
        let is_approved = WRITERS.contains(who) && pull.is_approved();
        let is_checked = self.checks.get(&head) == Some(&true);
        Some(Expected { is_approved, is_checked, merged, rebased: method % 3 == 2 })
    }

    fn attempt(&mut self, what: &Try) -> (u16, Value) {
        match what {
            Try::Commit { who, branch, file, line } => self.commit(*who, *branch, *file, *line),
            Try::Open { who, branch } => self.open(*who, *branch),
            Try::Review { who, pull, event } => self.review(*who, *pull, *event),
            Try::Dismiss { pull, review } => self.dismiss(*pull, *review),
            Try::Report { branch, passed } => self.report(*branch, *passed),
            Try::Merge { who, pull, method } => {
                let method = ["merge", "squash", "rebase"][method % 3];
                self.on_pull(*who, *pull, "PUT", "/merge", &json!({ "merge_method": method }))
            }
            Try::Close { pull, open } => {
                let state = if *open { "open" } else { "closed" };
                self.on_pull(0, *pull, "PATCH", "", &json!({ "state": state }))
            }
            Try::MoveMain { who, branch, force } => {
                let Some(tip) = self.tip(&format!("b{branch}")) else { return (0, Value::Null) };
                let body = json!({"sha": tip.to_string(), "force": force});
                self.ask(*who, "PATCH", &format!("{REPOSITORY}/git/refs/heads/main"), &body)
            }
        }
    }

    fn ask(&mut self, who: usize, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let told = self.stage.ask(method, &self.token(who), path, Some(body));
        (told.status, told.json)
    }

    fn on_pull(&mut self, who: usize, pull: usize, method: &str, end: &str, body: &Value) -> (u16, Value) {
        let Some(pull) = self.nth(pull) else { return (0, Value::Null) };
        let path = format!("{REPOSITORY}/pulls/{}{end}", self.pulls[pull].number);
        self.ask(who, method, &path, body)
    }

    fn report(&mut self, branch: usize, passed: bool) -> (u16, Value) {
        let Some(head) = self.tip(&format!("b{branch}")) else { return (0, Value::Null) };
        self.checks.insert(head, passed);
        let state = if passed { "success" } else { "failure" };
        let body = json!({"state": state, "context": "test"});
        self.ask(0, "POST", &format!("{REPOSITORY}/statuses/{head}"), &body)
    }

    /// A push takes approvals of open pull requests away.
    fn outdate(&mut self, branch: usize) {
        let ada = self.stage.ada.clone();
        for pull in self.pulls.iter_mut().filter(|pull| pull.branch == branch) {
            let there = self.stage.get(&ada, &format!("{REPOSITORY}/pulls/{}", pull.number)).expect(200);
            if there["state"] == "open" {
                pull.reviews.iter_mut().filter(|review| review.1 == "APPROVE").for_each(|review| review.1 = DISMISSED);
            }
        }
    }

    fn commit(&mut self, who: usize, branch: usize, file: usize, line: u8) -> (u16, Value) {
        self.outdate(branch);
        let author = self.stage.world.account(PEOPLE[who], Kind::User);
        let (path, content) = (format!("file-{file}.txt"), format!("line {line}\n"));
        let files: &[(&str, Option<&[u8]>)] = &[(&path, Some(content.as_bytes()))];
        let new = NewCommit { author, message: "Change a line\n", files };
        self.stage.world.commit(self.stage.site, &format!("b{branch}"), &new).unwrap();
        (0, Value::Null)
    }

    fn open(&mut self, author: usize, branch: usize) -> (u16, Value) {
        let body = json!({"title": "Change a line", "head": format!("b{branch}"), "base": "main"});
        let opened = self.ask(author, "POST", &format!("{REPOSITORY}/pulls"), &body);
        if opened.0 == 201 {
            let number = opened.1["number"].as_u64().unwrap();
            self.pulls.push(Pull { number, author, branch, reviews: Vec::new() });
        }
        opened
    }

    fn review(&mut self, who: usize, pull: usize, event: usize) -> (u16, Value) {
        let event = ["APPROVE", "REQUEST_CHANGES", "COMMENT"][event % 3];
        let said = self.on_pull(who, pull, "POST", "/reviews", &json!({"event": event, "body": "Seen."}));
        if said.0 == 200 {
            let pull = self.nth(pull).unwrap();
            let pull = &mut self.pulls[pull];
            assert!(who != pull.author || event == "COMMENT", "nobody judges what is their own");
            pull.reviews.push((who, event, said.1["id"].as_u64().unwrap()));
        }
        said
    }

    fn dismiss(&mut self, pull: usize, review: usize) -> (u16, Value) {
        let Some(known) = self.nth(pull) else { return (0, Value::Null) };
        let judged = |(_, judgement, _): &(usize, &str, u64)| !["COMMENT", DISMISSED].contains(judgement);
        let mut those = self.pulls[known].reviews.iter_mut().filter(|review| judged(review));
        let Some(dismissed) = those.nth(review) else { return (0, Value::Null) };
        dismissed.1 = DISMISSED;
        let id = dismissed.2;
        let end = format!("/reviews/{id}/dismissals");
        let said = self.on_pull(0, pull, "PUT", &end, &json!({"message": "Not any more.", "event": "DISMISS"}));
        assert_eq!(said.0, 200, "{}", said.1);
        said
    }
}

/// What a merge must come to.
struct Expected {
    is_approved: bool,
    is_checked: bool,
    /// The tree, where the branches can be joined.
    merged: Option<Oid>,
    /// A rebase joins commit by commit, and may fail where a merge does not.
    rebased: bool,
}

impl Expected {
    /// A rebase leaves out what the base has already, which can be everything.
    fn adds_nothing(&self, base: Oid) -> bool {
        self.rebased && self.merged == Some(base)
    }

    fn holds(&self, what: &Try, (status, answer): &(u16, Value), landed: Oid) {
        if *status == 200 {
            assert!(self.is_approved, "{what:?} went in without an approval that counts");
            assert!(self.is_checked, "{what:?} went in without its check");
            assert!(self.rebased || self.merged == Some(landed), "{what:?} landed another tree");
        } else if self.is_approved && self.is_checked && self.merged.is_some() && !self.rebased {
            let message = answer["message"].as_str().unwrap_or_default();
            assert!(message == "Pull Request is not mergeable", "{what:?} was refused: {message}");
        }
    }
}

#[test]
fn githubs_rules_hold_whatever_people_try() {
    let mut runner = TestRunner::new(Config { cases: 16, failure_persistence: None, ..Config::default() });
    let (merged, unchecked) = (Cell::new(0), Cell::new(0));
    let held = runner.run(&tries(), |tries| {
        let mut history = History::new();
        tries.iter().for_each(|what| history.go(what));
        merged.set(merged.get() + history.merged);
        unchecked.set(unchecked.get() + history.unchecked);
        Ok(())
    });
    held.unwrap_or_else(|fault| panic!("{fault}\n{runner}"));
    assert!(merged.get() > 0, "no history came to a merge: they show nothing");
    assert!(unchecked.get() > 0, "nothing lacked its check alone: they show nothing of checks");
}

/// The whole of what the world said and sent in a history.
fn told(tries: &[Try]) -> Vec<u8> {
    let mut history = History::new();
    let mut told = Vec::new();
    for what in tries {
        let (status, answer) = history.attempt(what);
        history.stage.learn();
        told.extend(status.to_be_bytes());
        told.extend(serde_json::to_vec(&answer).unwrap());
    }
    for post in &history.stage.posts {
        told.extend(format!("{:?}", post.headers).bytes());
        told.extend(&post.body);
    }
    told
}

proptest! {
    #![proptest_config(Config { cases: 4, failure_persistence: None, ..Config::default() })]

    #[test]
    fn the_same_seed_inputs_and_clock_give_the_same_history(tries in tries()) {
        prop_assert!(told(&tries) == told(&tries));
    }
}
