//! The door for GitHub's deliveries: `POST /webhooks/github`.
//!
//! A delivery is answered 2xx after the stream has flushed it, and not before: nothing that was accepted lives in this
//! process alone. What cannot be stored is answered 503 within GitHub's patience, counted, and the outage becomes a
//! record once storing works again. GitHub does not repeat a refused delivery by itself; its own list of deliveries says
//! which were refused, also while this process was not there to count (`docs/decisions/ingest.md`).

mod connections;
mod counts;
mod door;
mod health;
mod intake;
mod outage;
mod refusals;
mod room;

use std::{sync::Arc, time::Duration};

use bus::{
    connect::Connection,
    publish::{self, Publisher},
};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

use self::{counts::Counter, door::Door, intake::Intake, outage::Outages, refusals::Refusals, room::Room};
pub use self::{
    counts::{Counts, Reason},
    health::{Condition, Health, Report},
};
use super::signature::Secrets;

/// Where deliveries are posted.
pub const PATH: &str = "/webhooks/github";

/// The largest delivery, in bytes: GitHub's limit of 25 MB, read generously.
pub const LARGEST: usize = 25 << 20;

/// Records that share a flush at most. Larger groups gain little here and make the first of them wait.
const GROUP: usize = 32;

/// How the door behaves.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How long a delivery may take from its head to its answer. GitHub gives up after 10 s.
    pub wait: Duration,
    /// How long a client may take to send its head, and then its body.
    pub patience: Duration,
    /// Bytes of bodies that may be held at once; a delivery beyond that is refused for now.
    pub bytes_in_flight: usize,
    /// Connections at once; more wait in the listener's queue.
    pub connections: usize,
    /// How often LOG is asked how full it is.
    pub ask_every: Duration,
    /// The share of LOG, in percent, from which nothing is taken in: the rest belongs to those who work it off.
    pub full_at: u64,
    /// How long nothing must have been refused for an outage to be over.
    pub quiet: Duration,
    /// How long open requests are waited for at the end.
    pub drain: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            wait: Duration::from_secs(8),
            patience: Duration::from_secs(10),
            bytes_in_flight: 64 << 20,
            connections: 1024,
            ask_every: Duration::from_secs(5),
            full_at: 85,
            quiet: Duration::from_secs(2),
            drain: Duration::from_secs(3),
        }
    }
}

/// Takes GitHub's deliveries in. It cannot be made without a secret to check them with.
#[derive(Debug)]
pub struct Ingest {
    door: Arc<Door>,
    options: Options,
}

impl Ingest {
    /// A door that publishes over this connection, which may still be on its way up: until then each delivery is
    /// refused for now.
    #[must_use]
    pub fn new(connection: &Connection, secrets: Secrets, options: Options) -> Self {
        let publisher = Publisher::start(
            connection,
            publish::Options {
                batches: true,
                wait: options.wait,
                group: GROUP,
                bytes_waiting: options.bytes_in_flight * 2,
            },
        );
        let outages = Arc::new(Outages::default());
        let room = Room::new(options.full_at);
        let counter = Counter::default();
        let health = Health::new(connection.clone(), room.clone(), Arc::clone(&outages), counter.clone());
        let intake = Intake::new(options.bytes_in_flight, options.patience);
        let refusals = Refusals::default();
        let door = Door { secrets, intake, publisher, room, outages, refusals, counter, health, wait: options.wait };
        Self { door: Arc::new(door), options }
    }

    /// How it is, for whoever answers for its readiness.
    #[must_use]
    pub fn health(&self) -> Health {
        self.door.health.clone()
    }

    /// Serves until cancelled, then lets open requests end.
    pub async fn serve(self, listener: TcpListener, cancel: CancellationToken) {
        let mut beside = JoinSet::new();
        beside.spawn(self.door.room.clone().watch(self.door.health.connection().clone(), self.options.ask_every));
        beside.spawn(outage::record(Arc::clone(&self.door), self.options.quiet));
        connections::serve(listener, door::router(Arc::clone(&self.door)), self.options, cancel).await;
        self.door.outages.forget();
    }
}
