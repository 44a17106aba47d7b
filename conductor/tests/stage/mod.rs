//! A nats-server with the accounts and streams of a rig, and GitHub's door on it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    dead_code,
    unreachable_pub,
    reason = "shared by tests"
)]

pub mod delivery;

use std::{
    collections::HashMap,
    net::SocketAddr,
    ops::ControlFlow,
    sync::LazyLock,
    time::{Duration, Instant},
};

use bus::{
    RecordId, Sequenced,
    accounts::{self, User},
    connect::{Connection, connect, connect_in_background},
    read::{Reader, Start},
    roles::{Name, Role, Skill},
    stream::{self, Overrides},
};
use conductor::github::{
    ingest::{Health, Ingest, Options},
    payload,
    signature::Secrets,
};
use servers::{
    nats::Nats,
    testing::{self, Owned},
};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

pub use delivery::{Answer, Delivery};

pub const PATIENCE: Duration = Duration::from_secs(30);

/// The one agent.
pub const AGENT: &str = "dev-e";

pub const SECRET: &str = "it is the test's own secret";

pub fn secrets() -> Secrets {
    Secrets::new(SECRET).unwrap()
}

/// A rig's server, and nobody on it but the operator.
pub struct Stage {
    pub nats: Owned<Nats>,
    pub operator: Connection,
}

impl Stage {
    pub async fn new() -> Self {
        Self::with(Overrides::default()).await
    }

    pub async fn with(overrides: Overrides) -> Self {
        let nats = testing::nats(&conf()).await;
        let operator = connect(&url(nats.client_address(), "operator"), "test", PATIENCE).await.unwrap();
        stream::apply(&operator.jetstream(), &overrides).await.unwrap();
        Self { nats, operator }
    }

    /// Ingest's own connection.
    pub async fn ingest(&self) -> Connection {
        connect(&url(self.nats.client_address(), "ingest"), "ingest", PATIENCE).await.unwrap()
    }

    /// GitHub's door, open, with more patience than GitHub has: the machine may be busy with other tests.
    pub async fn door(&self) -> Door {
        self.door_with(secrets(), patient()).await
    }

    pub async fn door_with(&self, secrets: Secrets, options: Options) -> Door {
        Door::open(&self.ingest().await, secrets, options).await
    }

    /// Everything that LOG holds now.
    pub async fn records(&self) -> Vec<Sequenced> {
        let last = stream::log_state(&self.operator.jetstream()).await.unwrap().last;
        if last == 0 {
            return Vec::new();
        }
        let mut reader = Reader::open(&self.operator, Start::Sequence(1), &[]).await.unwrap();
        let mut records = Vec::new();
        while records.last().is_none_or(|record: &Sequenced| record.sequence < last) {
            records.push(tokio::time::timeout(PATIENCE, reader.next()).await.unwrap().unwrap());
        }
        records
    }

    /// GitHub's bytes in LOG, by the number and the id of their record.
    pub async fn payloads(&self) -> HashMap<(u64, RecordId), Vec<u8>> {
        let mut payloads = HashMap::new();
        for record in self.records().await {
            let (_, envelope) = record.decode().unwrap();
            if let Some(bytes) = payload::exact(&record.body) {
                payloads.insert((record.sequence, envelope.id), bytes.to_vec());
            }
        }
        payloads
    }

    /// The records of outages, oldest first.
    pub async fn outages(&self) -> Vec<bus::catalogue::github::Outage> {
        let records = self.records().await;
        let outage = |record: &Sequenced| record.subject == "rig.evt.github._._.outage";
        records
            .iter()
            .filter(|record| outage(record))
            .map(|record| record.decode().unwrap().1.open().unwrap())
            .collect()
    }
}

static USERS: LazyLock<Vec<User>> = LazyLock::new(|| {
    let of = |role: Role| User {
        name: role.only_user().unwrap(),
        password: password(role.row().role).parse().unwrap(),
        role,
    };
    let agent = User {
        role: Role::Agent { role: Skill::of("implementer").unwrap(), pool: Name::of("linux").unwrap() },
        name: Name::of(AGENT).unwrap(),
        password: password(AGENT).parse().unwrap(),
    };
    Role::STATIC.into_iter().map(of).chain([agent]).collect()
});

fn conf() -> String {
    format!("{}{}", accounts::SERVER, accounts::render(&USERS).unwrap())
}

fn password(role: &str) -> String {
    format!("{role}-password-of-the-test")
}

pub fn url(server: SocketAddr, role: &str) -> String {
    format!("nats://{role}:{}@{server}", password(role))
}

/// A connection of ingest's to a server that may not be there yet.
pub async fn ingest_in_background(server: SocketAddr) -> Connection {
    connect_in_background(&url(server, "ingest"), "ingest").await.unwrap()
}

pub fn patient() -> Options {
    Options { wait: PATIENCE, patience: PATIENCE, ..Options::default() }
}

/// GitHub's door on a port of its own.
pub struct Door {
    pub address: SocketAddr,
    pub health: Health,
    pub cancel: CancellationToken,
    serving: JoinSet<()>,
}

impl Door {
    pub async fn open(connection: &Connection, secrets: Secrets, options: Options) -> Self {
        Self::open_at(([127, 0, 0, 1], 0).into(), connection, secrets, options).await
    }

    /// A door on this port.
    pub async fn open_at(at: SocketAddr, connection: &Connection, secrets: Secrets, options: Options) -> Self {
        let listener = TcpListener::bind(at).await.unwrap();
        let address = listener.local_addr().unwrap();
        let ingest = Ingest::new(connection, secrets, options);
        let (health, cancel) = (ingest.health(), CancellationToken::new());
        let mut serving = JoinSet::new();
        serving.spawn(ingest.serve(listener, cancel.clone()));
        Self { address, health, cancel, serving }
    }

    pub async fn post(&self, delivery: Delivery) -> Answer {
        delivery.send_to(self.address).await
    }

    /// Closes the door and waits for what is open; tells how long that took.
    pub async fn close(mut self) -> Duration {
        let begin = Instant::now();
        self.cancel.cancel();
        tokio::time::timeout(PATIENCE, self.serving.join_next()).await.unwrap().unwrap().unwrap();
        begin.elapsed()
    }
}

/// Looks again and again, until it breaks with what was looked for.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> ControlFlow<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let ControlFlow::Break(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "{what} did not happen within {PATIENCE:?}");
        // Each look at LOG leaves a consumer that the server keeps for a minute, and it keeps not too many.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

pub fn when(there: bool) -> ControlFlow<()> {
    if there { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}
