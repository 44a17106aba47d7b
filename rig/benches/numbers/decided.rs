//! From a webhook that was accepted to the first command that it leads to, flushed, at a steady rate; against two flushed
//! publishes, one of which is the webhook's own.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use bus::{
    RecordId,
    read::{Reader, Start},
};
use conductor::github::{
    ingest::{Ingest, Options},
    signature::Secrets,
};
use serde::Deserialize;
use tokio::{
    net::TcpListener,
    sync::Mutex,
    task::JoinSet,
    time::{interval, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{
    Scale,
    arrival::{millis, publishes},
    led::Led,
    row::{Bound, Row, p99},
    stage::Stage,
    webhooks::{Client, Load},
};

const EVERY: Duration = Duration::from_millis(10);
const SIZE: usize = 10 << 10;
const SECRET: &str = "the secret of the benchmark";
const PATIENCE: Duration = Duration::from_secs(60);

pub async fn run(scale: Scale) -> Vec<Row> {
    let stage = Stage::new().await;
    let (count, times) = (scale.of(1_000, 30), scale.pairs().min(3));
    let load = Arc::new(Load::of(count * times, SIZE, SECRET));
    let ingest = Ingest::new(&stage.connect_as("ingest").await, Secrets::new(SECRET).unwrap(), Options::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut serving = JoinSet::new();
    serving.spawn(ingest.serve(listener, CancellationToken::new()));
    let mut conductor = Led::start(&stage.connect_as("conductor").await, 64);
    conductor.leads().await;
    let mut pairs = Vec::new();
    for time in 0..times {
        let ours = commands(&stage, &load, address, time * count, count).await;
        let raw = publishes(&stage, count).await;
        pairs.push((millis(ours), 2.0 * millis(raw)));
    }
    vec![Row::of_pairs("webhook to command, 100/s, p99", "ms", "2 × raw publish p99", &pairs, Bound::AtMost(3.0))]
}

/// What ingest answers.
#[derive(Deserialize)]
struct Accepted {
    sequence: u64,
}

async fn commands(stage: &Stage, load: &Arc<Load>, address: SocketAddr, first: usize, count: usize) -> Duration {
    let mut reader = Reader::open(&stage.connection, Start::New, &[]).await.unwrap();
    let clients = Arc::new(Mutex::new(Vec::<Client>::new()));
    let mut sending = JoinSet::new();
    let (load, clients) = (Arc::clone(load), Arc::clone(&clients));
    let mut pacing = JoinSet::new();
    pacing.spawn(async move {
        let mut ticks = interval(EVERY);
        for n in first..first + count {
            ticks.tick().await;
            sending.spawn(send(Arc::clone(&load), Arc::clone(&clients), address, n));
        }
        sending.join_all().await
    });
    let (mut inputs, mut commanded) = (HashMap::<RecordId, u64>::new(), HashMap::<u64, Instant>::new());
    // Each issue is told at once what becomes of it.
    while commanded.len() < count {
        let record = timeout(PATIENCE, reader.next()).await.unwrap().unwrap();
        let at = Instant::now();
        let (_, envelope) = record.decode().unwrap();
        if record.subject.starts_with("rig.evt.github.") {
            inputs.insert(envelope.id, record.sequence);
        } else if record.subject.starts_with("rig.cmd.github.") {
            let input = envelope.cause.and_then(|cause| inputs.get(&cause));
            commanded.entry(*input.unwrap()).or_insert(at);
        }
    }
    let accepted = pacing.join_next().await.unwrap().unwrap();
    p99(accepted.iter().map(|(at, sequence)| commanded[sequence].saturating_duration_since(*at)).collect())
}

/// When it was accepted, and as which record.
async fn send(load: Arc<Load>, clients: Arc<Mutex<Vec<Client>>>, address: SocketAddr, n: usize) -> (Instant, u64) {
    let idle = {
        let mut clients = clients.lock().await;
        clients.retain(Client::is_open);
        clients.pop()
    };
    let mut client = match idle {
        Some(client) => client,
        None => Client::connect(address).await,
    };
    let answer = load.post(&mut client, n).await;
    let at = Instant::now();
    clients.lock().await.push(client);
    (at, serde_json::from_slice::<Accepted>(&answer).unwrap().sequence)
}
