//! kill -9 of anything, at any moment, under load: what was acknowledged is a record and a row, in order.
//!
//! The slice that runs each time kills a few; `make soak` (`RIG_SOAK=full`) kills for minutes. A failure names its
//! seed; `RIG_SEED` runs it again.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs, reason = "tests")]

mod world;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use bus::{
    Draft, Envelope, RecordId, Subject, Token,
    catalogue::{Kind, chat::Said},
    connect::connect_in_background,
    envelope::now,
    publish::{Options, Publisher},
};
use chat_bridge::terminal::{self, Say};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng, seq::SliceRandom as _};
use sqlx::Row as _;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use world::{
    PATIENCE, Rig,
    webhook::{Github, issue},
};

/// What this run was told is stored, each speaker's in the order in which it was told.
type Acknowledged = Arc<Mutex<HashMap<String, Vec<Uuid>>>>;

/// How the rig can be reached now; another way after each start.
#[derive(Clone)]
struct Way {
    github: Github,
    nats_url: String,
}

impl Way {
    fn to(rig: &Rig) -> Self {
        Self { github: rig.github(), nats_url: rig.line("nats_url") }
    }
}

/// Speakers who go on until they are told to stop, over every outage.
struct Load {
    way: Arc<Mutex<Way>>,
    acknowledged: Acknowledged,
    enough: CancellationToken,
    speakers: JoinSet<()>,
}

impl Load {
    fn begin(rig: &Rig) -> Self {
        let mut load = Self {
            way: Arc::new(Mutex::new(Way::to(rig))),
            acknowledged: Acknowledged::default(),
            enough: CancellationToken::new(),
            speakers: JoinSet::new(),
        };
        for n in 0..4 {
            load.speakers.spawn(webhooks(format!("github {n}"), load.voice()));
        }
        for n in 0..2 {
            load.speakers.spawn(words(format!("person {n}"), load.voice()));
        }
        load.speakers.spawn(claims("agent".to_owned(), load.voice()));
        load
    }

    fn voice(&self) -> Voice {
        Voice { way: Arc::clone(&self.way), acknowledged: Arc::clone(&self.acknowledged), enough: self.enough.clone() }
    }

    fn count(&self) -> usize {
        self.acknowledged.lock().unwrap().values().map(Vec::len).sum()
    }

    async fn end(mut self) -> HashMap<String, Vec<Uuid>> {
        self.enough.cancel();
        while let Some(ended) = self.speakers.join_next().await {
            ended.unwrap();
        }
        std::mem::take(&mut self.acknowledged.lock().unwrap())
    }
}

#[derive(Clone)]
struct Voice {
    way: Arc<Mutex<Way>>,
    acknowledged: Acknowledged,
    enough: CancellationToken,
}

impl Voice {
    fn way(&self) -> Way {
        self.way.lock().unwrap().clone()
    }

    fn acknowledged(&self, speaker: &str, id: RecordId) {
        self.acknowledged.lock().unwrap().entry(speaker.to_owned()).or_default().push(id.uuid());
    }

    /// Does one thing again and again, over every outage, until it was acknowledged once.
    async fn insist<A: Future<Output = bool>>(&self, attempt: impl Fn(Way) -> A) -> bool {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while !attempt(self.way()).await {
            assert!(tokio::time::Instant::now() < deadline, "not stored within {PATIENCE:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        !self.enough.is_cancelled()
    }
}

async fn webhooks(speaker: String, voice: Voice) {
    loop {
        let guid = Uuid::new_v4();
        let body = serde_json::to_vec(&issue(1, &speaker)).unwrap();
        let go_on = voice
            .insist(|way| {
                let body = body.clone();
                async move { way.github.post(guid, "issues", body).await.is_some_and(|answer| answer.status == 202) }
            })
            .await;
        voice.acknowledged(&speaker, RecordId::of_delivery(&guid.to_string()));
        if !go_on {
            return;
        }
    }
}

async fn words(speaker: String, voice: Voice) {
    loop {
        let id = RecordId::new();
        let say = Say { room: "general".to_owned(), text: speaker.clone(), id: Some(id) };
        let go_on = voice
            .insist(|way| {
                let say = say.clone();
                async move {
                    let connection = connect_in_background(&way.nats_url, "test").await.unwrap();
                    terminal::say(&connection, &say, Duration::from_secs(3)).await.is_ok()
                }
            })
            .await;
        voice.acknowledged(&speaker, id);
        if !go_on {
            return;
        }
    }
}

/// An agent's words, which reach LOG through VOICE.
async fn claims(speaker: String, voice: Voice) {
    loop {
        let id = RecordId::new();
        let draft = claim(id, &speaker);
        let go_on = voice
            .insist(|way| {
                let draft = draft.clone();
                async move {
                    let connection = connect_in_background(&way.nats_url, "test").await.unwrap();
                    let options = Options { batches: false, wait: Duration::from_secs(3), ..Options::default() };
                    Publisher::start(&connection, options).publish(draft).await.is_ok()
                }
            })
            .await;
        voice.acknowledged(&speaker, id);
        if !go_on {
            return;
        }
    }
}

fn claim(id: RecordId, speaker: &str) -> Draft {
    let said = Said { say: speaker.to_owned(), room: "general".to_owned(), who: "dev-e".to_owned(), door: None };
    let subject = Subject::SayChat { room: Token::of("general"), name: Token::of("dev-e") };
    Draft::new(subject, &Envelope::new(id, Kind::ChatSaid.type_name(), "/rig/test", now(), said)).unwrap()
}

/// Waits until the load has got this much further.
async fn further(load: &Load, by: usize) {
    let target = load.count() + by;
    world::until("the load to go on", async || (load.count() >= target).then_some(())).await;
}

/// What is killed.
#[derive(Clone, Copy, Debug)]
enum Victim {
    Nats,
    Postgres,
    BothServers,
    /// The process that holds ingest, chat door and projector.
    Rig,
}

/// Every victim as often as any other, in a random order.
fn victims(count: usize, dice: &mut StdRng) -> Vec<Victim> {
    let all = [Victim::Nats, Victim::Postgres, Victim::BothServers, Victim::Rig];
    let mut victims: Vec<Victim> = all.into_iter().cycle().take(count).collect();
    victims.shuffle(dice);
    victims
}

async fn kill(victim: Victim, rig: &mut Rig, load: &Load) {
    // The load goes on without PostgreSQL, so the next kill may come before it was started again.
    rig.until_servers_run().await;
    match victim {
        Victim::Nats => rig.kill_nats(),
        Victim::Postgres => rig.kill_postgres(),
        Victim::BothServers => {
            rig.kill_postgres();
            rig.kill_nats();
        }
        Victim::Rig => {
            rig.kill().await;
            rig.start().await;
            *load.way.lock().unwrap() = Way::to(rig);
        }
    }
}

/// Each speaker's acknowledged ids, in LOG's order, must be what it was told, in the order in which it was told.
async fn everything_is_a_row_in_order(rig: &Rig, acknowledged: &HashMap<String, Vec<Uuid>>) {
    let mut places: HashMap<Uuid, u64> = HashMap::new();
    for row in rig.caught_up().await {
        if let Some(id) = row.id {
            places.entry(id).or_insert(row.sequence);
        }
    }
    for (speaker, ids) in acknowledged {
        let found: Vec<Option<&u64>> = ids.iter().map(|id| places.get(id)).collect();
        let lost = found.iter().filter(|place| place.is_none()).count();
        assert_eq!(lost, 0, "{speaker} was told of {} and {lost} are not there", ids.len());
        assert!(found.is_sorted(), "{speaker}'s words are out of order");
    }
}

/// The view shows each delivery once, however often it was stored.
async fn deliveries_are_shown_once(rig: &Rig) {
    let row = sqlx::query(
        "SELECT count(*) AS shown, count(DISTINCT guid) AS guids, sum(records)::bigint AS stored FROM delivery",
    )
    .fetch_one(&mut rig.postgres().await)
    .await
    .unwrap();
    assert_eq!(row.get::<i64, _>("shown"), row.get::<i64, _>("guids"));
    let stored = sqlx::query("SELECT count(*) AS stored FROM log WHERE subject LIKE 'rig.evt.github.%.issues'")
        .fetch_one(&mut rig.postgres().await)
        .await
        .unwrap();
    assert_eq!(row.get::<i64, _>("stored"), stored.get::<i64, _>("stored"));
}

/// `RIG_SEED` to see a failure again; else a new one for a soak, and always the same one for the slice.
fn seed(full: bool) -> u64 {
    let told = std::env::var("RIG_SEED").ok().map(|seed| seed.parse().unwrap());
    told.unwrap_or_else(|| if full { rand::random() } else { 41 })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn soak_slice_kill_9_of_anything_under_load_loses_nothing_acknowledged() {
    let full = std::env::var_os("RIG_SOAK").is_some_and(|soak| soak == "full");
    let seed = seed(full);
    let mut dice = StdRng::seed_from_u64(seed);
    let victims = victims(if full { 100 } else { 8 }, &mut dice);
    eprintln!("seed {seed}, {} kills", victims.len());
    let mut rig = Rig::up().await;
    let load = Load::begin(&rig);
    for victim in victims {
        further(&load, dice.random_range(5..60)).await;
        kill(victim, &mut rig, &load).await;
        eprintln!("killed {victim:?}, {} acknowledged so far", load.count());
    }
    further(&load, 20).await;
    let acknowledged = load.end().await;
    rig.until_whole("up").await;
    everything_is_a_row_in_order(&rig, &acknowledged).await;
    deliveries_are_shown_once(&rig).await;
    rig.finish().await;
}
