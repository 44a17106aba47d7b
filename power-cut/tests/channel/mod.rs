//! The channel, as `rig up` makes it, on a disk whose power can be cut.
#![allow(clippy::panic, clippy::unwrap_used, missing_docs, unreachable_pub, reason = "shared by tests")]

pub mod load;
pub mod stored;

use std::time::Duration;

use bus::{
    accounts::{self, User},
    connect::{Connection, connect},
    roles::{Name, Role, Skill},
    stream::{self, Overrides},
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use power_cut::{Disk, Forgotten, Options, Tear};
use servers::{
    Cache, Lines, Nats,
    nats::Options as NatsOptions,
    testing::{self, Home},
};

pub const AGENT: &str = "dev-e";

/// As `rig up` sets it: a publish is answered after the flush.
pub const ALWAYS: &str = "sync_interval: always,";

/// As the server does by itself: it flushes every two minutes.
pub const SERVERS_DEFAULT: &str = "";

const PATIENCE: Duration = Duration::from_secs(20);

/// The server, the disk it lives on, and its folder.
pub struct Channel {
    // Before the disk it lives on.
    nats: Option<Nats>,
    pub disk: Disk,
    options: NatsOptions,
    _home: Home,
}

impl Channel {
    pub async fn new(sync: &str, options: Options) -> Self {
        let home = testing::home();
        let disk =
            Disk::mount(&home.path().join("disk"), options).unwrap_or_else(|error| panic!("{error} ({error:?})"));
        let program = Cache::locate().unwrap().nats_server(&Lines::none()).await.unwrap();
        let options = NatsOptions {
            log: home.path().join("nats.log"),
            ready_within: PATIENCE,
            ..NatsOptions::new(program, disk.path().join("nats"), conf(sync))
        };
        let nats = Some(Nats::start(options.clone()).await.unwrap());
        let channel = Self { nats, disk, options, _home: home };
        stream::apply(&channel.user("conductor").await.jetstream(), &Overrides::default()).await.unwrap();
        channel
    }

    pub async fn user(&self, name: &str) -> Connection {
        let address = self.nats.as_ref().unwrap().client_address();
        connect(&format!("nats://{name}:{}@{address}", password(name)), "power-cut", PATIENCE).await.unwrap()
    }

    /// The power goes, and comes back.
    pub async fn cut(&mut self, tear: &mut Tear) -> Forgotten {
        let nats = self.nats.take().unwrap();
        let server = Pid::from_raw(nats.pid().cast_signed());
        let forgotten = self.disk.cut(tear, || kill(server, Signal::SIGKILL).unwrap()).unwrap();
        drop(nats);
        self.nats = Some(Nats::start(self.options.clone()).await.unwrap());
        forgotten
    }
}

fn conf(sync: &str) -> String {
    let agent = Role::Agent { role: Skill::of("implement").unwrap(), pool: Name::of("linux").unwrap() };
    let users = [(Role::Conductor, "conductor"), (Role::Chat, "chat"), (agent, AGENT)].map(|(role, name)| User {
        role,
        name: Name::of(name).unwrap(),
        password: password(name).parse().unwrap(),
    });
    let accounts = accounts::render(&users).unwrap();
    format!("max_payload: 32MB\njetstream {{ {sync} max_mem: 64MB, max_file: 64TB }}\n{accounts}")
}

fn password(name: &str) -> String {
    format!("{name}-at-the-power-cut")
}
