//! Random histories of branches and their pull requests: after each act every pull request stands as its branch does,
//! whether it is open, where its head is, whether it can be merged, and a merge goes in if and only if it can. Whether it
//! may is another history's.

use proptest::{collection::vec, prelude::*};
use sandbox::{
    object::Oid,
    world::{Number, RepositoryId},
};
use serde_json::{Value, json};

use crate::{
    rounds::{PULLS, commit_to, learn, person},
    stage::Stage,
};

const BRANCHES: [&str; 3] = ["main", "greet", "other"];

#[derive(Clone, Debug)]
enum Act {
    /// To a branch, a file, with this content.
    Commit(usize, u8, u8),
    /// Back to main.
    Reset(usize),
    Delete(usize),
    Open(usize),
    Turn(usize, bool),
    Draft(usize, bool),
    Merge(usize, &'static str),
}

fn act() -> impl Strategy<Value = Act> {
    let (branch, pull) = (1..BRANCHES.len(), 0..3_usize);
    let method = prop::sample::select(vec!["merge", "squash", "rebase"]);
    prop_oneof![
        4 => (0..BRANCHES.len(), 0..5_u8, 0..4_u8).prop_map(|(branch, file, text)| Act::Commit(branch, file, text)),
        1 => branch.clone().prop_map(Act::Reset),
        1 => branch.clone().prop_map(Act::Delete),
        4 => branch.prop_map(Act::Open),
        1 => (pull.clone(), any::<bool>()).prop_map(|(pull, open)| Act::Turn(pull, open)),
        1 => (pull.clone(), prop::bool::weighted(0.3)).prop_map(|(pull, draft)| Act::Draft(pull, draft)),
        4 => (pull, method).prop_map(|(pull, method)| Act::Merge(pull, method)),
    ]
}

/// The played world, and what is known of it from outside.
struct History {
    stage: Stage,
    /// How many pull requests there are.
    opened: u64,
}

impl History {
    fn new() -> Self {
        Self { stage: Stage::new(), opened: 0 }
    }

    fn site(&self) -> RepositoryId {
        self.stage.site
    }

    fn tip(&self, branch: &str) -> Option<Oid> {
        self.stage.world.branch(self.site(), branch)
    }

    fn act(&mut self, act: &Act) {
        match *act {
            Act::Commit(branch, file, text) => {
                let (path, text) = (format!("file-{file}"), format!("{text}\n"));
                let site = self.site();
                commit_to(&mut self.stage, site, "nora", BRANCHES[branch], "Work\n", (&path, &text));
            }
            Act::Reset(branch) => self.move_to(branch, self.tip("main")),
            Act::Delete(branch) => self.move_to(branch, None),
            Act::Open(branch) => self.open(branch),
            Act::Turn(pull, open) => {
                let state = if open { "open" } else { "closed" };
                self.on(pull, |stage, nora, place| stage.patch(nora, place, json!({ "state": state })).status);
            }
            Act::Draft(pull, draft) => self.draft(pull, draft),
            Act::Merge(pull, method) => self.merge(pull, method),
        }
    }

    fn move_to(&mut self, branch: usize, to: Option<Oid>) {
        let (site, nora) = (self.site(), person(&mut self.stage, "nora"));
        if self.tip(BRANCHES[branch]).is_some() {
            self.stage.world.move_branch(site, BRANCHES[branch], to, nora);
        }
    }

    /// Does something to the nth pull request, if there are so many.
    fn on<T>(&mut self, nth: usize, act: impl FnOnce(&mut Stage, &str, &str) -> T) -> Option<T> {
        let number = nth as u64 + 1;
        let nora = self.stage.nora.clone();
        (number <= self.opened).then(|| act(&mut self.stage, &nora, &format!("{PULLS}/{number}")))
    }

    fn open(&mut self, branch: usize) {
        let nora = self.stage.nora.clone();
        let open = self.stage.get(&nora, &format!("{PULLS}?head=acme:{}", BRANCHES[branch])).expect(200);
        let (main, tip) = (self.tip("main").unwrap(), self.tip(BRANCHES[branch]));
        let new = tip.is_some_and(|tip| !self.stage.world.objects().is_ancestor(tip, main));
        let wanted = json!({"title": "Work", "head": BRANCHES[branch], "base": "main"});
        let opened = self.stage.post(&nora, PULLS, wanted);
        assert_eq!(opened.status == 201, new && open == json!([]), "{}", opened.json);
        self.opened += u64::from(opened.status == 201);
    }

    fn draft(&mut self, nth: usize, draft: bool) {
        let (site, nora) = (self.site(), person(&mut self.stage, "nora"));
        self.stage.world.set_draft(site, Number(nth as u64 + 1), draft, nora);
    }

    fn merge(&mut self, nth: usize, method: &str) {
        let number = nth as u64 + 1;
        let Some(pull) = self.on(nth, |stage, nora, place| stage.get(nora, place).expect(200)) else { return };
        let (main, head) = (self.tip("main").unwrap(), pull["head"]["sha"].as_str().unwrap().parse().unwrap());
        let tree = self.merged(main, head);
        let can = pull["state"] == "open" && pull["draft"] == false && tree.is_some();
        let nora = self.stage.nora.clone();
        let answer = self.stage.put(&nora, &format!("{PULLS}/{number}/merge"), json!({ "merge_method": method }));
        let tip = self.tip("main").unwrap();
        match answer.status {
            200 => {
                assert!(can, "{pull} must not be merged");
                assert_eq!(answer.json["sha"], json!(tip));
                let now = self.stage.world.objects().commit(tip).unwrap();
                // Where a commit undoes what another did, a rebase may rightly come to another tree.
                assert!(method == "rebase" || Some(now.tree) == tree, "the tree is not that of the merge");
                let parents = if method == "merge" { vec![main, head] } else { vec![main] };
                assert!(method == "rebase" || now.parents == parents);
            }
            405 => {
                assert!(!can || method == "rebase", "{pull} must be merged, but: {}", answer.json);
                assert_eq!(tip, main, "what was refused moved the base");
            }
            status => panic!("{status}: {}", answer.json),
        }
    }

    fn merged(&self, ours: Oid, theirs: Oid) -> Option<Oid> {
        let mut objects = self.stage.world.objects().clone();
        let base = objects.merge_base(ours, theirs)?;
        let [base, ours, theirs] = [base, ours, theirs].map(|oid| objects.commit(oid).unwrap().tree);
        objects.merge(base, ours, theirs).ok()
    }

    /// What holds of every pull request at any time.
    fn look(&mut self) {
        learn(&mut self.stage);
        let nora = self.stage.nora.clone();
        let main = self.tip("main").unwrap();
        let mut open = Vec::new();
        for number in 1..=self.opened {
            let pull = self.stage.get(&nora, &format!("{PULLS}/{number}")).expect(200);
            if pull["state"] == "closed" {
                assert_eq!(pull["mergeable"], Value::Null);
                continue;
            }
            let branch = pull["head"]["ref"].as_str().unwrap().to_owned();
            let tip = self.tip(&branch).expect("a branch that is gone closes its pull request");
            assert_eq!(pull["head"]["sha"], json!(tip));
            assert_eq!(pull["merged"], false);
            assert!(!self.stage.world.objects().is_ancestor(tip, main), "{pull} is merged");
            assert_eq!(pull["mergeable"], json!(self.merged(main, tip).is_some()));
            open.push(branch);
        }
        let all = open.len();
        open.sort();
        open.dedup();
        assert_eq!(open.len(), all, "a branch has two pull requests");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pull_requests_keep_githubs_rules(acts in vec(act(), 8..40)) {
        let mut history = History::new();
        [Act::Commit(1, 0, 9), Act::Open(1)].iter().for_each(|act| history.act(act));
        for act in &acts {
            history.act(act);
            history.look();
        }
    }
}
