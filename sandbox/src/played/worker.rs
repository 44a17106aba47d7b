//! Runs the jobs of workflow runs, and lets time pass for the world.

use std::{collections::BTreeMap, path::Path, time::Duration};

use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    task::JoinSet,
    time::MissedTickBehavior,
};
use tokio_util::sync::CancellationToken;

use super::keeper::Keeper;
use crate::{
    ci::{self, Checkout, Ended, Job, Limits, Runner, Running, Walls},
    git::{self, Mirror},
    world::{Input, JobId, Work},
};

/// What the worker is told.
#[derive(Debug)]
pub(crate) enum Errand {
    Run(Work),
    Cancel(JobId),
}

/// How often the world is told that time has passed.
const BEAT: Duration = Duration::from_secs(1);
/// So many jobs run at once.
const AT_ONCE: usize = 2;
/// A log keeps so many bytes.
const LOG: usize = 1 << 20;
/// A file that a script writes has at most so many bytes.
const FILE: u64 = 1 << 30;

/// How jobs run: with git's own `PATH`, in a folder beside the repositories.
pub(crate) async fn settings(folder: &Path, git: &git::Settings) -> ci::Settings {
    let path = git.path.to_string_lossy().into_owned();
    let (walls, scratch) = (Walls::found(&path).await, folder.join("jobs"));
    if let Err(error) = std::fs::create_dir_all(&scratch) {
        tracing::error!(%error, folder = %scratch.display(), "no job of the played CI can start");
    }
    ci::Settings { at_once: AT_ONCE, path, scratch, walls }
}

/// Runs jobs.
#[derive(Debug)]
pub(crate) struct Worker {
    errands: UnboundedReceiver<Errand>,
    settings: ci::Settings,
    mirror: Mirror,
}

impl Worker {
    /// A worker, and where it is told what to do.
    pub(crate) fn new(settings: ci::Settings, mirror: Mirror) -> (Self, UnboundedSender<Errand>) {
        let (sender, errands) = mpsc::unbounded_channel();
        (Self { errands, settings, mirror }, sender)
    }

    /// Runs jobs until it is cancelled; what runs then is cancelled with it.
    pub(crate) async fn run(mut self, keeper: Keeper, cancel: CancellationToken) {
        let runner = Runner::new(self.settings);
        let mut jobs: JoinSet<News> = JoinSet::new();
        let mut tokens: BTreeMap<JobId, CancellationToken> = BTreeMap::new();
        let mut beat = tokio::time::interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let input = tokio::select! {
                () = cancel.cancelled() => return,
                _ = beat.tick() => Input::Tick,
                Some(news) = jobs.join_next() => match news {
                    Ok(News::Begun(job, running)) => {
                        jobs.spawn(async move { News::Ended(job, running.ended().await) });
                        Input::JobStarted(job)
                    }
                    Ok(News::Ended(job, ended)) => {
                        tokens.remove(&job);
                        Input::JobEnded { job, conclusion: ended.conclusion, log: ended.log }
                    }
                    Err(error) => {
                        tracing::error!(%error, "a job of the played CI is lost");
                        continue;
                    }
                },
                errand = self.errands.recv() => match errand {
                    None => return,
                    Some(Errand::Cancel(job)) => {
                        if let Some(token) = tokens.get(&job) {
                            token.cancel();
                        }
                        continue;
                    }
                    // A required check that never reports, as was asked for.
                    Some(Errand::Run(work)) if keeper.faults().check(&work.check) => Input::JobStarted(work.job),
                    Some(Errand::Run(work)) => {
                        let (id, token) = (work.job, cancel.child_token());
                        jobs.spawn(first_news(id, runner.start(job(&self.mirror, work), &token)));
                        tokens.insert(id, token);
                        continue;
                    }
                },
            };
            if let Err(error) = keeper.step(&input) {
                tracing::error!(%error, "the mirror on disk does not follow the played world");
            }
        }
    }
}

/// What becomes of a job.
enum News {
    Begun(JobId, Running),
    Ended(JobId, Ended),
}

/// A job that was handed over is queued until a place is free, and may be cancelled there.
async fn first_news(job: JobId, mut running: Running) -> News {
    if running.begun().await { News::Begun(job, running) } else { News::Ended(job, running.ended().await) }
}

fn job(mirror: &Mirror, work: Work) -> Job {
    let Work { job: _, check: _, repository, commit, script, environment, timeout } = work;
    Job {
        checkout: Checkout { repository: mirror.repository(repository), commit: commit.to_string() },
        script,
        environment,
        limits: Limits { time: timeout, output: LOG, memory: None, file_size: Some(FILE) },
    }
}
