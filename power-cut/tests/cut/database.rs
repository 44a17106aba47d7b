use std::fs;

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use servers::{
    Cache, Lines, Postgres, Supervised,
    postgres::{Durability, Options},
};
use sqlx::{ConnectOptions as _, PgConnection};

use crate::{channel::stored::Held, machine::Machine};

/// The PostgreSQL of a machine, with the settings of `rig up`.
pub(crate) struct Database {
    postgres: Option<Postgres>,
    options: Options,
}

impl Database {
    pub(crate) async fn start(machine: &Machine) -> Self {
        let bin = Cache::locate().unwrap().postgres_bin(&Lines::none()).await.unwrap();
        let options = Options {
            log: machine.log("postgres.log"),
            durability: Durability::Flushed,
            ..Options::new(bin, machine.disk().join("postgres"))
        };
        let postgres = Some(Postgres::start(options.clone()).await.unwrap());
        // `initdb` flushes by `syncfs`, of which the kernel tells a FUSE file system nothing.
        machine.settle();
        Self { postgres, options }
    }

    fn running(&self) -> &Postgres {
        self.postgres.as_ref().unwrap()
    }

    pub(crate) async fn connect(&self) -> PgConnection {
        self.running().connect_options("rig").connect().await.unwrap()
    }

    pub(crate) fn url(&self) -> String {
        self.running().url()
    }

    /// Every process at one moment: none is left to say what the others did.
    pub(crate) fn kill(&self) {
        let postmaster = Pid::from_raw(self.running().pid().cast_signed());
        // So that it starts no others meanwhile.
        kill(postmaster, Signal::SIGSTOP).unwrap();
        let children = fs::read_to_string(format!("/proc/{postmaster}/task/{postmaster}/children")).unwrap();
        let children = children.split_whitespace().map(|child| Pid::from_raw(child.parse().unwrap()));
        for process in children.chain([postmaster]) {
            // One that has just ended by itself is as dead.
            let _ = kill(process, Signal::SIGKILL);
        }
    }

    pub(crate) async fn start_again(&mut self) {
        drop(self.postgres.take());
        self.postgres = Some(Postgres::start(self.options.clone()).await.unwrap());
    }

    /// Watched as `rig up` watches it: started again when it dies, with a line.
    pub(crate) fn watched(mut self, lines: Lines) -> Supervised<Postgres> {
        Supervised::watch(self.postgres.take().unwrap(), lines)
    }
}

/// The last record of which there are rows.
pub(crate) async fn through(rows: &mut PgConnection) -> u64 {
    let query = sqlx::query_scalar("SELECT coalesce(max(sequence), 0) FROM cursor");
    let through: i64 = query.fetch_one(rows).await.unwrap();
    through.cast_unsigned()
}

/// The bodies that are rows, by the numbers of their records.
pub(crate) async fn rows(rows: &mut PgConnection) -> Held {
    let all = sqlx::query_as("SELECT sequence, body FROM log");
    let all: Vec<(i64, String)> = all.fetch_all(rows).await.unwrap();
    all.into_iter().map(|(at, body)| (at.cast_unsigned(), body.into())).collect()
}
