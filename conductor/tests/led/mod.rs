//! Conductors on a real server, and a look at all that they wrote.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    dead_code,
    unreachable_pub,
    reason = "shared by tests"
)]

pub(crate) mod proxy;

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    ops::ControlFlow,
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

use axum::http::{HeaderMap, HeaderValue};
use bus::{
    Draft, Envelope, RecordId, Sequenced, Subject, Token,
    catalogue::{Kind, conductor::Step, due::Tick},
    connect::{Connection, connect, connect_in_background},
    envelope::now,
    number::RepositoryId,
    publish::{Options, Publisher},
    stream::{self, Epoch},
};
use conductor::{
    driver::{Driver, Error, Report, Role, Settings, known_at},
    github::inbound,
    machine::{Fact, Record, Rules, State, rules::Skill, step},
    reading::read,
    testing::{self, AtTheEnd},
};
use serde_json::{Value, json};
use tokio::{sync::watch, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::stage::{PATIENCE, Stage, until, url, when};

/// A server, and somebody who tells what happens.
///
/// When it is dropped, everything in LOG is looked at once more, record by record.
pub(crate) struct World {
    // Before the server that it needs.
    _conserved: AtTheEnd,
    pub(crate) stage: Stage,
    publisher: Publisher,
}

impl World {
    pub(crate) async fn new() -> Self {
        let stage = Stage::new().await;
        let publisher = Publisher::start(&stage.operator, Options { wait: PATIENCE, ..Options::default() });
        // What may be offered changes nothing of the past.
        let conserved = AtTheEnd::of(url(stage.nats.client_address(), "operator"), window(1));
        Self { _conserved: conserved, stage, publisher }
    }

    pub(crate) fn server(&self) -> SocketAddr {
        self.stage.nats.client_address()
    }

    pub(crate) async fn connect(&self, user: &str) -> Connection {
        connect(&url(self.server(), user), "test", PATIENCE).await.unwrap()
    }

    /// Somebody files an issue; says where it stands in LOG.
    pub(crate) async fn file(&self, number: u64) -> u64 {
        let body = issue(number).to_string();
        let mut headers = HeaderMap::new();
        headers.insert(inbound::EVENT, HeaderValue::from_static("issues"));
        headers.insert(inbound::DELIVERY, HeaderValue::from_str(&RecordId::new().to_string()).unwrap());
        let draft = inbound::draft(&headers, body.as_bytes(), now()).unwrap();
        self.publisher.publish(draft).await.unwrap().sequence
    }

    pub(crate) async fn file_all(&self, numbers: std::ops::Range<u64>) {
        futures::future::join_all(numbers.map(|number| self.file(number))).await;
    }

    /// The clock ticks, under the id that all ticks have; says where it stands in LOG.
    pub(crate) async fn tick(&self) -> u64 {
        let subject = Subject::Due { kind: Token::of("tick") };
        let id = RecordId::from(uuid::Uuid::from_u128(30));
        let envelope = Envelope::new(id, Kind::DueTick.type_name(), "/test", now(), Tick { say: String::new() });
        let body = serde_json::to_vec(&envelope).unwrap();
        let sent = self.stage.operator.jetstream().publish(subject.to_string(), body.into()).await.unwrap();
        sent.await.unwrap().sequence
    }

    pub(crate) async fn publish<D: serde::Serialize>(
        &self,
        subject: Subject,
        kind: Kind,
        id: RecordId,
        data: D,
    ) -> u64 {
        let envelope = Envelope::new(id, kind.type_name(), "/test", now(), data);
        self.publisher.publish(Draft::new(subject, &envelope).unwrap()).await.unwrap().sequence
    }

    pub(crate) async fn last(&self) -> u64 {
        stream::log_state(&self.stage.operator.jetstream()).await.unwrap().last
    }

    pub(crate) async fn log(&self) -> Log {
        let epoch = stream::log_state(&self.stage.operator.jetstream()).await.unwrap().epoch;
        Log { epoch, records: self.stage.records().await }
    }

    /// What a conductor knows that reads up to this number.
    pub(crate) async fn folded(&self, rules: Rules, number: u64) -> State {
        known_at(&self.stage.operator, rules, read, Some(number)).await.unwrap().state
    }

    /// Everything that was ever decided is what the machine says, once, and LOG folded is what the machine knows.
    pub(crate) async fn is_sound(&self, rules: &Rules) -> Log {
        let log = self.log().await;
        let decided = log.decided_again(rules);
        let folded = self.folded(rules.clone(), log.last()).await;
        assert!(folded == decided, "what is folded is not what was decided; {}", log.last());
        log
    }
}

/// Rules under which so many issues are worked on at once.
pub(crate) fn window(window: u32) -> Rules {
    testing::rules().only(Skill::Implementer).window(window).build()
}

/// Rules under which nothing is offered, and whoever waits is reminded of at every tick.
pub(crate) fn impatient() -> Rules {
    let mut rules = window(0);
    rules.limits.queue = Duration::from_millis(1);
    rules
}

/// The repository of the tests.
pub(crate) const REPOSITORY: RepositoryId = RepositoryId(7);

/// What GitHub sends of an issue that got its label.
fn issue(number: u64) -> Value {
    json!({
        "action": "labeled",
        "issue": {
            "number": number,
            "title": format!("Greet visitor {number}"),
            "body": "Say hello, and by name.",
            "user": { "login": "ada" },
            "labels": [{ "name": "agent-ready" }],
            "state": "open",
            "updated_at": "2026-11-22T09:00:00Z",
        },
        "repository": {
            "id": REPOSITORY,
            "name": "hello.site",
            "full_name": "acme/hello.site",
            "default_branch": "main",
            "owner": { "login": "acme" },
        },
        "sender": { "login": "ada" },
    })
}

/// Everything that LOG holds.
pub(crate) struct Log {
    pub(crate) epoch: Epoch,
    pub(crate) records: Vec<Sequenced>,
}

impl Log {
    pub(crate) fn is_own(record: &Sequenced) -> bool {
        record.subject.starts_with("rig.evt.work.") || record.subject.starts_with("rig.cmd.")
    }

    pub(crate) fn last(&self) -> u64 {
        self.records.last().map_or(0, |record| record.sequence)
    }

    /// The step records, with where they stand.
    pub(crate) fn steps(&self) -> Vec<(u64, Step)> {
        let steps = self.records.iter().filter(|record| record.subject == "rig.evt.conductor.step");
        steps.map(|record| (record.sequence, record.decode().unwrap().1.open().unwrap())).collect()
    }

    pub(crate) fn own(&self) -> Vec<&Sequenced> {
        self.records.iter().filter(|record| Self::is_own(record)).collect()
    }

    /// The records on subjects that end so.
    pub(crate) fn ending(&self, end: &str) -> Vec<&Sequenced> {
        self.records.iter().filter(|record| record.subject.ends_with(end)).collect()
    }

    /// The inputs up to a number, each under the id from which what it causes has its ids.
    fn inputs(&self, through: u64) -> Vec<Record> {
        let inputs = self.records.iter().filter(|record| {
            record.sequence <= through && !Self::is_own(record) && record.subject != "rig.evt.conductor.step"
        });
        let named = |stored: &Sequenced| {
            let record = read(stored);
            let repeats = matches!(record.fact, Fact::Tick | Fact::Due(_));
            let place = format!("{}/{}", self.epoch, stored.sequence);
            Record { id: if repeats { record.id.named(&place) } else { record.id }, ..record }
        };
        inputs.map(named).collect()
    }

    /// Decides everything again, and compares it with what LOG holds: the same outputs under the same ids, none
    /// missing, none doubled, none more; terms and positions that only go up; each output behind the step that covers
    /// its input.
    pub(crate) fn decided_again(&self, rules: &Rules) -> State {
        let steps = self.steps();
        for pair in steps.windows(2) {
            let ((_, before), (_, after)) = (&pair[0], &pair[1]);
            assert!(before.term <= after.term && before.through <= after.through, "{before:?} {after:?}");
        }
        let through = steps.last().map_or(0, |(_, step)| step.through);
        let mut said: HashMap<RecordId, Fact> = HashMap::new();
        for record in self.own() {
            let Record { id, fact, .. } = read(record);
            assert!(said.insert(id, fact).is_none(), "{} is there twice", record.subject);
        }
        let mut state = State::new();
        for input in self.inputs(through) {
            for (n, output) in step(&mut state, rules, &input).iter().enumerate() {
                let found = said.remove(&input.id.output(n.try_into().unwrap()));
                assert_eq!(found, Some(output.fact()), "output {n} of {input:?}");
            }
        }
        assert!(said.is_empty(), "nobody decided {said:?}");
        state
    }
}

/// A conductor in this process.
pub(crate) struct Conductor {
    pub(crate) report: watch::Receiver<Report>,
    cancel: CancellationToken,
    task: JoinSet<Result<(), Error>>,
}

impl Conductor {
    pub(crate) async fn start(server: SocketAddr, rules: Rules) -> Self {
        Self::start_with(server, rules, Settings::default()).await
    }

    pub(crate) async fn start_with(server: SocketAddr, rules: Rules, settings: Settings) -> Self {
        let connection = connect_in_background(&url(server, "conductor"), "conductor").await.unwrap();
        let driver = Driver::new(&connection, rules, settings, read);
        let (report, cancel, mut task) = (driver.report(), CancellationToken::new(), JoinSet::new());
        task.spawn(driver.run(cancel.clone()));
        Self { report, cancel, task }
    }

    pub(crate) fn now(&self) -> Report {
        *self.report.borrow()
    }

    pub(crate) async fn leads(&mut self) -> u64 {
        self.so(|report| report.role == Role::Leading).await.term
    }

    /// Waits until everything up to this number is decided.
    pub(crate) async fn decided(&mut self, number: u64) {
        self.so(|report| report.through >= number).await;
    }

    async fn so(&mut self, so: impl Fn(&Report) -> bool) -> Report {
        let Self { report, task, .. } = self;
        let waited = tokio::select! {
            found = tokio::time::timeout(PATIENCE, report.wait_for(&so)) => found.ok().map(|found| *found.unwrap()),
            ended = task.join_next() => panic!("the conductor ended: {ended:?}"),
        };
        waited.unwrap_or_else(|| panic!("the conductor only came to {:?}", self.now()))
    }

    pub(crate) async fn stop(mut self) {
        self.cancel.cancel();
        self.task.join_next().await.unwrap().unwrap().unwrap();
    }

    /// Whether it still goes on; if not, it was superseded.
    pub(crate) fn goes_on(&mut self) -> bool {
        match self.task.try_join_next().map(Result::unwrap) {
            None => true,
            Some(Err(Error::Superseded { .. })) => false,
            Some(ended) => panic!("it ended: {ended:?}"),
        }
    }

    pub(crate) async fn end(mut self) -> Result<(), Error> {
        tokio::time::timeout(PATIENCE, self.task.join_next()).await.unwrap().unwrap().unwrap()
    }
}

/// A conductor as a process of its own, killed when dropped.
pub(crate) struct Process {
    child: Child,
    says: BufReader<ChildStdout>,
}

impl Process {
    pub(crate) fn start(server: SocketAddr, window: u32) -> Self {
        let tests = std::env::current_exe().unwrap();
        let program = tests.ancestors().nth(2).unwrap().join("examples/led");
        assert!(program.exists(), "{} is built with all targets of this crate", program.display());
        let mut command = Command::new(program);
        command.arg(window.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        writeln!(child.stdin.take().unwrap(), "{}", url(server, "conductor")).unwrap();
        let says = BufReader::new(child.stdout.take().unwrap());
        Self { child, says }
    }

    /// The next line that it says.
    pub(crate) async fn says(mut self) -> (Self, String) {
        let line = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            self.says.read_line(&mut line).unwrap();
            (self, line.trim().to_owned())
        });
        tokio::time::timeout(PATIENCE, line).await.unwrap().unwrap()
    }

    pub(crate) async fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(tokio::process::Command::new("kill").args([signal, &pid]).status().await.unwrap().success());
    }

    /// kill -9.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until a condition of the world holds.
pub(crate) async fn until_so(what: &str, mut so: impl AsyncFnMut() -> bool) {
    until(what, async || -> ControlFlow<()> { when(so().await) }).await;
}

pub(crate) const SECOND: Duration = Duration::from_secs(1);
