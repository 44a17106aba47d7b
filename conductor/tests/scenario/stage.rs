//! The stage of a scenario: the machine, and as much of GitHub as it takes to answer what it orders.
//!
//! After every record the stage looks whether the machine keeps its promises: that every item lies in one place, with a
//! wait that ends; that the past, replayed, gives the same state.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt::Write as _,
    time::Duration,
};

use bus::{
    RecordId,
    catalogue::{
        agent::Fence,
        cmd::GithubOrder,
        outcome::{End, Left, Look, PullState},
        work::Kind,
    },
    commit::Oid,
    number::{IssueNumber, ItemKey, PullNumber, RepositoryId},
};
use conductor::{
    machine::{
        Fact, Order, Output, Record, Rules, State,
        fact::{Issue, Place, Pull},
        replay_under,
        rules::Skill,
        run::{Next, next, run_of},
        step,
    },
    testing::{self, Conservation},
};
use time::{OffsetDateTime, macros::datetime};

use super::names::Names;

/// More than this follows from no one record of a scenario.
const MOST_OUTPUTS: usize = 120;

const MORNING: OffsetDateTime = datetime!(2026-11-22 09:00:00 UTC);

/// Whether what GitHub says arrives.
pub(crate) enum Line {
    /// It does.
    Up,
    /// It is held back.
    Down,
    /// Every third thing is lost: how many were said so far.
    Lossy(u32),
}

/// Where a scenario plays.
pub(crate) struct Stage {
    pub(crate) rules: Rules,
    pub(crate) state: State,
    pub(crate) names: Names,
    pub(crate) now: OffsetDateTime,
    pub(crate) issues: BTreeMap<u64, Issue>,
    pub(crate) pulls: BTreeMap<u64, PlayedPull>,
    pub(crate) base: Oid,
    /// Whether the orders for comments of ours are shown.
    pub(crate) shows_comments: bool,
    /// Whether the orders for checks of ours are shown.
    pub(crate) shows_gates: bool,
    /// Orders that GitHub does not answer by itself in this scenario.
    pub(crate) silent: Vec<String>,
    /// The orders whose outcome is open, the oldest first.
    pub(crate) open: VecDeque<(RecordId, Order)>,
    /// Whether what GitHub says arrives.
    pub(crate) line: Line,
    held: Vec<Fact>,
    told: Vec<Fact>,
    last: Option<Record>,
    fences: BTreeMap<u64, Fence>,
    /// The branch that an issue was last offered with.
    pub(crate) branches: BTreeMap<u64, String>,
    twin: State,
    conservation: Conservation,
    count: u32,
    said: String,
}

/// A pull request, with what only a look tells.
pub(crate) struct PlayedPull {
    pub(crate) pull: Pull,
    pub(crate) authors: Vec<String>,
    pub(crate) more_authors: bool,
    pub(crate) behind: u32,
    pub(crate) mergeable: Option<bool>,
    pub(crate) patch: String,
    pub(crate) run: Option<Fence>,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let mut names = Names::default();
        let base = names.oid("b0");
        let rules = testing::rules().repositories(["acme/site"]).blocking("do-not-merge").window(2);
        let many = (1..=20).map(|n| format!("dev-{n}"));
        let rules = rules.agents(Skill::Implementer, many).site("https://hello.example").build();
        let mut stage = Self {
            rules,
            state: State::new(),
            names,
            now: MORNING,
            issues: BTreeMap::new(),
            pulls: BTreeMap::new(),
            base,
            shows_comments: false,
            shows_gates: false,
            silent: Vec::new(),
            open: VecDeque::new(),
            line: Line::Up,
            held: Vec::new(),
            told: Vec::new(),
            last: None,
            fences: BTreeMap::new(),
            branches: BTreeMap::new(),
            twin: State::new(),
            conservation: Conservation::default(),
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

    /// Puts back what was said.
    pub(crate) fn say_again(&mut self, said: &str) {
        self.said.push_str(said);
    }

    /// Tells the machine a fact, and answers what it orders.
    pub(crate) fn tell(&mut self, fact: Fact) {
        if is_githubs(&fact) {
            self.told.push(fact.clone());
            match &mut self.line {
                Line::Up => {}
                Line::Down => return self.held.push(fact),
                Line::Lossy(count) => {
                    *count += 1;
                    if *count % 3 == 0 {
                        return;
                    }
                }
            }
        }
        self.arrives(fact);
    }

    fn arrives(&mut self, fact: Fact) {
        self.record(fact);
        self.answer_orders();
    }

    /// The last fact, in a record of its own.
    pub(crate) fn comes_again(&mut self) {
        let fact = self.last.as_ref().unwrap().fact.clone();
        self.arrives(fact);
    }

    /// The very record, once more.
    pub(crate) fn is_read_again(&mut self) {
        let record = self.last.clone().unwrap();
        self.is_told(&record);
        self.answer_orders();
    }

    /// What was held back arrives, in an order of its own.
    pub(crate) fn comes_up(&mut self, order: impl FnOnce(Vec<Fact>) -> Vec<Fact>) {
        self.line = Line::Up;
        order(std::mem::take(&mut self.held)).into_iter().for_each(|fact| self.arrives(fact));
    }

    /// So much was held back.
    pub(crate) fn has_held(&self, count: usize) {
        assert_eq!(self.held.len(), count);
    }

    /// GitHub is asked how everything is, and says so.
    pub(crate) fn reads_github(&mut self) {
        self.line = Line::Up;
        let place = self.place();
        let issues = self.issues.values().map(|issue| Fact::Issue(place.clone(), issue.clone()));
        let pulls = self.pulls.values().map(|played| Fact::Pull(place.clone(), played.pull.clone()));
        let is_a_list = |fact: &&Fact| matches!(fact, Fact::Review(..) | Fact::Check(..) | Fact::Branch(..));
        let others = self.told.iter().filter(is_a_list).cloned();
        let all: Vec<Fact> = issues.chain(pulls).chain(others).collect();
        all.into_iter().for_each(|fact| self.arrives(fact));
    }

    /// What an agent is told that asks whether to go on.
    pub(crate) fn tells_next(&mut self, agent: &str, number: u64, generation: Option<u32>) {
        let fence = generation.map_or_else(
            || self.last_fence(number),
            |generation| Fence { run: run_of(Self::key(number), generation), generation },
        );
        let line = match next(&self.state, &self.rules, agent, fence, None) {
            Next::Go(words) => {
                let said: Vec<String> = words.iter().map(|word| format!("; {} says: {}", word.who, word.say)).collect();
                format!("go{}", said.concat())
            }
            Next::Ask => "ask again".to_owned(),
            Next::Stop(why) => format!("stop: {why}"),
        };
        self.say(&format!("→ {agent}: {line}"));
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
        let tip = conductor::machine::fact::Tip { commit, before, tree, run: None, reverts: Vec::new() };
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
        if !matches!(record.fact, Fact::Outcome(..)) {
            self.last = Some(record.clone());
        }
        self.is_told(&record);
    }

    fn is_told(&mut self, record: &Record) {
        let outputs = step(&mut self.state, &self.rules, record);
        let recorded: Vec<Record> =
            (0..).zip(&outputs).map(|(n, output)| self.recorded(record.id, n, output)).collect();
        assert!(outputs.len() < MOST_OUTPUTS, "one record is answered {} times", outputs.len());
        for (record, output) in recorded.iter().zip(&outputs) {
            self.note(record.id, output);
        }
        replay_under(&mut self.twin, &self.rules, record, &recorded, &mut self.conservation);
        assert!(self.twin == self.state, "the past, replayed, gives another state");
    }

    fn recorded(&self, cause: RecordId, n: u32, output: &Output) -> Record {
        Record { id: cause.output(n), at: self.now, fact: output.fact() }
    }

    fn note(&mut self, id: RecordId, output: &Output) {
        match output {
            Output::Moved(_, kind, transition) => {
                let begins = matches!(kind, Kind::Offered | Kind::Claimed | Kind::Landing);
                assert!(!(begins && transition.course.hold.is_some()), "held, and begun: {}", transition.say);
                let line = format!("{}  [{} · {}]", transition.say, kind.name(), transition.after);
                self.say(&line);
            }
            Output::Ordered(order) => {
                if let Some(line) = self.line(order) {
                    self.say(&format!("→ {line}"));
                }
                if let Order::Agent { offer, .. } = order {
                    self.fences.insert(offer.item.number.0, offer.fence);
                    self.branches.insert(offer.item.number.0, offer.branch.clone());
                }
                self.targets_are_free(order);
                self.open.push_back((id, order.clone()));
            }
        }
    }

    /// A target has at most one open order.
    fn targets_are_free(&self, order: &Order) {
        let target = order.target();
        let open = self.open.iter().find(|(_, open)| target.is_some() && open.target() == target);
        assert!(open.is_none(), "two orders are open for one target: {:?} and {order:?}", open.unwrap().1);
    }

    pub(crate) fn say(&mut self, line: &str) {
        for line in line.lines() {
            let _ = writeln!(self.said, "    {}", self.names.shown(line));
        }
    }

    pub(crate) fn is_silent(&self, verb: &str) -> bool {
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
            _ if self.is_silent(order.verb().name()) => return None,
            GithubOrder::Tell { .. } | GithubOrder::Judge { .. } | GithubOrder::Close { .. } => Left::Nothing,
            GithubOrder::Look { pull, .. } => Left::Look(Box::new(self.look(*pull)?)),
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
            more_authors: played.more_authors,
            updated_at: self.now.max(played.pull.updated_at),
        })
    }

    /// Whether an order of this verb is open.
    pub(crate) fn is_open(&self, verb: &str) -> bool {
        self.open.iter().any(|(_, order)| verb_of(order) == Some(verb))
    }

    /// Ends the oldest open order of this verb.
    pub(crate) fn end(&mut self, verb: &str, end: End) {
        let place = self.open.iter().position(|(_, order)| verb_of(order) == Some(verb));
        let (id, _) = self.open.remove(place.unwrap_or_else(|| panic!("no `{verb}` is open"))).unwrap();
        self.tell(Fact::Outcome(id, end));
    }

    /// How much was told so far: a number that is new each time.
    pub(crate) fn told_count(&self) -> usize {
        self.told.len() + 100
    }

    /// The name of a pull request's head.
    pub(crate) fn head_of(&self, pull: u64) -> String {
        self.names.shown(&self.pulls[&pull].pull.head.short())
    }

    /// The issue, where work on it was ever offered.
    pub(crate) fn was_offered(&self, issue: u64) -> Option<u64> {
        self.fences.contains_key(&issue).then_some(issue)
    }

    /// One of the commits that landed.
    pub(crate) fn landed(&self, which: u8) -> Option<String> {
        let landed = self.pulls.values().filter_map(|played| match played.pull.state {
            PullState::Merged { commit } => Some(commit),
            _ => None,
        });
        let landed: Vec<Oid> = landed.collect();
        Some(self.names.shown(&landed.get(usize::from(which) % landed.len().max(1))?.short()))
    }

    /// The open pull request whose merge was ordered first.
    pub(crate) fn pull_that_lands(&self) -> Option<u64> {
        self.open.iter().find_map(|(_, order)| match order {
            Order::Github { order, .. } => match order.as_ref() {
                GithubOrder::Merge { pull, .. } if self.pulls[&pull.0].pull.state == PullState::Open => Some(pull.0),
                _ => None,
            },
            _ => None,
        })
    }

    /// The work of an item that was last offered.
    pub(crate) fn last_fence(&self, number: u64) -> Fence {
        *self.fences.get(&number).unwrap_or_else(|| panic!("#{number} was never offered"))
    }

    pub(crate) fn merged(&mut self, number: u64, commit: Oid) {
        let pull = self.pulls.get_mut(&number).unwrap();
        pull.pull.state = PullState::Merged { commit };
    }
}

const fn is_githubs(fact: &Fact) -> bool {
    matches!(fact, Fact::Issue(..) | Fact::Pull(..) | Fact::Review(..) | Fact::Check(..) | Fact::Branch(..))
}

fn verb_of(order: &Order) -> Option<&'static str> {
    match order {
        Order::Github { order, .. } => Some(order.verb().name()),
        Order::Deploy { order, .. } => Some(order.verb().name()),
        Order::Agent { .. } | Order::Say { .. } => None,
    }
}
