//! Looking at everything at once.

use std::{collections::BTreeMap, future::Future, time::Duration};

use bus::{
    connect::{Connection, connect},
    service::{
        self,
        why::{self, Queued},
    },
    stream::LOG,
};
use futures::TryStreamExt as _;
use serde::{Deserialize, Serialize};
use store::{
    Store,
    projector::{STATUS_SUBJECT, Status as Log},
    query::{dead, delivery},
};
use time::OffsetDateTime;

use crate::{
    context::Running,
    exit::{Failure, sentence},
    home::read_line,
};

/// How long any question may take: all are asked at once, and the whole takes less than a second.
const WITHIN: Duration = Duration::from_millis(800);

/// Repositories looked at, the longest silent first.
const REPOSITORIES: u32 = 50;

/// How everything is.
#[derive(Serialize)]
pub(super) struct Status {
    pub(super) home: String,
    pub(super) pid: i32,
    pub(super) at: Rfc3339,
    /// Each part, as the rig itself says it.
    pub(super) health: Option<Health>,
    /// LOG, and how far the rows go: what is said of rows is as of `projected_through`.
    pub(super) log: Option<Log>,
    /// Who takes records, and how many wait for each.
    pub(super) consumers: Option<Vec<Consumer>>,
    /// How many items lie where, and which wait for their turn; nothing where no conductor runs.
    pub(super) work: Option<Work>,
    /// When GitHub was last heard of, by repository.
    pub(super) deliveries: Option<Vec<Delivery>>,
    /// What was given up and waits for a person.
    pub(super) dead: Option<u64>,
    /// What did not answer, and why.
    pub(super) unanswered: BTreeMap<&'static str, String>,
}

/// A moment as JSON has it.
#[derive(Clone, Copy, Serialize)]
#[serde(transparent)]
pub(super) struct Rfc3339(#[serde(with = "time::serde::rfc3339")] pub(super) OffsetDateTime);

/// What `GET /health` says.
#[derive(Serialize, Deserialize)]
pub(super) struct Health {
    pub(super) status: String,
    pub(super) parts: BTreeMap<String, Part>,
}

/// One part of it.
#[derive(Serialize, Deserialize)]
pub(super) struct Part {
    pub(super) status: String,
    #[serde(default)]
    pub(super) critical: bool,
    #[serde(flatten)]
    pub(super) rest: serde_json::Map<String, serde_json::Value>,
}

/// A durable consumer of LOG.
#[derive(Serialize)]
pub(super) struct Consumer {
    pub(super) name: String,
    pub(super) waiting: u64,
    pub(super) in_work: u64,
}

/// What the conductor knows of the work.
#[derive(Serialize)]
pub(super) struct Work {
    /// Items by the name of their standing.
    pub(super) items: BTreeMap<String, usize>,
    /// Those that wait for their turn, the next first.
    pub(super) queue: Vec<Queued>,
}

/// The newest delivery of a repository.
#[derive(Serialize)]
pub(super) struct Delivery {
    pub(super) repository: String,
    pub(super) event: String,
    pub(super) at: Rfc3339,
    pub(super) age_seconds: i64,
}

impl Status {
    /// Asks everything at once.
    pub(super) async fn look(running: &Running) -> Self {
        let operator = connected(running).await;
        let store = running.postgres_url().and_then(|url| Ok(Store::connect(&url)?));
        let (health, log, consumers, work, deliveries, dead) = tokio::join!(
            within(health(&running.up.health)),
            within(with(&operator, log)),
            within(with(&operator, consumers)),
            within(with(&operator, work)),
            within(with(&store, deliveries)),
            within(with(&store, waiting)),
        );
        let mut unanswered = BTreeMap::new();
        Self {
            home: running.home.path().display().to_string(),
            pid: running.up.pid,
            at: Rfc3339(bus::envelope::now()),
            health: or_note("health", health, &mut unanswered),
            log: or_note("log", log, &mut unanswered),
            consumers: or_note("consumers", consumers, &mut unanswered),
            work: or_note("work", work, &mut unanswered).flatten(),
            deliveries: or_note("deliveries", deliveries, &mut unanswered),
            dead: or_note("dead", dead, &mut unanswered),
            unanswered,
        }
    }

    /// What a script learns: 0 where the rig does its work, though a part of it may wait.
    pub(super) fn verdict(&self) -> Result<(), Failure> {
        match &self.health {
            Some(health) if health.status == "down" => Err(Failure::failed("the rig does not work now")),
            Some(_) => Ok(()),
            None => Err(Failure::unreachable("the rig does not say how it is")),
        }
    }
}

type Answer<T> = Result<T, String>;

async fn within<T>(asking: impl Future<Output = Answer<T>>) -> Answer<T> {
    tokio::time::timeout(WITHIN, asking).await.unwrap_or_else(|_| Err(format!("no answer within {WITHIN:?}")))
}

fn or_note<T>(what: &'static str, answer: Answer<T>, unanswered: &mut BTreeMap<&'static str, String>) -> Option<T> {
    answer.inspect_err(|why| drop(unanswered.insert(what, why.clone()))).ok()
}

/// Asks through what was reached; else says why it was not.
async fn with<C, T>(reached: &Result<C, Failure>, ask: impl AsyncFnOnce(&C) -> Answer<T>) -> Answer<T> {
    match reached {
        Ok(reached) => ask(reached).await,
        Err(failure) => Err(sentence(failure)),
    }
}

async fn connected(running: &Running) -> Result<Connection, Failure> {
    let file = &running.up.files.nats_url;
    let url = read_line(file)
        .map_err(|error| Failure::refused(format!("{} cannot be read", file.display())).because(error))?;
    Ok(connect(url.reveal(), "rig status", WITHIN / 4).await?)
}

async fn health(url: &str) -> Answer<Health> {
    let client = reqwest::Client::builder().no_proxy().build().map_err(told)?;
    // 503 has a body too: it says which part is down.
    client.get(url).send().await.map_err(told)?.json().await.map_err(told)
}

async fn log(operator: &Connection) -> Answer<Log> {
    let answer = operator.client().request(STATUS_SUBJECT, "".into()).await.map_err(told)?;
    serde_json::from_slice(&answer.payload).map_err(|_| String::from_utf8_lossy(&answer.payload).into_owned())
}

async fn consumers(operator: &Connection) -> Answer<Vec<Consumer>> {
    let log = operator.jetstream().get_stream_no_info(LOG).await.map_err(told)?;
    let mut durables = log.consumers();
    let mut found = Vec::new();
    while let Some(info) = durables.try_next().await.map_err(told)? {
        if info.config.durable_name.is_some() {
            let in_work = u64::try_from(info.num_ack_pending).unwrap_or(0);
            found.push(Consumer { name: info.name, waiting: info.num_pending, in_work });
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

async fn work(operator: &Connection) -> Answer<Option<Work>> {
    let (counts, queue) = (why::counts(), why::queue());
    let counts = service::ask::<_, why::Counts>(operator, &counts, &(), WITHIN);
    let queue = service::ask::<_, why::Queue>(operator, &queue, &(), WITHIN);
    match tokio::try_join!(counts, queue) {
        Ok((counts, queue)) => Ok(Some(Work { items: counts.items, queue: queue.waiting })),
        // The health says whether one should run.
        Err(service::Error::Nobody(_)) => Ok(None),
        Err(error) => Err(told(error)),
    }
}

async fn deliveries(store: &Store) -> Answer<Vec<Delivery>> {
    let now = bus::envelope::now();
    let delivery = |newest: delivery::Newest| Delivery {
        repository: newest.repository,
        event: newest.event,
        at: Rfc3339(newest.at),
        age_seconds: (now - newest.at).whole_seconds(),
    };
    let newest = delivery::newest(store, REPOSITORIES).await.map_err(told)?;
    Ok(newest.into_iter().map(delivery).collect())
}

async fn waiting(store: &Store) -> Answer<u64> {
    dead::waiting(store).await.map_err(told)
}

fn told(error: impl std::error::Error + 'static) -> String {
    sentence(&error)
}
