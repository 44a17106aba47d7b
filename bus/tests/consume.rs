//! The delivery loop against a real server, with the accounts and durables that the table makes: the chat door's.

#![allow(clippy::unwrap_used, reason = "a test")]

mod channel;

use std::{
    cell::{OnceCell, RefCell},
    collections::HashMap,
    time::{Duration, Instant},
};

use async_nats::jetstream::consumer::{Info, PullConsumer, pull};
use bus::{
    Draft, Envelope, RecordId, Sequenced, Subject, Token,
    catalogue::dead::Parked,
    connect::Connection,
    consume::{self, Options, Verdict},
    envelope::now,
    publish::{self, Publisher},
    read::{Reader, Start},
};
use channel::{Channel, PATIENCE, until};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

const DOOR: &str = "door-chat";
const DEAD: &str = "rig.evt.dead.door-chat";

/// As in production, only sooner.
fn soon() -> Options {
    Options {
        tries: 3,
        backoff: Duration::from_millis(100),
        progress: Duration::from_millis(200),
        ..Options::default()
    }
}

struct Stage {
    channel: Channel,
    publisher: Publisher,
}

impl Stage {
    async fn new() -> Self {
        let channel = Channel::new().await;
        let publisher = Publisher::start(&channel.operator, publish::Options::default());
        Self { channel, publisher }
    }

    /// Commands for the chat door, numbered in their data.
    async fn commands(&self, count: usize) {
        for n in 0..count {
            let data = serde_json::json!({"say": "post", "n": n});
            let id = RecordId::of_delivery(&n.to_string());
            let envelope = Envelope::new(id, "rig.cmd.post.v1", "/rig/test", now(), data);
            let subject = Subject::CmdChat { room: Token::of("general"), verb: Token::of("post") };
            self.publisher.publish(Draft::new(subject, &envelope).unwrap()).await.unwrap();
        }
    }

    /// As if less time had to pass before a delivery without a sign of work is given to another.
    async fn ack_wait(&self, wait: Duration) {
        let log = self.channel.js().get_stream("LOG").await.unwrap();
        let mut config = self.door().await.cached_info().config.clone();
        config.ack_wait = wait;
        let config: pull::Config =
            async_nats::jetstream::consumer::FromConsumer::try_from_consumer_config(config).unwrap();
        log.update_consumer(config).await.unwrap();
    }

    async fn door(&self) -> PullConsumer {
        self.channel.js().get_consumer_from_stream(DOOR, "LOG").await.unwrap()
    }

    async fn info(&self) -> Info {
        self.door().await.get_info().await.unwrap()
    }

    async fn until_all_acknowledged(&self) {
        until("everything is acknowledged", || async {
            let info = self.info().await;
            info.num_pending == 0 && info.num_ack_pending == 0
        })
        .await;
    }

    /// What was given up.
    async fn dead(&self) -> Vec<Parked> {
        let mut reader = Reader::open(&self.channel.operator, Start::Sequence(1), &[DEAD.to_owned()]).await.unwrap();
        let mut dead = Vec::new();
        while let Ok(record) = tokio::time::timeout(Duration::from_millis(500), reader.next()).await {
            dead.push(record.unwrap().decode().unwrap().1.open().unwrap());
        }
        dead
    }
}

fn number(record: &Sequenced) -> u64 {
    let data: serde_json::Value = record.decode().unwrap().1.open().unwrap();
    data["n"].as_u64().unwrap()
}

/// A worker: one process' part of the door. It works until `end` says so.
async fn work<H>(connection: &Connection, options: &Options, end: impl Future<Output = ()>, handler: H)
where
    H: AsyncFnMut(&Sequenced, u64) -> Verdict,
{
    let dead = Publisher::start(connection, publish::Options::default());
    let cancel = CancellationToken::new();
    let ended = async {
        end.await;
        cancel.cancel();
    };
    let (end, ()) = tokio::join!(consume::run(connection, DOOR, options, Some(&dead), handler, &cancel), ended);
    end.unwrap();
}

/// How often each command was begun.
#[derive(Default)]
struct Begun(RefCell<HashMap<u64, u64>>);

impl Begun {
    fn note(&self, record: &Sequenced) -> u64 {
        let mut begun = self.0.borrow_mut();
        let count = begun.entry(number(record)).or_default();
        *count += 1;
        *count
    }

    fn numbers(&self) -> usize {
        self.0.borrow().len()
    }

    fn all_once(&self) -> bool {
        self.0.borrow().values().all(|count| *count == 1)
    }
}

#[tokio::test]
async fn f_021_acked_only_after_handling_and_given_up_only_as_a_record() {
    let stage = Stage::new().await;
    stage.commands(1).await;
    let chat = stage.channel.connect("chat").await;
    let floors = RefCell::new(Vec::new());
    work(&chat, &soon(), stage.until_all_acknowledged(), async |_: &Sequenced, delivery| {
        let held = stage.info().await.num_ack_pending;
        floors.borrow_mut().push((delivery, held));
        Verdict::Retry(format!("the provider failed, try {delivery}"))
    })
    .await;
    assert_eq!(*floors.borrow(), [(1, 1), (2, 1), (3, 1)], "held while it was worked on, three times");
    let dead = stage.dead().await;
    let [parked] = dead.as_slice() else { panic!("{dead:?}") };
    assert_eq!((parked.consumer.as_str(), parked.deliveries), (DOOR, 3));
    assert_eq!(parked.errors, [1, 2, 3].map(|n| format!("the provider failed, try {n}")));
    assert_eq!(parked.record, Some(RecordId::of_delivery("0")));
}

#[tokio::test]
async fn f_021_a_worker_that_dies_before_it_is_done_has_acknowledged_nothing() {
    let stage = Stage::new().await;
    stage.ack_wait(Duration::from_secs(1)).await;
    stage.commands(1).await;
    let begun = Begun::default();
    let (dying, options) = (stage.channel.connect("chat").await, soon());
    {
        let begin = work(&dying, &options, std::future::pending(), async |record: &Sequenced, _| {
            begun.note(record);
            std::future::pending().await
        });
        tokio::select! {
            () = begin => {}
            () = until("it has begun", || async { begun.numbers() == 1 }) => {}
        }
    }
    drop(dying);
    assert_eq!(stage.info().await.num_ack_pending, 1);
    let other = stage.channel.connect("chat").await;
    work(&other, &soon(), stage.until_all_acknowledged(), async |record: &Sequenced, _| {
        begun.note(record);
        Verdict::Done
    })
    .await;
    assert_eq!(*begun.0.borrow(), HashMap::from([(0, 2)]));
}

#[tokio::test]
async fn f_025_retry_comes_back_in_the_same_process_after_its_backoff() {
    let stage = Stage::new().await;
    stage.commands(2).await;
    let chat = stage.channel.connect("chat").await;
    let seen = RefCell::new(Vec::new());
    work(&chat, &soon(), stage.until_all_acknowledged(), async |record: &Sequenced, delivery| {
        seen.borrow_mut().push((number(record), delivery, Instant::now()));
        if number(record) == 0 && delivery == 1 { Verdict::Retry("not yet".to_owned()) } else { Verdict::Done }
    })
    .await;
    let seen = seen.into_inner();
    let order: Vec<_> = seen.iter().map(|(number, delivery, _)| (*number, *delivery)).collect();
    assert_eq!(order, [(0, 1), (1, 1), (0, 2)], "the next one did not wait for it");
    assert!(seen[2].2 - seen[0].2 >= soon().backoff, "it came back too soon");
    assert!(stage.dead().await.is_empty());
}

#[tokio::test]
async fn i_22_failing_again_and_again_takes_longer_each_time_and_ends_as_a_dead_record() {
    let stage = Stage::new().await;
    stage.commands(1).await;
    let chat = stage.channel.connect("chat").await;
    let tries = RefCell::new(Vec::new());
    let options = Options { tries: 5, ..soon() };
    work(&chat, &options, stage.until_all_acknowledged(), async |_: &Sequenced, delivery| {
        tries.borrow_mut().push((delivery, Instant::now()));
        Verdict::Retry("the chat is down".to_owned())
    })
    .await;
    let tries = tries.into_inner();
    assert_eq!(tries.iter().map(|(delivery, _)| *delivery).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    for (wait, pair) in [100, 200, 400, 800].map(Duration::from_millis).iter().zip(tries.windows(2)) {
        assert!(pair[1].1 - pair[0].1 >= *wait, "try {} came after {:?}", pair[1].0, pair[1].1 - pair[0].1);
    }
    let dead = stage.dead().await;
    assert_eq!((dead.len(), dead[0].deliveries, dead[0].errors.len()), (1, 5, 5));
}

#[tokio::test]
async fn f_026_two_replicas_share_one_consumer_no_second_execution() {
    const ALL: usize = 120;
    let stage = Stage::new().await;
    stage.commands(ALL).await;
    let (first, second) = (stage.channel.connect("chat").await, stage.channel.connect("chat").await);
    let (begun, by_second) = (Begun::default(), RefCell::new(0));
    let working = async |record: &Sequenced, _: u64| {
        begun.note(record);
        tokio::time::sleep(Duration::from_millis(5)).await;
        Verdict::Done
    };
    let late = async {
        until("the first one is at work", || async { begun.numbers() > 3 }).await;
        work(&second, &soon(), stage.until_all_acknowledged(), async |record: &Sequenced, delivery| {
            *by_second.borrow_mut() += 1;
            working(record, delivery).await
        })
        .await;
    };
    let (options, all) = (soon(), stage.until_all_acknowledged());
    tokio::join!(work(&first, &options, all, working), late);
    assert_eq!(begun.numbers(), ALL);
    assert!(begun.all_once(), "{:?}", begun.0);
    assert!(*by_second.borrow() > 0, "the second one got its share");
}

#[tokio::test]
async fn f_027_more_than_ten_pending_are_all_drained_though_each_failed_once() {
    const ALL: usize = 40;
    let stage = Stage::new().await;
    stage.commands(ALL).await;
    let chat = stage.channel.connect("chat").await;
    let begun = Begun::default();
    work(&chat, &soon(), stage.until_all_acknowledged(), async |record: &Sequenced, _| match begun.note(record) {
        1 => Verdict::Retry("once".to_owned()),
        _ => Verdict::Done,
    })
    .await;
    assert_eq!(begun.0.borrow().len(), ALL);
    assert!(begun.0.borrow().values().all(|count| *count == 2), "{:?}", begun.0);
    assert!(stage.dead().await.is_empty());
}

#[tokio::test]
async fn f_028_redelivery_after_long_work_is_extended_by_progress() {
    let stage = Stage::new().await;
    stage.ack_wait(Duration::from_secs(1)).await;
    stage.commands(1).await;
    let (first, second) = (stage.channel.connect("chat").await, stage.channel.connect("chat").await);
    let begun = Begun::default();
    let long_work = async |record: &Sequenced, _: u64| {
        begun.note(record);
        // Three times as long as the server waits for a sign of work.
        tokio::time::sleep(Duration::from_secs(3)).await;
        Verdict::Done
    };
    let options = soon();
    tokio::join!(
        work(&first, &options, stage.until_all_acknowledged(), long_work),
        work(&second, &options, stage.until_all_acknowledged(), long_work),
    );
    assert_eq!(*begun.0.borrow(), HashMap::from([(0, 1)]));
}

#[tokio::test]
async fn f_033_poison_is_given_up_at_once_with_its_errors_and_holds_up_nobody() {
    let stage = Stage::new().await;
    stage.commands(3).await;
    let chat = stage.channel.connect("chat").await;
    let begun = Begun::default();
    work(&chat, &soon(), stage.until_all_acknowledged(), async |record: &Sequenced, _| {
        begun.note(record);
        if number(record) == 1 { Verdict::Poison("a verb that nobody knows".to_owned()) } else { Verdict::Done }
    })
    .await;
    assert!(begun.numbers() == 3 && begun.all_once(), "{:?}", begun.0);
    let intake = chat.intakes()[DOOR].clone();
    assert_eq!((intake.done, intake.again, intake.given_up, intake.trouble()), (2, 0, 1, None));
    let dead = stage.dead().await;
    let [parked] = dead.as_slice() else { panic!("{dead:?}") };
    assert_eq!((parked.deliveries, parked.record), (1, Some(RecordId::of_delivery("1"))));
    assert_eq!(parked.errors, ["a verb that nobody knows"]);
    assert_eq!(parked.subject, "rig.cmd.chat.general.post");
    assert!(parked.say.contains("door-chat gave up record"), "{}", parked.say);
}

#[tokio::test]
async fn f_150_a_worker_whose_consumer_is_gone_says_so_until_it_is_there_again() {
    let stage = Stage::new().await;
    let chat = stage.channel.connect("chat").await;
    let trouble = || chat.intakes().get(DOOR).and_then(bus::intake::Intake::trouble);
    let restored = async {
        let log = stage.channel.js().get_stream("LOG").await.unwrap();
        let config = stage.door().await.cached_info().config.clone();
        let config: pull::Config =
            async_nats::jetstream::consumer::FromConsumer::try_from_consumer_config(config).unwrap();
        log.delete_consumer(DOOR).await.unwrap();
        until("the trouble is known", || async { trouble().is_some() }).await;
        let said = trouble().unwrap();
        log.create_consumer(config).await.unwrap();
        stage.commands(1).await;
        until("it is handled", || async { chat.intakes()[DOOR].done == 1 }).await;
        assert_eq!(trouble(), None);
        assert!(said.starts_with("the channel hands out nothing: "), "{said}");
    };
    work(&chat, &soon(), restored, async |_: &Sequenced, _| Verdict::Done).await;
    assert_eq!(trouble(), None);
}

/// The server dies with an acknowledgement on its way, and may have forgotten the delivery: what comes next does not wait
/// long for that.
#[tokio::test]
async fn an_acknowledgement_that_died_with_its_connection_holds_up_nothing() {
    let stage = Stage::new().await;
    stage.commands(2).await;
    let chat = stage.channel.connect("chat").await;
    let nats = &stage.channel.nats;
    let (stopped, back) = (Notify::new(), OnceCell::new());
    let begun = RefCell::new(HashMap::new());
    let restarted = async {
        stopped.notified().await;
        // Long enough that the acknowledgement has left, and shorter than it is waited for.
        tokio::time::sleep(Duration::from_millis(300)).await;
        nats.kill().await;
        nats.restart().await.unwrap();
        back.set(Instant::now()).unwrap();
        until("both are begun", async || begun.borrow().len() == 2).await;
        stage.until_all_acknowledged().await;
    };
    work(&chat, &soon(), restarted, async |record: &Sequenced, _| {
        let is_first = begun.borrow().is_empty();
        begun.borrow_mut().entry(number(record)).or_insert_with(Instant::now);
        if is_first {
            kill(Pid::from_raw(i32::try_from(nats.pid()).unwrap()), Signal::SIGSTOP).unwrap();
            stopped.notify_one();
        }
        Verdict::Done
    })
    .await;
    let waited = begun.borrow()[&1].duration_since(*back.get().unwrap());
    assert!(waited < Duration::from_secs(4), "{waited:?}");
}

#[tokio::test]
async fn f_034_the_one_durable_write_is_all_it_takes_to_wake_a_worker() {
    let stage = Stage::new().await;
    let publishing = stage.channel.connect("operator").await;
    let publisher = Publisher::start(&publishing, publish::Options::default());
    let envelope =
        Envelope::new(RecordId::of_delivery("0"), "rig.cmd.post.v1", "/rig/test", now(), serde_json::json!({"n": 0}));
    let subject = Subject::CmdChat { room: Token::of("general"), verb: Token::of("post") };
    publisher.publish(Draft::new(subject, &envelope).unwrap()).await.unwrap();
    // The publisher dies right after its one write, and the server too.
    drop((publisher, publishing));
    stage.channel.nats.kill().await;
    stage.channel.nats.restart().await.unwrap();
    stage.channel.operator.wait_until_up(PATIENCE).await.unwrap();
    let chat = stage.channel.connect("chat").await;
    let begun = Begun::default();
    work(&chat, &soon(), stage.until_all_acknowledged(), async |record: &Sequenced, _| {
        begun.note(record);
        Verdict::Done
    })
    .await;
    assert_eq!(*begun.0.borrow(), HashMap::from([(0, 1)]));
}
