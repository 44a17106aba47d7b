//! The machine without a network: records a second on one core with 10,000 open items, what an item weighs, and whether
//! the past slows it down.

use bus::{
    RecordId,
    catalogue::{
        agent::Verdict,
        cmd::GithubOrder,
        outcome::{End, Left, Look, PullState},
    },
    commit::Oid,
    number::{IssueNumber, ItemKey, PullNumber, RepositoryId},
};
use conductor::{
    machine::{
        Fact, Order, Output, Record, Rules, State,
        fact::{Check, Claim, Conclusion, Issue, Place, Pull, Review, Says},
        state::{Ended, Ending},
        step,
    },
    testing,
};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::{
    Scale,
    row::{Bound, Row, median, rate},
    webhooks::memory,
    world::{in_its_own_process, processor_time},
};

const ITEMS: usize = 10_000;
const REPOSITORIES: u64 = 100;
const RECORDS: usize = 300_000;

/// The items that ended, for each that is open.
const HISTORY: usize = 100;

/// What the process of its own tells.
#[derive(Serialize, Deserialize)]
struct Told {
    /// Records a second, with nothing that ended.
    fresh: f64,
    /// The same, with the history.
    old: f64,
    /// Bytes of an open item.
    open: f64,
    /// Bytes of an ended one.
    ended: f64,
}

pub async fn run(scale: Scale) -> Vec<Row> {
    let mut told = Vec::new();
    for _ in 0..scale.pairs() {
        told.push(in_its_own_process::<Told>(scale, "machine").await);
    }
    let middle = |figure: fn(&Told) -> f64| median(told.iter().map(figure));
    let slower: Vec<(f64, f64)> = told.iter().map(|told| (told.fresh, told.old)).collect();
    vec![
        Row::of_value(
            "machine, mixed records, 10,000 open items, one core",
            middle(|told| told.fresh),
            "rec/s",
            Bound::AtLeast(100_000.0),
        ),
        Row::of_value("machine, an open item", middle(|told| told.open), "B", Bound::AtMost(4096.0)),
        Row::of_value("machine, an ended item", middle(|told| told.ended), "B", Bound::AtMost(200.0)),
        Row::of_pairs("machine, with 100 times the history", "rec/s", "with it", &slower, Bound::AtMost(1.2)),
    ]
}

/// The process of its own: its memory is its own.
pub fn serve(scale: Scale) {
    let before = resident();
    let mut town = Town::new(scale.of(ITEMS, 200));
    let open = (resident() - before) / town.items as f64;
    let count = scale.of(RECORDS, 2_000);
    // What is settled once is not settled again.
    town.rate(count);
    let fresh = town.rate(count);
    let before = resident();
    let remembered = town.remember(scale.of(ITEMS * HISTORY, 2_000));
    let ended = (resident() - before) / remembered as f64;
    let told = Told { fresh, old: town.rate(count), open, ended };
    println!("{}", serde_json::to_string(&told).unwrap());
}

fn resident() -> f64 {
    memory(std::process::id(), "VmRSS:") * 1e6
}

/// A machine in the middle of its work: half of the items wait for their turn, half have a pull request.
struct Town {
    state: State,
    rules: Rules,
    items: usize,
    now: OffsetDateTime,
    count: u64,
}

impl Town {
    fn new(items: usize) -> Self {
        let mut town = Self { state: State::new(), rules: rules(), items, now: OffsetDateTime::UNIX_EPOCH, count: 0 };
        for n in 0..items {
            let issue = town.issue(n);
            town.tell(Fact::Issue(place(n), issue));
            if n % 2 == 0 {
                let pull = town.pull(n);
                town.tell(Fact::Pull(place(n), pull));
            }
        }
        assert_eq!(town.state.items.len(), items);
        town
    }

    /// Ended items, as many as that; returns how many.
    fn remember(&mut self, count: usize) -> usize {
        for n in 0..count as u64 {
            let key = ItemKey { repository: RepositoryId(n % REPOSITORIES), issue: IssueNumber(1_000_000 + n) };
            let (end, pull) = (Ending::Live { commit: oid(n, 9) }, Some(PullNumber(n)));
            let known_at = OffsetDateTime::UNIX_EPOCH;
            let ended = Ended { end, generation: 4, pull, unwanted_at: Some(known_at), known_at };
            self.state.ended.insert(key, ended);
        }
        count
    }

    fn rate(&mut self, count: usize) -> f64 {
        let records: Vec<Fact> = (0..count).map(|n| self.mixed(n)).collect();
        let begin = processor_time();
        for fact in records {
            self.tell(fact);
        }
        rate(count, processor_time() - begin)
    }

    /// Of ten records four are of checks, two of issues, one each of a pull request, a review and an agent, and one is none
    /// of the machine's business, or the tick.
    fn mixed(&mut self, n: usize) -> Fact {
        let item = (n * 7919 % self.items) & !1;
        self.now += Duration::milliseconds(1);
        match n % 10 {
            0..4 => Fact::Check(place(item), check(item, n)),
            4 | 5 => Fact::Issue(place(item), self.issue(item)),
            6 => Fact::Pull(place(item), self.pull(item)),
            7 => Fact::Review(place(item), review(item, n as u64)),
            8 => Fact::Claim(alive()),
            _ if n % 1000 == 999 => Fact::Tick,
            _ => Fact::Other,
        }
    }

    /// Tells the machine, and answers what it asks of GitHub.
    fn tell(&mut self, fact: Fact) {
        let mut open = vec![fact];
        while let Some(fact) = open.pop() {
            self.count += 1;
            let record =
                Record { id: RecordId::from(uuid::Uuid::from_u128(u128::from(self.count))), at: self.now, fact };
            let outputs = step(&mut self.state, &self.rules, &record);
            for (n, output) in (0..).zip(outputs) {
                open.extend(self.answer(record.id.output(n), output));
            }
        }
    }

    fn answer(&self, id: RecordId, output: Output) -> Option<Fact> {
        let Output::Ordered(Order::Github { order, .. }) = output else {
            return None;
        };
        let left = match *order {
            GithubOrder::Look { pull, head } => Left::Look(Box::new(self.look(pull, head))),
            GithubOrder::Merge { .. } | GithubOrder::Update { .. } => return None,
            _ => Left::Nothing,
        };
        Some(Fact::Outcome(id, End::Done { left }))
    }

    fn look(&self, pull: PullNumber, head: Oid) -> Look {
        Look {
            pull,
            head,
            tree: oid(pull.0, 2),
            run: None,
            base: oid(0, 3),
            behind: 0,
            state: PullState::Open,
            draft: false,
            mergeable: Some(true),
            patch: format!("{:064x}", pull.0),
            authors: vec!["dev-e[bot]".to_owned()],
            more_authors: false,
            updated_at: self.now,
        }
    }

    fn issue(&self, n: usize) -> Issue {
        Issue {
            number: number(n),
            title: format!("Greet visitor {n} by name"),
            body: "The page says Hello, and the name.".to_owned(),
            author: "ada".to_owned(),
            labels: vec!["agent-ready".to_owned()],
            open: true,
            updated_at: self.now,
            by: Some("ada".to_owned()),
        }
    }

    fn pull(&self, n: usize) -> Pull {
        Pull {
            number: PullNumber(number(n).0 + 1_000_000),
            title: format!("Greet visitor {n} by name"),
            author: "dev-e[bot]".to_owned(),
            member: true,
            branch: Some(format!("rig/{}-greet", number(n).0)),
            head: oid(n as u64, 1),
            base: "main".to_owned(),
            closes: vec![number(n)],
            labels: Vec::new(),
            draft: false,
            state: PullState::Open,
            mergeable: None,
            updated_at: self.now,
            by: Some("dev-e[bot]".to_owned()),
        }
    }
}

fn number(n: usize) -> IssueNumber {
    IssueNumber(n as u64 / REPOSITORIES + 1)
}

fn place(n: usize) -> Place {
    let id = n as u64 % REPOSITORIES;
    Place { id: RepositoryId(id), name: format!("acme/site-{id}"), default_branch: "main".to_owned() }
}

fn oid(n: u64, salt: u8) -> Oid {
    let mut bytes = [salt; 20];
    bytes[..8].copy_from_slice(&n.to_be_bytes());
    Oid::of(bytes)
}

fn check(item: usize, n: usize) -> Check {
    let conclusion = n.is_multiple_of(3).then_some(Conclusion::Cancelled);
    let (url, summary) = (String::new(), String::new());
    Check { name: "build".to_owned(), head: oid(item as u64, 1), run: n as u64, conclusion, url, summary }
}

fn review(item: usize, id: u64) -> Review {
    let pull = PullNumber(number(item).0 + 1_000_000);
    let verdict = Some(Verdict::Commented);
    Review { id, pull, reviewer: "nora".to_owned(), head: oid(item as u64, 1), member: true, verdict }
}

fn alive() -> Claim {
    let what = Says::Alive { role: "implementer".to_owned(), pool: "linux".to_owned(), resting_until: None };
    Claim { agent: "dev-e".to_owned(), fence: None, what }
}

fn rules() -> Rules {
    let names = (0..REPOSITORIES).map(|id| format!("acme/site-{id}"));
    testing::rules().repositories(names).blocking("do-not-merge").site("https://hello.example").window(64).build()
}
