//! Conductors on a real server: what is decided once, by whom, and what is left when they die.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod led;
mod stage;

use std::{
    collections::BTreeMap,
    panic::catch_unwind,
    time::{Duration, Instant},
};

use bus::{
    Draft, Envelope, RecordId, Sequenced, Subject, Token, Trust,
    catalogue::{
        Kind,
        agent::{self, Claimed, Failure, Fence},
        chat::Said,
        cmd::{Offer, Verb},
        conductor::Step,
        dead::Parked,
        due::Deadline,
        outcome::{End, Left, Outcome},
    },
    connect::Connection,
    envelope::now,
    number::{IssueNumber, ItemKey},
    publish::fenced,
    roles::Role,
    service::{self, run, why},
    snapshot,
};
use conductor::{
    driver::{self, Error, Settings},
    reading::read,
    testing::AtTheEnd,
};
use led::{Conductor, Log, Process, REPOSITORY, SECOND, World, impatient, proxy::Proxy, until_so, window};
use rand::{Rng, SeedableRng, rngs::SmallRng};
use serde_json::json;
use stage::{AGENT, PATIENCE, Stage, url};

/// Nobody is waited for.
fn hasty() -> Settings {
    Settings { patience: Duration::ZERO, ..Settings::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_decided_stands_behind_its_step_and_names_its_cause() {
    let world = World::new().await;
    let filed = world.file(42).await;
    let mut conductor = Conductor::start(world.server(), window(1)).await;
    assert_eq!(conductor.leads().await, 1);
    conductor.decided(filed).await;
    let log = world.is_sound(&window(1)).await;
    let steps: Vec<_> = log.steps().into_iter().map(|(_, step)| (step.term, step.through)).collect();
    assert_eq!(steps, [(1, 0), (1, filed)]);
    let subjects: Vec<_> = log.own().iter().map(|record| record.subject.as_str()).collect();
    assert!(subjects.contains(&"rig.evt.work.acme.hello%2Esite.42.offered"), "{subjects:?}");
    assert!(subjects.contains(&"rig.cmd.agent.implementer.linux.offer"), "{subjects:?}");
    assert!(subjects.contains(&"rig.cmd.github.acme.hello%2Esite.tell"), "{subjects:?}");
    let cause = read(&log.records[0]).id;
    for (n, record) in log.own().into_iter().enumerate() {
        let (_, envelope) = record.decode().unwrap();
        assert_eq!((envelope.cause, envelope.id), (Some(cause), cause.output(n.try_into().unwrap())));
        assert_eq!((envelope.subject.as_deref(), envelope.trust), (Some("acme/hello.site#42"), Trust::Operator));
        assert!(!envelope.say().is_empty(), "{}", record.subject);
    }
    conductor.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ticks_share_an_id_and_what_they_cause_does_not() {
    let world = World::new().await;
    let mut conductor = Conductor::start(world.server(), impatient()).await;
    world.file_all(1..4).await;
    for _ in 0..3 {
        let number = world.tick().await;
        conductor.decided(number).await;
    }
    let log = world.is_sound(&impatient()).await;
    assert!(log.ending(".reminded").len() >= 6, "each tick reminded of each");
    conductor.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f_005_a_channel_that_comes_late_is_waited_for() {
    let world = World::new().await;
    world.file(1).await;
    world.stage.nats.kill().await;
    let mut conductor = Conductor::start(world.server(), window(1)).await;
    assert_eq!(conductor.now().role, driver::Role::Waiting);
    world.stage.nats.restart().await.unwrap();
    assert_eq!(conductor.leads().await, 1);
    let filed = world.file(2).await;
    conductor.decided(filed).await;
    assert_eq!(world.is_sound(&window(1)).await.ending(".queued").len(), 2);
    conductor.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f_006_what_comes_in_an_outage_is_decided_once() {
    let world = World::new().await;
    let mut conductor = Conductor::start(world.server(), window(3)).await;
    conductor.leads().await;
    let mut random = SmallRng::seed_from_u64(6);
    for round in 0..5 {
        let numbers = round * 50..round * 50 + 50;
        let outage = async {
            tokio::time::sleep(Duration::from_millis(random.random_range(0..60))).await;
            world.stage.nats.kill().await;
            world.stage.nats.restart().await.unwrap();
        };
        tokio::join!(world.file_all(numbers), outage);
    }
    let filed = world.file(250).await;
    conductor.decided(filed).await;
    let log = world.is_sound(&window(3)).await;
    assert_eq!(log.ending(".queued").len(), 251);
    assert_eq!(log.steps().iter().map(|(_, step)| step.term).max(), Some(1), "an outage is no change of leaders");
    conductor.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_was_lost_is_looked_up() {
    let world = World::new().await;
    let proxy = Proxy::to(world.server()).await;
    let mut conductor = Conductor::start(proxy.address, window(100)).await;
    conductor.leads().await;
    for number in 0..20 {
        proxy.cut_next(1);
        let filed = world.file(number).await;
        conductor.decided(filed).await;
        assert_eq!(proxy.to_cut(), 0, "the wire was cut behind the batch");
    }
    let log = world.is_sound(&window(100)).await;
    assert_eq!(log.steps().len(), 21, "each was stored, and stored once");
    assert_eq!(conductor.now().term, 1);
    conductor.stop().await;
}

/// Each takes over at once, whoever leads: so they supersede each other, too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_at_once_one_decides() {
    let world = World::new().await;
    let mut superseded = 0;
    for round in 0..50 {
        let filed = world.file(round).await;
        let mut first = Conductor::start_with(world.server(), window(100), hasty()).await;
        let mut second = Conductor::start_with(world.server(), window(100), hasty()).await;
        until_so("it is decided", async || first.now().through.max(second.now().through) >= filed).await;
        let lives = [first.goes_on(), second.goes_on()];
        assert!(lives.contains(&true), "round {round}");
        superseded += lives.iter().filter(|lives| !**lives).count();
        drop((first, second));
    }
    let log = world.is_sound(&window(100)).await;
    assert_eq!(log.ending(".queued").len(), 50);
    let terms = log.steps().last().unwrap().1.term;
    assert!(terms >= 50, "each round had a leader of its own");
    eprintln!("{terms} terms, {superseded} superseded");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_leader_is_followed_within_five_seconds() {
    let world = World::new().await;
    let mut random = SmallRng::seed_from_u64(9);
    let mut number = 0;
    let (mut leader, said) = Process::start(world.server(), 1000).says().await;
    assert_eq!(said, "leads 1");
    let mut longest = Duration::ZERO;
    for term in 2..6 {
        let follower = Process::start(world.server(), 1000);
        let load = async {
            for _ in 0..40 {
                number += 1;
                world.file(number).await;
            }
        };
        let kill = async {
            tokio::time::sleep(Duration::from_millis(random.random_range(0..400))).await;
            leader.kill();
            Instant::now()
        };
        let ((), killed) = tokio::join!(load, kill);
        let (follower, said) = follower.says().await;
        longest = longest.max(killed.elapsed());
        assert_eq!(said, format!("leads {term}"));
        leader = follower;
    }
    let filed = world.file(number + 1).await;
    until_so("everything is decided", async || {
        world.log().await.steps().last().is_some_and(|(_, step)| step.through >= filed)
    })
    .await;
    leader.kill();
    let log = world.is_sound(&window(1000)).await;
    assert_eq!(log.ending(".queued").len() as u64, number + 1);
    eprintln!("the longest take-over took {longest:?}");
    assert!(longest < 5 * SECOND, "{longest:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f_162_a_conductor_that_slept_is_refused() {
    let world = World::new().await;
    let (sleeper, said) = Process::start(world.server(), 100).says().await;
    assert_eq!(said, "leads 1");
    sleeper.signal("-STOP").await;
    world.file_all(0..20).await;
    let mut other = Conductor::start(world.server(), window(100)).await;
    assert_eq!(other.leads().await, 2);
    let filed = world.file(20).await;
    other.decided(filed).await;
    sleeper.signal("-CONT").await;
    let (_, said) = sleeper.says().await;
    assert_eq!(said, "ended another conductor took over: this one led term 1, LOG is in term 2");
    let filed = world.file(21).await;
    other.decided(filed).await;
    let log = world.is_sound(&window(100)).await;
    assert_eq!(log.ending(".queued").len(), 22);
    assert!(log.steps().windows(2).all(|pair| pair[0].1.term <= pair[1].1.term));
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_zombie_that_reads_nothing_is_refused_at_its_next_batch() {
    let world = World::new().await;
    let mut zombie = Conductor::start(world.server(), window(100)).await;
    zombie.leads().await;
    let steps = world.log().await.steps();
    let taken = step(9, 0, "somebody who took over");
    fenced::store(&world.stage.operator, steps[0].0, &[taken]).await.unwrap();
    world.file(1).await;
    let error = zombie.end().await.unwrap_err();
    assert!(matches!(error, Error::Superseded { term: 1, by: 9 }), "{error}");
    assert_eq!(world.log().await.own().len(), 0);
}

fn step(term: u64, through: u64, say: &str) -> Draft {
    let step = Step { say: say.to_owned(), term, through };
    let envelope = Envelope::new(RecordId::new(), Kind::ConductorStep.type_name(), "/rig/conductor", now(), step);
    Draft::new(Subject::ConductorStep, &envelope).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_than_a_batch_holds_is_stored_in_several() {
    let world = World::new().await;
    world.file_all(0..1500).await;
    let mut conductor = Conductor::start(world.server(), impatient()).await;
    let tick = world.tick().await;
    conductor.decided(tick).await;
    let log = world.is_sound(&impatient()).await;
    assert_eq!(log.ending(".reminded").len(), 1500);
    let of_the_tick: Vec<_> = log.steps().into_iter().skip_while(|(sequence, _)| *sequence < tick).collect();
    assert!(of_the_tick.len() > 1, "{of_the_tick:?}");
    conductor.stop().await;
}

/// A copy of another world's LOG, up to the middle of what one issue caused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_was_cut_is_gone_on_with_and_nothing_is_said_twice() {
    let log = cut_log().await;
    let world = World::new().await;
    for record in &log {
        let sent = world.stage.operator.jetstream().publish(record.subject.clone(), record.body.clone()).await.unwrap();
        assert_eq!(sent.await.unwrap().sequence, record.sequence);
    }
    let offered = world.log().await.ending(".offered").len();
    assert!((1..1101).contains(&offered), "{offered} were offered before the cut");

    let mut heir = Conductor::start(world.server(), window(2000)).await;
    let tick = world.tick().await;
    heir.decided(tick).await;
    heir.stop().await;
    let found = world.log().await;
    let mut ids: Vec<RecordId> = found.own().into_iter().map(|record| read(record).id).collect();
    ids.sort();
    assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "an id is there twice");
    let mut offered: Vec<&str> = found.ending(".offered").iter().map(|record| record.subject.as_str()).collect();
    offered.sort_unstable();
    offered.dedup();
    assert_eq!((offered.len(), found.ending(".offered").len()), (1101, 1101), "each is offered once");
    assert_eq!(found.ending(".offer").len(), 1101);
}

/// 1100 issues wait; then there is room for all of them, which is said to the next one.
async fn cut_log() -> Vec<Sequenced> {
    let world = World::new().await;
    world.file_all(0..1100).await;
    let mut conductor = Conductor::start(world.server(), window(0)).await;
    let tick = world.tick().await;
    conductor.decided(tick).await;
    conductor.stop().await;
    let filed = world.file(1100).await;
    let mut conductor = Conductor::start(world.server(), window(2000)).await;
    conductor.decided(filed).await;
    conductor.stop().await;
    let mut log = world.log().await;
    let last = log.steps().last().unwrap().0;
    log.records.retain(|record| record.sequence < last);
    log.records
}

/// A LOG that holds what was said to an issue, and not the issue.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_item_that_never_came_in_is_found_out_at_the_end() {
    let world = World::new().await;
    let filed = world.file(42).await;
    let mut conductor = Conductor::start(world.server(), window(1)).await;
    conductor.decided(filed).await;
    conductor.stop().await;
    let copy = Stage::new().await;
    let log = world.log().await;
    let own: Vec<_> = log.own().iter().map(|record| (record.subject.clone(), record.body.clone())).collect();
    let all_decided = step(1, own.len() as u64, "decided");
    for (subject, body) in own.into_iter().chain([(all_decided.subject.to_string(), all_decided.body)]) {
        copy.operator.jetstream().publish(subject, body).await.unwrap().await.unwrap();
    }
    let at_the_end = AtTheEnd::of(url(copy.nats.client_address(), "operator"), window(1));
    assert!(catch_unwind(|| drop(at_the_end)).is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_rules_do_not_change_the_past() {
    let world = World::new().await;
    world.file_all(0..30).await;
    let mut conductor = Conductor::start(world.server(), window(1)).await;
    let tick = world.tick().await;
    conductor.decided(tick).await;
    conductor.stop().await;
    let before = world.is_sound(&window(1)).await;
    let known = world.folded(window(1), before.last()).await;
    assert!(world.folded(window(20), before.last()).await == known, "the past under other rules is the same past");

    let mut heir = Conductor::start(world.server(), window(20)).await;
    assert_eq!(heir.leads().await, 2);
    let own = |log: &Log| log.own().iter().map(|record| record.sequence).collect::<Vec<_>>();
    assert_eq!(own(&world.log().await), own(&before), "nothing was decided anew");
    let tick = world.tick().await;
    heir.decided(tick).await;
    assert_eq!(world.log().await.ending(".offered").len(), 20, "the other rules hold from then on");
    heir.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_is_answered_by_the_leader_from_what_is_stored() {
    let world = World::new().await;
    let filed = world.file(42).await;
    let mut conductor = Conductor::start(world.server(), window(1)).await;
    conductor.decided(filed).await;
    let follower = Conductor::start(world.server(), window(1)).await;
    let log = world.log().await;
    let offer: Offer = log.ending(".offer")[0].decode().unwrap().1.open().unwrap();
    let agent = world.connect(AGENT).await;
    let fence = offer.fence;
    let next = async |fence| {
        service::ask::<_, run::Next>(&agent, &run::next(), &run::Ask { fence, after: None }, PATIENCE).await
    };
    assert_eq!(next(fence).await.unwrap(), run::Next::Ask, "it was not claimed yet");

    let claimed = Claimed { say: "I take it".to_owned(), fence };
    let subject = Subject::Agent { name: Token::of(AGENT), kind: Token::of("claimed") };
    let number = world.publish(subject, Kind::Agent(agent::Kind::Claimed), RecordId::new(), claimed).await;
    conductor.decided(number).await;
    assert_eq!(next(fence).await.unwrap(), run::Next::Go { say: Vec::new() });
    let older = Fence { generation: fence.generation - 1, ..fence };
    assert!(matches!(next(older).await.unwrap(), run::Next::Stop { .. }));
    let operator = &world.stage.operator;
    let own_side =
        service::ask::<_, run::Next>(operator, &run::next(), &run::Ask { fence, after: None }, PATIENCE).await;
    assert!(matches!(own_side, Err(service::Error::Refused(_))), "{own_side:?}");

    let asked = why::Ask { repository: Some("Acme/hello.site".to_owned()), number: IssueNumber(42), at: None };
    let answer: why::Why = service::ask(operator, &why::item(), &asked, PATIENCE).await.unwrap();
    assert!(answer.lines[0].starts_with("waits for dev-e, at work since"), "{answer:?}");
    let unknown = why::Ask { number: IssueNumber(43), ..asked.clone() };
    let unknown = service::ask::<_, why::Why>(operator, &why::item(), &unknown, PATIENCE).await.unwrap_err();
    assert_eq!(unknown.to_string(), "acme/hello.site#43 was never taken up");
    assert_eq!((answer.repository.as_str(), answer.standing.as_str()), ("acme/hello.site", "leased"));
    let alone = why::Ask { repository: None, ..asked.clone() };
    assert_eq!(service::ask::<_, why::Why>(operator, &why::item(), &alone, PATIENCE).await.unwrap(), answer);
    let before = why::Ask { at: Some(number - 1), ..alone };
    let past: why::Why = service::ask(operator, &why::past(), &before, PATIENCE).await.unwrap();
    assert_eq!(past.standing, "offered");
    assert!(past.lines[0].starts_with("waits for an agent of linux"), "{past:?}");
    let inbox: why::Inbox = service::ask(operator, &why::inbox(), &(), PATIENCE).await.unwrap();
    assert!(inbox.waiting.is_empty(), "{inbox:?}");
    let queue: why::Queue = service::ask(operator, &why::queue(), &(), PATIENCE).await.unwrap();
    assert!(queue.waiting.is_empty(), "{queue:?}");
    let counts: why::Counts = service::ask(operator, &why::counts(), &(), PATIENCE).await.unwrap();
    assert_eq!(counts.items, BTreeMap::from([("leased".to_owned(), 1)]));
    let leader: run::Leader = service::ask(operator, &run::leader(), &(), PATIENCE).await.unwrap();
    assert_eq!(leader.term, 1);
    assert_eq!(follower.now().role, driver::Role::Following);
    conductor.stop().await;
    follower.stop().await;
}

/// An issue that the agent works on.
struct Leased {
    world: World,
    conductor: Conductor,
    agent: Connection,
}

impl Leased {
    async fn new() -> Self {
        let world = World::new().await;
        let filed = world.file(42).await;
        let mut conductor = Conductor::start(world.server(), window(1)).await;
        conductor.decided(filed).await;
        let agent = world.connect(AGENT).await;
        let mut leased = Self { world, conductor, agent };
        leased.claim().await;
        leased
    }

    async fn says<D: serde::Serialize>(&mut self, kind: agent::Kind, data: D) {
        let subject = Subject::Agent { name: Token::of(AGENT), kind: Token::of(kind.name()) };
        let number = self.world.publish(subject, Kind::Agent(kind), RecordId::new(), data).await;
        self.conductor.decided(number).await;
    }

    /// The last offer.
    async fn fence(&self) -> Fence {
        let offer: Offer = self.world.log().await.ending(".offer").last().unwrap().decode().unwrap().1.open().unwrap();
        offer.fence
    }

    async fn claim(&mut self) -> Fence {
        let fence = self.fence().await;
        self.says(agent::Kind::Claimed, Claimed { say: String::new(), fence }).await;
        fence
    }

    async fn save(&self, fence: Fence, state: serde_json::Value) -> Result<run::Done, service::Error> {
        service::ask(&self.agent, &run::save(), &run::Save { fence, state }, PATIENCE).await
    }

    async fn load(&self, fence: Fence) -> Result<serde_json::Value, service::Error> {
        let kept: Result<run::Kept, _> = service::ask(&self.agent, &run::load(), &run::Load { fence }, PATIENCE).await;
        kept.map(|kept| kept.state)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_run_keeps_comes_to_whoever_has_its_task_next_and_to_nobody_else() {
    let mut leased = Leased::new().await;
    let first = leased.fence().await;
    assert_eq!(leased.load(first).await.unwrap(), serde_json::Value::Null);
    for turn in 1..=3 {
        leased.save(first, json!({ "turn": turn })).await.unwrap();
    }
    assert_eq!(leased.load(first).await.unwrap(), json!({ "turn": 3 }));
    let huge = leased.save(first, json!("x".repeat(run::LARGEST_STATE))).await;
    assert!(matches!(&huge, Err(service::Error::Refused(why)) if why.contains("bytes")), "{huge:?}");

    let failure = Failure::Incomplete;
    leased.says(agent::Kind::Failed, agent::Failed { say: String::new(), fence: first, failure }).await;
    let early = leased.load(leased.fence().await).await;
    assert!(matches!(early, Err(service::Error::Refused(_))), "it was not claimed yet: {early:?}");
    let second = leased.claim().await;
    assert_ne!(first.run, second.run);
    assert_eq!(leased.load(second).await.unwrap(), json!({ "turn": 3 }), "another run of the same task");
    for of_the_past in [leased.save(first, json!({ "turn": 4 })).await.err(), leased.load(first).await.err()] {
        let why = of_the_past.map(|error| error.to_string());
        assert_eq!(why.as_deref(), Some("this work is no longer yours"));
    }
    leased.save(second, serde_json::Value::Null).await.unwrap();
    assert_eq!(leased.load(second).await.unwrap(), serde_json::Value::Null);

    // Whoever leads next has it as well.
    leased.save(second, json!({ "turn": 1 })).await.unwrap();
    leased.conductor.stop().await;
    leased.conductor = Conductor::start(leased.world.server(), window(1)).await;
    leased.conductor.leads().await;
    assert_eq!(leased.load(second).await.unwrap(), json!({ "turn": 1 }));
    leased.conductor.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_in_the_room_of_an_item_come_with_the_word_to_go_on() {
    let mut leased = Leased::new().await;
    let mut said = Vec::new();
    for (room, say) in [
        ("acme/hello.site#42", "In blue, please."),
        ("acme/hello.site#41", "Not this one."),
        ("general", "Good morning."),
        ("acme/hello.site#42", "why"),
        ("Acme/Hello.Site#42", "And louder."),
    ] {
        let subject = Subject::ChatOperator { room: Token::of(room), who: Token::of("nora") };
        let (room, who, say) = (room.to_owned(), "nora".to_owned(), say.to_owned());
        let id = RecordId::new();
        let number = leased.world.publish(subject, Kind::ChatSaid, id, Said { say, room, who, door: None }).await;
        leased.conductor.decided(number).await;
        said.push(id);
    }
    let fence = leased.fence().await;
    let next = async |after| {
        let next: run::Next =
            service::ask(&leased.agent, &run::next(), &run::Ask { fence, after }, PATIENCE).await.unwrap();
        let run::Next::Go { say } = next else { panic!("{next:?}") };
        say.into_iter().map(|word| (word.id, format!("{}: {}", word.who, word.say))).collect::<Vec<_>>()
    };
    let all = [(said[0], "nora: In blue, please.".to_owned()), (said[4], "nora: And louder.".to_owned())];
    assert_eq!(next(None).await, all);
    assert_eq!(next(Some(said[0])).await, all[1..]);
    assert!(next(Some(said[4])).await.is_empty());
    leased.world.is_sound(&window(1)).await;
    leased.conductor.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_offer_that_an_agent_hands_in_is_given_up_as_a_record() {
    let leased = Leased::new().await;
    let subject = "rig.cmd.agent.implementer.linux.offer";
    let sent = leased.world.stage.operator.jetstream().publish(subject, "words".into()).await.unwrap();
    let sequence = sent.await.unwrap().sequence;
    let park = async |sequence| {
        let park = run::Park { sequence, deliveries: 3, error: "expected value at line 1".to_owned() };
        service::ask::<_, run::Done>(&leased.agent, &run::park(), &park, PATIENCE).await
    };
    park(sequence).await.unwrap();
    park(sequence).await.unwrap();
    let log = leased.world.log().await;
    let dead = log.ending("rig.evt.dead.agent-implementer-linux");
    assert_eq!(dead.len(), 1, "twice is once");
    let parked: Parked = dead[0].decode().unwrap().1.open().unwrap();
    assert_eq!((parked.sequence, parked.deliveries, parked.subject.as_str()), (sequence, 3, subject));
    assert_eq!(parked.errors, ["dev-e: expected value at line 1"]);
    for other in [1, sequence + 1000] {
        assert!(matches!(park(other).await, Err(service::Error::Refused(_))), "{other}");
    }
    leased.conductor.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_that_is_none_is_refused_and_nothing_breaks() {
    let world = World::new().await;
    let mut conductor = Conductor::start(world.server(), window(1)).await;
    conductor.leads().await;
    for (subject, question) in [
        ("rig.svc.run.next", &b"{}"[..]),
        ("rig.svc.run.next", b"\xff\xfe"),
        ("rig.svc.why.item", b""),
        ("rig.svc.why.item", b"{\"repository\":\"\",\"number\":-1}"),
        ("rig.svc.why.nothing", b"null"),
    ] {
        let answer = world.stage.operator.client().request(subject, question.into()).await.unwrap();
        let answer: serde_json::Value = serde_json::from_slice(&answer.payload).unwrap();
        assert!(answer["error"].is_string(), "{subject}: {answer}");
    }
    conductor.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wait_that_is_over_is_rung_for() {
    let world = World::new().await;
    let mut rules = window(1);
    rules.limits.offer = SECOND;
    let mut conductor = Conductor::start(world.server(), rules.clone()).await;
    let filed = world.file(42).await;
    conductor.decided(filed).await;
    until_so("the offer is taken back", async || world.log().await.ending(".42.offered").len() > 1).await;
    let log = world.is_sound(&rules).await;
    let rang = log.ending("rig.evt.due.deadline");
    let deadline: Deadline = rang[0].decode().unwrap().1.open().unwrap();
    assert_eq!(deadline.key, Some(ItemKey { repository: REPOSITORY, issue: IssueNumber(42) }));
    assert_eq!(log.ending("rig.evt.due.tick").len(), 0, "no tick was needed");
    conductor.stop().await;
}

fn keeps_snapshots() -> Settings {
    Settings { snapshot_every: 100, ..Settings::default() }
}

/// A world of which a conductor kept a snapshot, and in which something happened since.
async fn kept() -> World {
    let world = World::new().await;
    let mut conductor = Conductor::start_with(world.server(), window(3), keeps_snapshots()).await;
    world.file_all(0..200).await;
    let tick = world.tick().await;
    conductor.decided(tick).await;
    until_so("a snapshot is kept", async || kept_bytes(&world).await.is_some()).await;
    world.file_all(200..210).await;
    let tick = world.tick().await;
    conductor.decided(tick).await;
    conductor.stop().await;
    world
}

async fn kept_bytes(world: &World) -> Option<Vec<u8>> {
    snapshot::load(&world.stage.operator, &Role::Conductor.only_user().unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_saves_reading_and_changes_nothing() {
    let world = kept().await;
    let mut heir = Conductor::start_with(world.server(), window(3), keeps_snapshots()).await;
    assert_eq!(heir.leads().await, 2);
    assert!(heir.now().from > 1, "it begins behind a snapshot: {:?}", heir.now());
    world.file_all(210..220).await;
    world.tick().await;
    let filed = world.file(220).await;
    heir.decided(filed).await;
    heir.stop().await;
    let log = world.is_sound(&window(3)).await;
    assert_eq!(log.ending(".queued").len(), 221);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_that_is_of_no_use_is_passed_over() {
    let world = kept().await;
    let bytes = kept_bytes(&world).await.unwrap();
    let mut follower = Conductor::start(world.server(), window(4)).await;
    follower.leads().await;
    assert_eq!(follower.now().from, 1, "it was folded under other rules");
    follower.stop().await;
    let half = &bytes[..bytes.len() / 2];
    let mut other = bytes.clone();
    other[bytes.len() / 3] ^= 0xff;
    let soon = Settings { patience: SECOND / 10, ..Settings::default() };
    for broken in [&b""[..], b"not zstd at all", half, &other] {
        let name = Role::Conductor.only_user().unwrap();
        snapshot::save(&world.stage.operator, &name, broken).await.unwrap();
        let mut heir = Conductor::start_with(world.server(), window(3), soon).await;
        heir.leads().await;
        assert_eq!(heir.now().from, 1, "{} bytes", broken.len());
        heir.stop().await;
    }
}

/// `rig dead retry` hands a command out once more, under its own id.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_is_handed_out_again_is_known_alike_by_leader_and_heir() {
    let world = World::new().await;
    let mut leader = Conductor::start(world.server(), window(1)).await;
    let filed = world.file(42).await;
    leader.decided(filed).await;
    let log = world.log().await;
    let tell = log.ending(".tell")[0];
    let command = read(tell).id;
    let handed_out = async || {
        let js = world.stage.operator.jetstream();
        js.publish(tell.subject.clone(), tell.body.clone()).await.unwrap().await.unwrap().sequence
    };
    let done = async || {
        let subject = Subject::Outcome { door: Token::of("github"), verb: Token::of("tell") };
        let outcome = Outcome { say: "told".to_owned(), command, end: End::Done { left: Left::Nothing } };
        world.publish(subject, Kind::Outcome(Verb::Tell), RecordId::new(), outcome).await
    };
    let commands = async |through: u64| {
        let mut counts = None;
        // The server may still be reading that the heir answers.
        until_so("the counts are told", async || {
            let told = service::ask::<_, why::Counts>(&world.stage.operator, &why::counts(), &(), PATIENCE).await;
            counts = told.ok();
            counts.is_some()
        })
        .await;
        let counts = counts.unwrap();
        assert!(counts.through >= through, "{counts:?}");
        counts.commands
    };
    done().await;
    let again = handed_out().await;
    leader.decided(again).await;
    let known = commands(again).await;
    leader.stop().await;
    let mut heir = Conductor::start(world.server(), window(1)).await;
    heir.leads().await;
    assert_eq!(commands(again).await, known, "leader and heir await the same");
    done().await;
    let again = handed_out().await;
    heir.decided(again).await;
    let known = commands(again).await;
    heir.stop().await;
    assert_eq!(world.folded(window(1), world.last().await).await.outbox.len(), known);
}
