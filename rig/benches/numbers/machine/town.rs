//! A machine in the middle of its work: half of the items wait for their turn, half have a pull request. Agents work on
//! as many as they have hands; what is live makes room for a new issue.

use std::collections::{BTreeMap, VecDeque};

use bus::{
    RecordId,
    catalogue::cmd::{DeployOrder, Offer},
    commit::Oid,
    number::{IssueNumber, ItemKey, PullNumber, RepositoryId},
};
use conductor::{
    machine::{
        Fact, Order, Output, Record, Rules, State,
        state::{Ended, Ending},
        step,
    },
    testing,
};
use time::{Duration, OffsetDateTime};

use super::{
    doors,
    tells::{self, oid, place},
};
use crate::{row::rate, world::processor_time};

pub const REPOSITORIES: u64 = 100;

/// How much of the mix is made before the clock is started.
const BATCH: usize = 10_000;

pub struct Town {
    pub items: usize,
    state: State,
    rules: Rules,
    slots: Vec<Slot>,
    slot_of: BTreeMap<ItemKey, usize>,
    /// The base branch's head of each repository.
    bases: Vec<Oid>,
    /// What agents, people and GitHub tell next of the items that are in work.
    work: VecDeque<Fact>,
    now: OffsetDateTime,
    /// How many records were told.
    told: usize,
    filed: u64,
    ended: usize,
}

/// The place of an open item.
#[derive(Clone, Copy)]
pub struct Slot {
    pub key: ItemKey,
    pub has_pull: bool,
}

impl Slot {
    pub const fn pull(self) -> PullNumber {
        PullNumber(self.key.issue.0 + 10_000_000)
    }

    pub fn head(self) -> Oid {
        oid(self.key.issue.0, 1)
    }

    /// The tree of its head.
    pub fn tree(self) -> Oid {
        oid(self.key.issue.0, 2)
    }
}

impl Town {
    pub fn new(items: usize) -> Self {
        let mut town = Self {
            items,
            state: State::new(),
            rules: rules(),
            slots: Vec::new(),
            slot_of: BTreeMap::new(),
            bases: (0..REPOSITORIES).map(|n| oid(n, 3)).collect(),
            work: VecDeque::new(),
            now: OffsetDateTime::UNIX_EPOCH,
            told: 0,
            filed: 0,
            ended: 0,
        };
        for n in 0..items {
            let slot = town.file(n);
            let fact = Fact::Issue(place(slot.key), tells::issue(slot, town.now));
            town.tell(fact);
            if n % 2 == 0 {
                town.opens(slot);
                town.tell(Fact::Pull(place(slot.key), tells::pull(slot, town.now)));
            }
        }
        assert_eq!(town.state.items.len(), items);
        town
    }

    /// A new issue in this place.
    fn file(&mut self, n: usize) -> Slot {
        self.filed += 1;
        let repository = RepositoryId(n as u64 % REPOSITORIES);
        let slot = Slot { key: ItemKey { repository, issue: IssueNumber(self.filed) }, has_pull: false };
        if n == self.slots.len() {
            self.slots.push(slot);
        } else {
            self.slot_of.remove(&self.slots[n].key);
            self.slots[n] = slot;
        }
        self.slot_of.insert(slot.key, n);
        slot
    }

    fn opens(&mut self, slot: Slot) {
        self.slots[self.slot_of[&slot.key]].has_pull = true;
    }

    /// Ended items, as many as that; returns how many.
    pub fn remember(&mut self, count: usize) -> usize {
        for n in 0..count as u64 {
            let key = ItemKey { repository: RepositoryId(n % REPOSITORIES), issue: IssueNumber(100_000_000 + n) };
            let (end, pull) = (Ending::Live { commit: oid(n, 9) }, Some(PullNumber(n)));
            let known_at = OffsetDateTime::UNIX_EPOCH;
            let ended = Ended { end, generation: 4, pull, unwanted_at: Some(known_at), known_at };
            self.state.ended.insert(key, ended);
        }
        count
    }

    /// Records a second: every second one is of an item in work, the others are the mix of all that comes in besides.
    pub fn rate(&mut self, count: usize) -> f64 {
        let (before, ended, mut took) = (self.told, self.ended, std::time::Duration::ZERO);
        while self.told - before < count {
            let mix: Vec<Fact> = (0..BATCH.min(count)).map(|n| self.mixed(n)).collect();
            let begin = processor_time();
            for fact in mix {
                if let Some(work) = self.work.pop_front() {
                    self.tell(work);
                }
                self.tell(fact);
            }
            took += processor_time() - begin;
        }
        assert!(self.ended > ended, "nothing went live meanwhile");
        rate(self.told - before, took)
    }

    /// Of ten records four are of checks, two of issues, one each of a pull request, a review and an agent, and one is none
    /// of the machine's business, or the tick.
    fn mixed(&mut self, n: usize) -> Fact {
        self.now += Duration::milliseconds(1);
        let slot = self.slots[n * 7919 % self.items];
        match n % 10 {
            0..4 if slot.has_pull => Fact::Check(place(slot.key), tells::check(slot, n)),
            6 if slot.has_pull => Fact::Pull(place(slot.key), tells::pull(slot, self.now)),
            7 if slot.has_pull => Fact::Review(place(slot.key), tells::remark(slot, n as u64)),
            8 => Fact::Claim(tells::alive()),
            9 if n % 1000 == 999 => Fact::Tick,
            9 => Fact::Other,
            _ => Fact::Issue(place(slot.key), tells::issue(slot, self.now)),
        }
    }

    /// Tells the machine, and what its doors answer at once.
    fn tell(&mut self, fact: Fact) {
        let mut open = vec![fact];
        while let Some(fact) = open.pop() {
            self.told += 1;
            let record = Record { id: RecordId::from(uuid::Uuid::from_u128(self.told as u128)), at: self.now, fact };
            let outputs = step(&mut self.state, &self.rules, &record);
            for (n, output) in (0..).zip(outputs) {
                open.extend(self.answer(record.id.output(n), output));
            }
        }
    }

    fn answer(&mut self, id: RecordId, output: Output) -> Option<Fact> {
        match output {
            Output::Moved(key, _, moved) => {
                if moved.course.standing.is_end() {
                    self.is_live(key);
                }
                None
            }
            Output::Ordered(Order::Agent { offer, .. }) => {
                self.works(&offer);
                None
            }
            Output::Ordered(Order::Github { repository, order }) => {
                let base = self.bases[repository.0 as usize];
                let slot = doors::number_of(&order).and_then(|issue| self.slot(ItemKey { repository, issue }));
                let answer = doors::github(slot, base, self.now, &order);
                if answer.opens {
                    slot.into_iter().for_each(|slot| self.opens(slot));
                }
                self.bases[repository.0 as usize] = answer.base;
                self.work.extend(answer.later);
                Some(Fact::Outcome(id, answer.end))
            }
            Output::Ordered(Order::Deploy { repository, order }) => {
                let seen = match order {
                    DeployOrder::Observe { .. } => Fact::Observed(repository, self.bases[repository.0 as usize]),
                    DeployOrder::Smoke { commit } => Fact::Smoked(repository, tells::smoke(commit)),
                };
                // The probe's order ends when it has seen something, and not before.
                self.work.extend([seen, Fact::Outcome(id, doors::done())]);
                None
            }
            Output::Ordered(Order::Say { .. }) => None,
        }
    }

    fn slot(&self, key: ItemKey) -> Option<Slot> {
        self.slot_of.get(&key).map(|n| self.slots[*n])
    }

    fn works(&mut self, offer: &Offer) {
        let key = ItemKey { repository: offer.item.repository_id, issue: offer.item.number };
        if let Some(slot) = self.slot(key) {
            self.work.extend(tells::run(slot, offer));
        }
    }

    /// Its place is for a new issue.
    fn is_live(&mut self, key: ItemKey) {
        if let Some(n) = self.slot_of.get(&key).copied() {
            self.ended += 1;
            let slot = self.file(n);
            self.work.push_back(Fact::Issue(place(slot.key), tells::issue(slot, self.now)));
        }
    }
}

fn rules() -> Rules {
    let names = (0..REPOSITORIES).map(|id| format!("acme/site-{id}"));
    testing::rules().repositories(names).blocking("do-not-merge").site("https://hello.example").window(64).build()
}
