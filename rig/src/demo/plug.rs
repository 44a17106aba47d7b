//! `--pull-the-plug`: processes are ended with kill -9 while they work, and it is told who goes on, and after how long.

use std::time::{Duration, Instant};

use bus::{
    connect::Connection,
    read::{Reader, Start},
    service::{self, run::Leader},
    stream,
};
use bytes::Bytes;
use chat_bridge::terminal;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use rand::{SeedableRng as _, rngs::StdRng, seq::SliceRandom as _};
use store::projector::{STATUS_SUBJECT, Status};
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};

use crate::{
    exit::Failure,
    roles::Pids,
    screen::{BAD, GOOD},
    up::{Rig, SECOND_CONDUCTOR},
};

/// How long something may take to be back before it is said that it is not.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long one question may take.
const ONCE: Duration = Duration::from_millis(300);

const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How long it is left in peace between two pulls at random, at most and at least.
const PEACE: std::ops::Range<u64> = 150..900;

/// What can be killed: the keys 1 to 6.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Plug {
    Agent,
    Conductor,
    Projector,
    Chat,
    Nats,
    Postgres,
}

impl Plug {
    pub(super) const ALL: [Self; 6] =
        [Self::Agent, Self::Conductor, Self::Projector, Self::Chat, Self::Nats, Self::Postgres];

    /// What a key kills.
    pub(super) fn of_key(key: u8) -> Option<Self> {
        let place = key.checked_sub(b'1')?;
        Self::ALL.get(usize::from(place)).copied()
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Agent => "dev-e",
            Self::Conductor => "conductor",
            Self::Projector => "projector",
            Self::Chat => "chat door",
            Self::Nats => "nats-server",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// All of them once, in an order and at moments drawn from this seed.
pub(super) async fn at_random(seed: u64, pulls: mpsc::Sender<Plug>) {
    let mut random = StdRng::seed_from_u64(seed);
    let mut order = Plug::ALL;
    order.shuffle(&mut random);
    for plug in order {
        sleep(Duration::from_millis(rand::Rng::random_range(&mut random, PEACE))).await;
        // The channel holds one: the next is drawn once this one is being pulled.
        if pulls.send(plug).await.is_err() {
            return;
        }
    }
}

/// What is told of a pull.
pub(super) enum Told {
    /// It was asked for.
    Asked,
    /// What became of it.
    Line(String),
    /// It is over: who was killed is back, or was given up.
    Over,
}

/// Who pulls.
pub(super) struct Puller<'a> {
    pub(super) rig: &'a Rig,
    pub(super) pids: Pids,
}

/// What there was before a pull.
struct Before {
    term: Option<u64>,
    last: u64,
}

impl Puller<'_> {
    /// Kills what is asked for, one after the other, and tells what becomes of it; ends when nobody asks any more.
    pub(super) async fn run(&self, mut pulls: mpsc::Receiver<Plug>, told: mpsc::UnboundedSender<Told>) {
        while let Some(plug) = pulls.recv().await {
            let _ = told.send(Told::Asked);
            if let Err(failure) = self.pull(plug, &told).await {
                let _ = told.send(Told::Line(format!("{BAD}✗{BAD:#} {}: {failure}", plug.name())));
            }
            let _ = told.send(Told::Over);
        }
    }

    async fn pull(&self, plug: Plug, told: &mpsc::UnboundedSender<Told>) -> Result<(), Failure> {
        let operator = self.rig.operator();
        let leader = leader(operator).await;
        let Some((name, pid)) = self.target(plug, leader) else {
            let _ = told.send(Told::Line(format!("{} is away already", plug.name())));
            return Ok(());
        };
        let before = Before { term: leader.map(|leader| leader.term), last: last(operator).await };
        kill(Pid::from_raw(pid), Signal::SIGKILL)
            .map_err(|error| Failure::failed(format!("process {pid} cannot be killed")).because(error))?;
        let pulled = Instant::now();
        let _ = told.send(Told::Line(format!("{BAD}✗{BAD:#} kill -9 {name}, process {pid}")));
        match timeout(PATIENCE, self.back(plug, pid, &before)).await {
            Ok(how) => {
                let took = pulled.elapsed().as_secs_f32();
                let _ = told.send(Told::Line(format!("{GOOD}✓{GOOD:#} {name}: {how} after {took:.1} s")));
                Ok(())
            }
            Err(_) => Err(Failure::failed(format!("it is not back within {} s", PATIENCE.as_secs()))),
        }
    }

    /// Who it is now: of the conductors the one that leads.
    fn target(&self, plug: Plug, leader: Option<Leader>) -> Option<(&'static str, i32)> {
        let role = |name: &str| self.pids.of(name);
        let server = |pid: u32| i32::try_from(pid).ok();
        let leads = leader.and_then(|leader| i32::try_from(leader.process).ok());
        let pid = match plug {
            Plug::Agent => role("dev-e"),
            Plug::Conductor => {
                [role("conductor"), role(SECOND_CONDUCTOR)].into_iter().flatten().find(|pid| Some(*pid) == leads)
            }
            Plug::Projector => role("projector"),
            Plug::Chat => role("chat"),
            Plug::Nats => server(self.rig.nats_pid()),
            Plug::Postgres => server(self.rig.postgres_pid()),
        };
        pid.map(|pid| (plug.name(), pid))
    }

    /// Waits until it does its work again; how.
    async fn back(&self, plug: Plug, pid: i32, before: &Before) -> &'static str {
        match plug {
            Plug::Agent => {
                self.lives("dev-e", before.last).await;
                "another process lives"
            }
            Plug::Conductor => self.leads(before.term).await,
            Plug::Projector => {
                self.until(async || self.writes_rows().await).await;
                "another process writes the rows on"
            }
            Plug::Chat => {
                self.until(async || terminal::health(self.rig.operator(), ONCE).await.is_ok()).await;
                "another process takes words"
            }
            Plug::Nats => {
                self.until(async || i32::try_from(self.rig.nats_pid()) != Ok(pid) && self.rig.has_log().await).await;
                "it takes records again"
            }
            Plug::Postgres => {
                self.until(async || self.rig.has_rows().await).await;
                "it takes rows again"
            }
        }
    }

    async fn until(&self, holds: impl AsyncFn() -> bool) {
        while !holds().await {
            sleep(LOOK_EVERY).await;
        }
    }

    /// Whether a projector answers, and writes.
    async fn writes_rows(&self) -> bool {
        let asked = timeout(ONCE, self.rig.operator().client().request(STATUS_SUBJECT, Bytes::new()));
        let Ok(Ok(answer)) = asked.await else { return false };
        let status = serde_json::from_slice::<Status>(&answer.payload);
        status.is_ok_and(|status| status.waits.is_none() && status.projected_through.is_some())
    }

    /// Waits until an agent says that it lives, beyond this record.
    async fn lives(&self, agent: &str, last: u64) {
        let filters = [format!("rig.evt.agent.{agent}.alive")];
        loop {
            if let Ok(mut reader) = Reader::open(self.rig.operator(), Start::Sequence(last + 1), &filters).await
                && reader.next().await.is_ok()
            {
                return;
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// Waits until somebody leads who answers.
    async fn leads(&self, before: Option<u64>) -> &'static str {
        loop {
            match (leader(self.rig.operator()).await, before) {
                (Some(now), before) if Some(now.term) != before => return "the other took over",
                _ => sleep(LOOK_EVERY).await,
            }
        }
    }
}

async fn leader(operator: &Connection) -> Option<Leader> {
    service::ask(operator, &service::run::leader(), &(), ONCE).await.ok()
}

async fn last(operator: &Connection) -> u64 {
    stream::log_state(&operator.jetstream()).await.map_or(0, |log| log.last)
}
