//! The stage of a scenario: the machine, and as much of GitHub as it takes to answer what it orders.
//!
//! After every record the stage looks whether the machine keeps its promises: that the past, replayed, gives the same
//! state; that every open item has a wait with an end.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt::Write as _,
    time::Duration,
};

use bus::{
    RecordId,
    catalogue::{
        cmd::{DeployOrder, GithubOrder},
        outcome::{End, Left, Look, PullState},
    },
    commit::Oid,
    number::{IssueNumber, ItemKey, PullNumber, RepositoryId},
};
use conductor::machine::{
    Fact, Order, Output, Record, Rules, State,
    fact::{Issue, Place, Pull},
    replay,
    rules::{Autonomy, Limits, Pool, Principals, Repository, Skill},
    step,
};
use time::{OffsetDateTime, macros::datetime};

use super::names::Names;

const MORNING: OffsetDateTime = datetime!(2026-11-22 09:00:00 UTC);

/// Where a scenario plays.
pub(crate) struct Stage {
    pub(crate) rules: Rules,
    pub(crate) state: State,
    pub(crate) names: Names,
    pub(crate) now: OffsetDateTime,
    pub(crate) issues: BTreeMap<u64, Issue>,
    pub(crate) pulls: BTreeMap<u64, PlayedPull>,
    pub(crate) base: Oid,
    /// Whether the orders for comments and checks of ours are shown.
    pub(crate) shows_words: bool,
    /// Orders that GitHub does not answer by itself in this scenario.
    pub(crate) silent: Vec<String>,
    /// The orders whose outcome is open, the oldest first.
    pub(crate) open: VecDeque<(RecordId, Order)>,
    twin: State,
    count: u32,
    said: String,
}

/// A pull request, with what only a look tells.
pub(crate) struct PlayedPull {
    pub(crate) pull: Pull,
    pub(crate) authors: Vec<String>,
    pub(crate) behind: u32,
    pub(crate) mergeable: Option<bool>,
    pub(crate) patch: String,
    pub(crate) run: Option<bus::catalogue::agent::Fence>,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let mut names = Names::default();
        let base = names.oid("b0");
        let mut stage = Self {
            rules: rules(),
            state: State::new(),
            names,
            now: MORNING,
            issues: BTreeMap::new(),
            pulls: BTreeMap::new(),
            base,
            shows_words: false,
            silent: Vec::new(),
            open: VecDeque::new(),
            twin: State::new(),
            count: 0,
            said: String::new(),
        };
        stage.moves_base("b0", None);
        stage.said.clear();
        stage
    }

    pub(crate) fn place(&self) -> Place {
        let name = self.rules.repositories.keys().next().unwrap().clone();
        Place { id: RepositoryId(1), name, default_branch: "main".to_owned() }
    }

    pub(crate) fn key(number: u64) -> ItemKey {
        ItemKey { repository: RepositoryId(1), issue: IssueNumber(number) }
    }

    /// What was said since it was last asked.
    pub(crate) fn take_said(&mut self) -> String {
        std::mem::take(&mut self.said)
    }

    /// Tells the machine a fact, and answers what it orders.
    pub(crate) fn tell(&mut self, fact: Fact) {
        self.record(fact);
        self.answer_orders();
    }

    /// Time goes by; the clock ticks once at its end.
    pub(crate) fn wait(&mut self, span: Duration) {
        self.now += span;
        self.tell(Fact::Tick);
    }

    /// The base branch goes on to a commit of this name.
    pub(crate) fn moves_base(&mut self, name: &str, before: Option<Oid>) {
        let (commit, tree) = (self.names.oid(name), self.names.oid(&format!("tree of {name}")));
        self.base = commit;
        let tip = conductor::machine::fact::Tip { commit, before, tree, run: None };
        let branch = conductor::machine::fact::Branch { name: "main".to_owned(), head: Some(tip) };
        self.tell(Fact::Branch(self.place(), branch));
    }

    /// The id of the record that is told next.
    pub(crate) fn next_record(&self) -> RecordId {
        RecordId::of_delivery(&format!("record {}", self.count + 1))
    }

    fn record(&mut self, fact: Fact) {
        let id = self.next_record();
        self.count += 1;
        let record = Record { id, at: self.now, fact };
        let outputs = step(&mut self.state, &self.rules, &record);
        let recorded: Vec<Record> = (0..).zip(&outputs).map(|(n, output)| self.recorded(id, n, output)).collect();
        for (record, output) in recorded.iter().zip(&outputs) {
            self.note(record.id, output);
        }
        replay(&mut self.twin, &self.rules, &record, &recorded);
        self.look_at_promises();
    }

    fn recorded(&self, cause: RecordId, n: u32, output: &Output) -> Record {
        Record { id: cause.output(n), at: self.now, fact: output.fact() }
    }

    fn look_at_promises(&self) {
        assert_eq!(self.twin, self.state, "the past, replayed, gives another state");
        let kept = serde_json::to_string(&self.state).unwrap();
        assert_eq!(serde_json::from_str::<State>(&kept).unwrap(), self.state, "the state does not read back");
        assert!(self.state.agenda.is_empty() && self.state.strays.is_empty(), "something was left undone");
        for (key, item) in &self.state.items {
            let standing = &item.course.standing;
            let waits = standing.until().is_some();
            assert!(waits != standing.is_end(), "{} is {} and waits for ever", key.issue, standing.name());
        }
    }

    fn note(&mut self, id: RecordId, output: &Output) {
        match output {
            Output::Moved(_, kind, transition) => {
                let line = format!("{}  [{} · {}]", transition.say, kind.name(), transition.after);
                self.say(&line);
            }
            Output::Ordered(order) => {
                if let Some(line) = self.line(order) {
                    self.say(&format!("→ {line}"));
                }
                self.open.push_back((id, order.clone()));
            }
        }
    }

    fn say(&mut self, line: &str) {
        for line in line.lines() {
            let _ = writeln!(self.said, "    {}", self.names.shown(line));
        }
    }

    fn line(&self, order: &Order) -> Option<String> {
        match order {
            Order::Agent { role, pool, offer } => Some(format!("{role} of {pool}: {} on {}", offer.say, offer.branch)),
            Order::Say { room, say, .. } => Some(format!("in {room}: {say}")),
            Order::Deploy { order: DeployOrder::Observe { commit }, .. } => {
                Some(format!("probe: observe {}", commit.short()))
            }
            Order::Deploy { order: DeployOrder::Smoke { commit }, .. } => {
                Some(format!("probe: smoke {}", commit.short()))
            }
            Order::Github { order, .. } => self.github_line(order),
        }
    }

    fn github_line(&self, order: &GithubOrder) -> Option<String> {
        let words = match order {
            GithubOrder::File { title, labels, .. } => format!("file \"{title}\" [{}]", labels.join(", ")),
            GithubOrder::Open { branch, title, .. } => format!("open \"{title}\" from {branch}"),
            GithubOrder::Review { pull, head, verdict, .. } => {
                format!("review {pull} at {}: {verdict:?}", head.short())
            }
            GithubOrder::Look { .. } if !self.is_silent("look") => return None,
            GithubOrder::Look { pull, .. } => format!("look {pull}"),
            GithubOrder::Update { pull, head } => format!("update {pull} at {}", head.short()),
            GithubOrder::Merge { pull, head, .. } => format!("merge {pull} at {}", head.short()),
            GithubOrder::Close { pull, by } => format!("close {pull} for {by}"),
            GithubOrder::Tell { .. } | GithubOrder::Judge { .. } if !self.shows_words => return None,
            GithubOrder::Tell { thread, text } => format!("tell {thread}: {text}"),
            GithubOrder::Judge { head, open, summary } => {
                format!("gate {} at {}\n{summary}", if *open { "open" } else { "shut" }, head.short())
            }
        };
        Some(format!("github: {words}"))
    }

    fn is_silent(&self, verb: &str) -> bool {
        self.silent.iter().any(|silent| silent == verb)
    }

    /// Answers what needs no line of its own: looks, comments, checks of ours.
    fn answer_orders(&mut self) {
        while let Some((id, end)) = self.next_answer() {
            self.open.retain(|(open, _)| *open != id);
            self.record(Fact::Outcome(id, end));
        }
    }

    fn next_answer(&mut self) -> Option<(RecordId, End)> {
        let mut open = self.open.iter();
        open.find_map(|(id, order)| match order {
            Order::Github { order, .. } => Some((*id, self.end_of(order)?)),
            _ => None,
        })
    }

    fn end_of(&self, order: &GithubOrder) -> Option<End> {
        let left = match order {
            GithubOrder::Tell { .. } | GithubOrder::Judge { .. } | GithubOrder::Close { .. } => Left::Nothing,
            GithubOrder::Look { pull, .. } if !self.is_silent("look") => Left::Look(Box::new(self.look(*pull)?)),
            _ => return None,
        };
        Some(End::Done { left })
    }

    fn look(&self, number: PullNumber) -> Option<Look> {
        let played = self.pulls.get(&number.0)?;
        let mut names = Names::default();
        Some(Look {
            pull: number,
            head: played.pull.head,
            tree: names.oid(&format!("tree of {}", self.names.shown(&played.pull.head.short()))),
            run: played.run,
            base: self.base,
            behind: played.behind,
            state: played.pull.state,
            draft: played.pull.draft,
            mergeable: played.mergeable,
            patch: played.patch.clone(),
            authors: played.authors.clone(),
            updated_at: self.now.max(played.pull.updated_at),
        })
    }

    /// Ends the oldest open order of this verb.
    pub(crate) fn end(&mut self, verb: &str, end: End) {
        let is_it = |order: &Order| match order {
            Order::Github { order, .. } => order.verb().name() == verb,
            Order::Deploy { order, .. } => order.verb().name() == verb,
            _ => false,
        };
        let place = self.open.iter().position(|(_, order)| is_it(order));
        let (id, _) = self.open.remove(place.unwrap_or_else(|| panic!("no `{verb}` is open"))).unwrap();
        self.tell(Fact::Outcome(id, end));
    }

    /// The work that the item waits for.
    pub(crate) fn fence(&self, number: u64) -> bus::catalogue::agent::Fence {
        let item = self.state.items.get(&Self::key(number)).unwrap_or_else(|| panic!("#{number} is not open"));
        conductor::machine::state::fence_of(&item.course).unwrap_or_else(|| panic!("nobody works on #{number}"))
    }

    pub(crate) fn merged(&mut self, number: u64, commit: Oid) {
        let pull = self.pulls.get_mut(&number).unwrap();
        pull.pull.state = PullState::Merged { commit };
    }
}

fn rules() -> Rules {
    let repository = Repository {
        autonomy: Autonomy::Land,
        label: "agent-ready".to_owned(),
        checks: vec!["build".to_owned()],
        blocking: vec!["do-not-merge".to_owned()],
        site: Some("https://hello.example".to_owned()),
    };
    Rules {
        operator: "nora".to_owned(),
        principals: Principals {
            implementer: "dev-e[bot]".to_owned(),
            reviewer: "review-e[bot]".to_owned(),
            conductor: "conductor-e[bot]".to_owned(),
        },
        repositories: BTreeMap::from([("acme/site".to_owned(), repository)]),
        pools: vec![
            Pool { skill: Skill::Implementer, name: "linux".to_owned(), window: 2 },
            Pool { skill: Skill::Reviewer, name: "linux".to_owned(), window: 2 },
        ],
        limits: Limits::default(),
    }
}
