//! From a webhook that is sent to its row that is committed, at a steady rate, against the least it could take: one
//! flush of the stream and one of the database.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bus::publish::{Options as Publishing, Publisher};
use conductor::github::{
    ingest::{Ingest, Options},
    signature::Secrets,
};
use serde::Deserialize;
use store::projector;
use tokio::{
    net::TcpListener,
    sync::{Mutex, oneshot},
    task::JoinSet,
    time::interval,
};
use tokio_util::sync::CancellationToken;

use crate::{
    Scale,
    drafts::webhook,
    raw::{self, Message},
    row::{Bound, Row, p99},
    rows::{Commits, Database, Rows, Server},
    stage::Stage,
    webhooks::{Client, Load},
};

const EVERY: Duration = Duration::from_millis(10);
const SIZE: usize = 10 << 10;
const SECRET: &str = "the secret of the benchmark";

pub async fn run(scale: Scale) -> Vec<Row> {
    let (stage, server) = (Stage::new().await, Server::new().await);
    let count = scale.of(3_000, 50);
    let database = server.database().await;
    let mut rig = Rig::start(&stage, &database).await;
    let mut pairs = Vec::new();
    for _ in 0..scale.pairs().min(3) {
        let ours = rig.arrivals(count).await;
        let publish = publishes(&stage, count).await;
        let commit = commits(&server, &database, count).await;
        pairs.push((millis(ours), millis(publish) + millis(commit)));
    }
    vec![Row::of_pairs("webhook to row, 100/s, p99", "ms", "raw publish p99 + commit p99", &pairs, Bound::AtMost(3.0))]
}

pub fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// Ingest and projector in one process, as `rig up` runs them.
struct Rig {
    commits: Commits,
    load: Arc<Load>,
    clients: Arc<Mutex<Vec<Client>>>,
    address: std::net::SocketAddr,
    _roles: JoinSet<()>,
}

/// What ingest answers.
#[derive(Deserialize)]
struct Accepted {
    sequence: u64,
}

impl Rig {
    async fn start(stage: &Stage, database: &Database) -> Self {
        let commits = database.commits().await;
        let ingest = Ingest::new(&stage.connect_as("ingest").await, Secrets::new(SECRET).unwrap(), Options::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (connection, store) = (stage.connect_as("projector").await, database.store.clone());
        let publisher = Publisher::start(&connection, Publishing::default());
        let mut roles = JoinSet::new();
        roles.spawn(ingest.serve(listener, CancellationToken::new()));
        roles.spawn(async move { projector::run(&connection, &store, publisher, CancellationToken::new()).await });
        Self { commits, load: Arc::new(Load::new(SIZE, SECRET)), clients: Arc::default(), address, _roles: roles }
    }

    /// Sends one after the other, each at its time, whether the one before it has arrived or not.
    async fn arrivals(&mut self, count: usize) -> Duration {
        let mut sending = JoinSet::new();
        let mut ticks = interval(EVERY);
        let (sent, mut all) = oneshot::channel();
        let (load, clients, address) = (Arc::clone(&self.load), Arc::clone(&self.clients), self.address);
        let mut pacing = JoinSet::new();
        pacing.spawn(async move {
            for n in 0..count {
                ticks.tick().await;
                sending.spawn(send(Arc::clone(&load), Arc::clone(&clients), address, n));
            }
            sent.send(sending.join_all().await).unwrap();
        });
        let mut heard = Vec::new();
        let mut sent: Option<Vec<(Instant, u64)>> = None;
        loop {
            tokio::select! {
                commit = self.commits.next() => heard.push(commit),
                all = &mut all, if sent.is_none() => sent = Some(all.unwrap()),
            }
            let Some(sent) = &sent else { continue };
            let last = sent.iter().map(|(_, sequence)| *sequence).max().unwrap();
            if heard.last().is_some_and(|(through, _)| *through >= last) {
                return p99(sent.iter().map(|sent| took(sent, &heard)).collect());
            }
        }
    }
}

/// Says when it was begun, and as which record it was accepted.
async fn send(
    load: Arc<Load>,
    clients: Arc<Mutex<Vec<Client>>>,
    address: std::net::SocketAddr,
    n: usize,
) -> (Instant, u64) {
    let idle = take_open(&mut *clients.lock().await);
    let mut client = match idle {
        Some(client) => client,
        None => Client::connect(address).await,
    };
    let begin = Instant::now();
    let answer = load.post(&mut client, n).await;
    clients.lock().await.push(client);
    (begin, serde_json::from_slice::<Accepted>(&answer).unwrap().sequence)
}

/// A connection that is still open; those that are not are dropped.
fn take_open(clients: &mut Vec<Client>) -> Option<Client> {
    clients.retain(Client::is_open);
    clients.pop()
}

/// Until the first commit that reaches it was heard of.
fn took((begin, sequence): &(Instant, u64), heard: &[(u64, Instant)]) -> Duration {
    let first = heard.partition_point(|(through, _)| through < sequence);
    heard[first].1.saturating_duration_since(*begin)
}

/// One record at a time, each flushed.
pub async fn publishes(stage: &Stage, count: usize) -> Duration {
    let client = stage.connection.client();
    let mut ticks = interval(EVERY);
    let mut took = Vec::new();
    for _ in 0..count {
        let message = Message::from(&webhook(SIZE));
        ticks.tick().await;
        let begin = Instant::now();
        raw::one(client, message).await;
        took.push(begin.elapsed());
    }
    p99(took)
}

/// One record's rows at a time, each committed: those that the projector has just written, in another database.
async fn commits(server: &Server, database: &Database, count: usize) -> Duration {
    let rows = Rows::of(database, 1).await;
    let other = server.database().await;
    let mut connection = other.connect().await;
    rows.prepare(&mut connection).await;
    let mut ticks = interval(EVERY);
    let mut took = Vec::new();
    for n in 0..count {
        ticks.tick().await;
        let begin = Instant::now();
        rows.insert(&mut connection, n).await;
        took.push(begin.elapsed());
    }
    p99(took)
}
