//! The runtime: offers are taken one at a time, and each leads to the claim of an end before it is acknowledged.
//!
//! An offer whose agent dies is delivered again, to it or to a twin; the fence is the same, so the twin goes on with the
//! branch as far as it was pushed. One that was decided otherwise meanwhile is told to stop before it has done anything.

pub(crate) mod claims;
mod end;
pub(crate) mod heard;
pub(crate) mod lease;
pub(crate) mod notes;
mod run;
mod trace;
mod unread;

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bus::{
    RecordId, Sequenced,
    catalogue::{agent::Fence, cmd::Offer},
    connect::Connection,
    consume::{self, Options, Verdict},
    envelope::now,
    publish::Publisher,
};
use futures::FutureExt;
pub use lease::Halt;
use time::OffsetDateTime;
use tokio::{sync::watch, time::sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    brain::{self, Brain},
    character::Character,
    git_door::Credential,
    workspace::{self, Workspace},
};
use claims::Claims;
use run::{Conclusion, Run};
use trace::Traces;
use unread::Unread;

/// The longest that a saturated brain is believed at once; then it is tried again.
const LONGEST_REST: Duration = Duration::from_hours(24);

/// How many ended runs are remembered: an offer whose acknowledgement was lost comes again soon.
const REMEMBERED: usize = 64;

/// An agent, with all it needs.
#[derive(Clone, Debug)]
pub struct Agent {
    /// Who it is.
    pub character: Character,
    /// Where its runs work.
    pub workspace: Workspace,
    /// Where the repositories are, and who it is there.
    pub github: Github,
    /// How often it does what it does all the time.
    pub pace: Pace,
}

/// Where the repositories are, and who the agent is there.
#[derive(Clone, Debug)]
pub struct Github {
    /// As `https://github.com`: git's side.
    pub host: String,
    /// As `https://api.github.com`.
    pub api: String,
    /// What its role proves itself with.
    pub credential: Credential,
    /// What asks the API.
    pub client: reqwest::Client,
}

/// How often an agent does what it does all the time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pace {
    /// It says that it lives.
    pub alive: Duration,
    /// It asks whether to go on.
    pub next: Duration,
    /// It tells the server that it still works on an offer.
    pub progress: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { alive: Duration::from_secs(60), next: Duration::from_secs(10), progress: Duration::from_secs(5) }
    }
}

/// Why an agent cannot work.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Its brain cannot be used.
    #[error(transparent)]
    Brain(#[from] brain::Error),
    /// Its folder cannot be used.
    #[error(transparent)]
    Workspace(#[from] workspace::Error),
    /// The channel does not let it listen.
    #[error(transparent)]
    Consume(#[from] consume::Error),
    /// Its role has no name on the channel.
    #[error(transparent)]
    Name(#[from] bus::roles::BadName),
}

/// What an agent does now, for its signs of life.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Doing {
    pub(crate) work: Option<Fence>,
    pub(crate) resting_until: Option<OffsetDateTime>,
}

/// Takes offers until cancelled. `publisher` is one without batches: VOICE takes none.
///
/// # Errors
/// When it cannot begin.
pub async fn run(
    connection: &Connection,
    publisher: &Publisher,
    agent: &Agent,
    cancel: &CancellationToken,
) -> Result<(), Error> {
    let brain = Brain::of(&agent.character.brain)?;
    let left = agent.workspace.sweep()?;
    let worker = Arc::new(Worker {
        connection: connection.clone(),
        publisher: publisher.clone(),
        agent: agent.clone(),
        brain,
        traces: Traces::new(publisher),
        doing: watch::Sender::new(Doing::default()),
        ended: Mutex::new(VecDeque::new()),
        cancel: cancel.clone(),
    });
    tokio::select! {
        ended = work(&worker, left) => ended,
        never = worker.live() => match never {},
    }
}

async fn work(worker: &Arc<Worker>, left: Vec<Offer>) -> Result<(), Error> {
    // What a former life of this agent held comes before anything new. It is delivered again, too, and done by then.
    for offer in left {
        worker.take(&offer, &worker.cancel.child_token()).await;
        worker.rest().await;
    }
    let character = &worker.agent.character;
    let consumer = format!("agent-{}-{}", character.role.name(), character.pool);
    let options = Options { progress: worker.agent.pace.progress, ..Options::default() };
    while !worker.cancel.is_cancelled() {
        let pulling = worker.cancel.child_token();
        let (handler, end) = (Arc::clone(worker), pulling.clone());
        // It owns what it works on, so that the loop may move between threads.
        let handle = move |record: &Sequenced, count: u64| {
            let (worker, end, record) = (Arc::clone(&handler), end.clone(), record.clone());
            async move { worker.handle(&record, count, &end).await }.boxed()
        };
        consume::run(&worker.connection, &consumer, &options, None, handle, &pulling).await?;
        worker.rest().await;
    }
    Ok(())
}

struct Worker {
    connection: Connection,
    publisher: Publisher,
    agent: Agent,
    brain: Brain,
    traces: Traces,
    doing: watch::Sender<Doing>,
    /// The last runs whose end was claimed here.
    ended: Mutex<VecDeque<RecordId>>,
    cancel: CancellationToken,
}

impl Worker {
    async fn handle(&self, record: &Sequenced, count: u64, pulling: &CancellationToken) -> Verdict {
        match unread::read(record) {
            Ok(offer) => self.take(&offer, pulling).await,
            Err(unread) => self.hand_in(unread, record.sequence, count).await,
        }
    }

    /// What cannot be read now cannot be read later: it ends as a failure of the run, or as a dead record.
    async fn hand_in(&self, unread: Unread, sequence: u64, deliveries: u64) -> Verdict {
        tracing::error!(sequence, error = unread.error, "an offer cannot be read");
        let claims = Claims { publisher: &self.publisher, character: &self.agent.character, offer: None };
        unread.end(&self.connection, &claims, sequence, deliveries).await
    }

    async fn take(&self, offer: &Offer, pulling: &CancellationToken) -> Verdict {
        let run = offer.fence.run;
        if self.ended().contains(&run) {
            return Verdict::Done;
        }
        let conclusion = self.perform(offer).await;
        if !matches!(conclusion, Conclusion::Unfinished(_)) {
            let mut ended = self.ended();
            ended.push_back(run);
            let surplus = ended.len().saturating_sub(REMEMBERED);
            ended.drain(..surplus);
        }
        self.settle(conclusion, pulling)
    }

    fn ended(&self) -> MutexGuard<'_, VecDeque<RecordId>> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn perform(&self, offer: &Offer) -> Conclusion {
        self.doing.send_modify(|doing| doing.work = Some(offer.fence));
        let run = Run {
            connection: &self.connection,
            agent: &self.agent,
            brain: &self.brain,
            traces: &self.traces,
            claims: Claims { publisher: &self.publisher, character: &self.agent.character, offer: Some(offer) },
            offer,
        };
        let conclusion = tokio::select! {
            conclusion = run.perform() => conclusion,
            () = self.cancel.cancelled() => Conclusion::Unfinished("the agent goes down".to_owned()),
        };
        self.doing.send_modify(|doing| doing.work = None);
        conclusion
    }

    fn settle(&self, conclusion: Conclusion, pulling: &CancellationToken) -> Verdict {
        match conclusion {
            Conclusion::Ended => Verdict::Done,
            Conclusion::Unfinished(why) => Verdict::Retry(why),
            Conclusion::Saturated(until) => {
                let until = until.min(now() + LONGEST_REST);
                self.doing.send_modify(|doing| doing.resting_until = Some(until));
                pulling.cancel();
                Verdict::Done
            }
        }
    }

    /// Takes nothing until the rest is over.
    async fn rest(&self) {
        let until = self.doing.borrow().resting_until;
        if let Some(until) = until {
            let left = Duration::try_from(until - now()).unwrap_or_default();
            self.cancel.run_until_cancelled(sleep(left)).await;
            self.doing.send_modify(|doing| doing.resting_until = None);
        }
    }

    /// Says that it lives, at once and then again and again, and whenever it begins or ends to rest.
    async fn live(&self) -> std::convert::Infallible {
        let claims = Claims { publisher: &self.publisher, character: &self.agent.character, offer: None };
        let mut changes = self.doing.subscribe();
        loop {
            let doing = *changes.borrow_and_update();
            claims.alive(doing).await;
            tokio::select! {
                () = sleep(self.agent.pace.alive) => {}
                _ = changes.wait_for(|now| now.resting_until != doing.resting_until) => {}
            }
        }
    }
}
