//! The channel, as `rig up` makes it, on a machine whose power can be cut.

pub(crate) mod load;
pub(crate) mod stored;

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
use servers::{Cache, Lines, Nats, Server as _, nats::Options};

use crate::machine::Machine;

pub(crate) const AGENT: &str = "dev-e";

/// As `rig up` sets it: a publish is answered after the flush.
pub(crate) const ALWAYS: &str = "sync_interval: always,";

/// As the server does by itself: it flushes every two minutes.
pub(crate) const SERVERS_DEFAULT: &str = "";

const PATIENCE: Duration = Duration::from_secs(20);

/// The nats-server of a machine, with the streams.
pub(crate) struct Channel {
    nats: Option<Nats>,
    options: Options,
}

impl Channel {
    pub(crate) async fn start(machine: &Machine, sync: &str) -> Self {
        let program = Cache::locate().unwrap().nats_server(&Lines::none()).await.unwrap();
        let options = Options {
            log: machine.log("nats.log"),
            ready_within: PATIENCE,
            ..Options::new(program, machine.disk().join("nats"), conf(sync))
        };
        let nats = Some(Nats::start(options.clone()).await.unwrap());
        let channel = Self { nats, options };
        stream::apply(&channel.user("conductor").await.jetstream(), &Overrides::default()).await.unwrap();
        channel
    }

    fn running(&self) -> &Nats {
        self.nats.as_ref().unwrap()
    }

    pub(crate) async fn user(&self, name: &str) -> Connection {
        let address = self.running().client_address();
        connect(&format!("nats://{name}:{}@{address}", password(name)), "power-cut", PATIENCE).await.unwrap()
    }

    pub(crate) fn kill(&self) {
        kill(Pid::from_raw(self.running().pid().cast_signed()), Signal::SIGKILL).unwrap();
    }

    /// As somebody does who stops a rig and starts it: on the same ports.
    pub(crate) async fn restart(&self) {
        self.running().restart().await.unwrap();
    }

    /// What the supervisor would tell of it.
    pub(crate) async fn health(&self) -> Result<(), String> {
        self.running().healthy().await.map_err(|error| error.to_string())
    }

    pub(crate) async fn start_again(&mut self) {
        drop(self.nats.take());
        self.nats = Some(Nats::start(self.options.clone()).await.unwrap());
    }
}

fn conf(sync: &str) -> String {
    let agent = Role::Agent { role: Skill::of("implement").unwrap(), pool: Name::of("linux").unwrap() };
    let users = [(Role::Conductor, "conductor"), (Role::Projector, "projector"), (Role::Chat, "chat"), (agent, AGENT)];
    let users = users.map(|(role, name)| User {
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
