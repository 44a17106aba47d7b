//! The town: a played world, LOG as a list, and the machine behind it.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use bus::{
    Draft, RecordId,
    number::{IssueNumber, ItemKey, PullNumber, RepositoryId},
};
use bytes::Bytes;
use conductor::{
    github::inbound,
    machine::{Fact, Order, Output, Record, Rules, State, replay_under, rules::Limits, state::Ending, step},
    reading,
    testing::{self, Conservation},
};
use http::{Request, header::AUTHORIZATION};
use sandbox::{
    object::Oid,
    workflow::Conclusion,
    world::{Addresses, Answer, Effect, Form, Input, Kind, Moment, NewRepository, Outcome, Role, Target, World},
};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::{fate::Fate, people::People, reconciling::Reconciler, records};

const CHECKS: &[u8] = b"[check.test]\nrun = \"true\"\non = [\"pull_request\"]\n";

/// How often each delivery comes, and when.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Times {
    Once,
    Twice,
    /// Once nothing is left to do, all that came meanwhile, the last first.
    LateAndBackwards,
    /// As fate has it.
    ByChance,
}

pub struct Town {
    pub world: World,
    pub site: sandbox::world::RepositoryId,
    now: Moment,
    times: Times,
    tokens: BTreeMap<&'static str, String>,
    rules: Rules,
    state: State,
    twin: State,
    conservation: Conservation,
    records: u64,
    said: Vec<String>,
    pub open: VecDeque<(RecordId, Order)>,
    /// What is posted and did not come yet.
    pub late: Vec<Draft>,
    pub fate: Fate,
    pub people: People,
    /// Nothing while it is at work.
    pub reconciler: Option<Reconciler>,
    /// How many deliveries were lost.
    pub lost: u32,
    /// How many deliveries GitHub was asked for again.
    pub asked_again: u32,
    /// What people are told, in order.
    pub sentences: Vec<String>,
    /// What GitHub told last of each kind of thing.
    pub facts: BTreeMap<String, Fact>,
}

impl Town {
    pub fn new(times: Times) -> Self {
        let addresses = Addresses { api: "http://127.0.0.1:8480/api/v3".into(), html: "http://127.0.0.1:8480".into() };
        let mut world = World::new(7, addresses);
        let acme = world.account("acme", Kind::Organization);
        let logins = ["nora", "dev-e", "review-e", "conductor-e", "sam"];
        let people = logins.map(|login| world.account(login, Kind::User));
        // Who looks after webhooks, as the conductor does, may everything.
        let roles = [Role::Write, Role::Write, Role::Write, Role::Admin];
        let members = people.into_iter().zip(roles);
        let site = world.repository(&NewRepository {
            owner: acme,
            name: "hello.site",
            private: false,
            files: &[(".ci.toml", CHECKS), ("index.html", b"<h1>Hello!</h1>\n")],
            collaborators: members.collect(),
        });
        let tokens = logins.into_iter().zip(people).map(|(login, person)| (login, world.token(person))).collect();
        let target = Target { url: "http://127.0.0.1:9".into(), secret: None, form: Form::Json, insecure: false };
        let hook = world.hook(site, target, BTreeSet::from(["*".to_owned()]));
        world.take_effects();
        let now = Moment::from_millis(1_795_348_800_000);
        let (state, twin) = (State::new(), State::new());
        Self {
            world,
            site,
            now,
            times,
            tokens,
            rules: rules(),
            state,
            twin,
            conservation: Conservation::default(),
            records: 0,
            said: Vec::new(),
            open: VecDeque::new(),
            late: Vec::new(),
            sentences: Vec::new(),
            fate: Fate::default(),
            people: People::default(),
            reconciler: Some(Reconciler::new(hook)),
            lost: 0,
            asked_again: 0,
            facts: BTreeMap::new(),
        }
    }

    /// Nora files an issue that is to be taken up.
    pub fn files(&mut self, title: &str, body: &str) {
        let new = json!({"title": title, "body": body, "labels": ["agent-ready"]});
        self.ask("POST", "nora", "/repos/acme/hello.site/issues", &new, 201);
    }

    pub fn comments(&mut self, who: &str, issue: u64, body: &str) {
        let path = format!("/repos/acme/hello.site/issues/{issue}/comments");
        self.ask("POST", who, &path, &json!({ "body": body }), 201);
    }

    /// All that is ordered is done, until nothing more is.
    pub fn goes_on(&mut self) {
        for _ in 0..400 {
            self.people_answer();
            match self.open.pop_front() {
                Some((id, order)) => self.does(id, &order),
                None if self.late.is_empty() => return,
                None => std::mem::take(&mut self.late).into_iter().rev().for_each(|draft| self.log(draft)),
            }
        }
        panic!("it does not come to rest: {:?}", self.said);
    }

    /// What is ordered is done, until this happened.
    pub fn goes_on_until(&mut self, kind: &str) {
        while !self.said.iter().any(|said| said == kind) {
            let (id, order) = self.open.pop_front().expect("something is left to do");
            self.does(id, &order);
        }
    }

    /// The last words in a room.
    pub fn answer(&self) -> Option<&str> {
        self.open.iter().rev().find_map(|(_, order)| match order {
            Order::Say { say, .. } => Some(say.as_str()),
            _ => None,
        })
    }

    pub fn end_of(&self, issue: u64) -> Option<Ending> {
        let repository = RepositoryId(self.site.0);
        self.state.end_of(ItemKey { repository, issue: IssueNumber(issue) })
    }

    /// What is known.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The kinds of what happened, in order.
    pub fn told(&self) -> &[String] {
        &self.said
    }

    pub fn pulls(&self) -> Vec<PullNumber> {
        self.state.pulls.keys().map(|key| key.pull).collect()
    }

    pub fn open_orders(&self) -> usize {
        self.state.outbox.len()
    }

    pub fn tip(&self, branch: &str) -> bus::commit::Oid {
        ours(self.world.branch(self.site, branch).unwrap())
    }

    /// What is known of whatever has not ended.
    pub fn stands(&self) -> String {
        let known = self.state.repositories.values().next().map(|known| format!("base {:?}", known.base_head()));
        format!("{:#?}\n{known:?}\n{:#?}", self.state.items, self.state.pulls)
    }

    /// Somebody asks the world; what it posts is logged.
    #[track_caller]
    pub fn ask(&mut self, method: &str, who: &str, path: &str, body: &Value, status: u16) -> Value {
        let (answered, json) = self.try_to(method, who, path, body);
        assert_eq!(answered, status, "{method} {path}: {json}");
        json
    }

    pub fn try_to(&mut self, method: &str, who: &str, path: &str, body: &Value) -> (u16, Value) {
        let answer = self.answer_to(method, who, path, body);
        (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap_or(Value::Null))
    }

    /// What stands there.
    pub fn shows(&mut self, path: &str) -> Value {
        self.ask("GET", "conductor-e", path, &Value::Null, 200)
    }

    pub fn answer_to(&mut self, method: &str, who: &str, path: &str, body: &Value) -> Answer {
        let bytes = if body.is_null() { Bytes::new() } else { serde_json::to_vec(body).unwrap().into() };
        let authorization = format!("Bearer {}", self.tokens[who]);
        let request =
            Request::builder().method(method).uri(path).header(AUTHORIZATION, authorization).body(bytes).unwrap();
        self.input(&Input::Request(request)).expect("a request is answered")
    }

    /// What time it is.
    pub fn at(&self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.now.seconds()).unwrap()
    }

    fn input(&mut self, input: &Input) -> Option<Answer> {
        self.now = Moment::from_millis(self.now.millis() + 1000);
        loop {
            let output = self.world.step(self.now, input);
            self.carry_out(output.effects);
            let Some(question) = output.unknown else { return output.answer };
            let merged = self.world.merge_by_path(question);
            self.world.step(self.now, &Input::Learned(question, merged));
        }
    }

    /// What came of something that was done to the world itself.
    pub fn carry(&mut self) {
        let effects = self.world.take_effects();
        self.carry_out(effects);
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Deliver(id) => {
                    let post = self.world.post(id).unwrap();
                    let draft = inbound::draft(&post.headers, &post.body, OffsetDateTime::UNIX_EPOCH).unwrap();
                    let mut status = 202;
                    match self.times {
                        Times::Once => self.log(draft),
                        Times::Twice => [draft.clone(), draft].into_iter().for_each(|draft| self.log(draft)),
                        Times::LateAndBackwards => self.late.push(draft),
                        Times::ByChance => status = self.draws(draft),
                    }
                    self.input(&Input::Delivered(id, Outcome { status, millis: 1, said: String::new() }));
                }
                Effect::Ask(question) => {
                    let merged = self.world.merge_by_path(question);
                    self.input(&Input::Learned(question, merged));
                }
                Effect::Run(work) => {
                    self.input(&Input::JobStarted(work.job));
                    let (conclusion, log) = (Conclusion::Success, Bytes::new());
                    self.input(&Input::JobEnded { job: work.job, conclusion, log });
                }
                _ => {}
            }
        }
    }

    /// A record is stored, read and decided; what follows is stored, too, and has to be read as it was said.
    pub fn log(&mut self, draft: Draft) {
        let event = draft.subject.kind().map(ToString::to_string).unwrap_or_default();
        let read = self.read(draft);
        if read.fact != Fact::Other {
            self.facts.insert(event, read.fact.clone());
        }
        // What comes again does not cause again what it caused before: the conductor tells them apart by their place.
        let record = Record { id: read.id.named(&self.records.to_string()), ..read };
        let outputs = step(&mut self.state, &self.rules, &record);
        let mut recorded = Vec::new();
        for (n, output) in (0..).zip(outputs) {
            let id = record.id.output(n);
            let read = self.read(records::said(id, &output));
            assert_eq!((read.id, &read.fact), (id, &output.fact()));
            recorded.push(read);
            match output {
                Output::Moved(_, kind, transition) => {
                    self.said.push(kind.name().to_owned());
                    self.sentences.push(format!("{}: {}", transition.item.number, transition.say));
                }
                Output::Ordered(order) => self.open.push_back((id, order)),
            }
        }
        replay_under(&mut self.twin, &self.rules, &record, &recorded, &mut self.conservation);
        assert_eq!(self.twin, self.state, "the past, read and replayed, gives another state");
    }

    pub fn read(&mut self, draft: Draft) -> Record {
        self.records += 1;
        let stored_at = self.at();
        let stored = records::stored(draft, self.records, stored_at);
        let record = reading::read(&stored);
        assert_eq!(record.at, stored_at);
        assert!(record.fact != Fact::Other || stored.subject.starts_with("rig.evt.github."), "{}", stored.subject);
        record
    }
}

/// The sandbox knows none of our types.
pub fn ours(oid: Oid) -> bus::commit::Oid {
    oid.to_string().parse().unwrap()
}

fn rules() -> Rules {
    let limits = Limits { backoff: Duration::from_secs(1), ..Limits::default() };
    testing::rules().check("test").principals("dev-e", "review-e", "conductor-e").limits(limits).build()
}
