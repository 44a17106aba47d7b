//! One job, from its folders to its conclusion.

use std::io;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    Ended, Job, Settings, Walls,
    checkout::check_out,
    child::{Finish, follow},
    log::Log,
    scratch::Scratch,
    script,
    stop::{Stop, Stopped},
    strays,
};
use crate::workflow::Conclusion;

/// Why a script did not start.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unstarted {
    #[error("the job's folders cannot be made; see that the runner's folder is there and has room")]
    Scratch(#[source] io::Error),
    #[error("{0:?} is no commit's id in full")]
    Commit(String),
    #[error("the repository's folder cannot be told")]
    Repository(#[source] io::Error),
    #[error("git cannot check out {0}; its own words are above")]
    Checkout(String),
    #[error("there is no {0} on the PATH to run the script; name another shell, or install it")]
    Shell(String),
    #[error("the walls round the script could not be put up; the words of unshare are above")]
    Walls,
    #[error("the programs that keep a job (sh, and within namespaces unshare and setsid) cannot be started")]
    Spawn(#[source] io::Error),
}

/// Runs a job and clears away after it.
pub(super) async fn attempt(settings: &Settings, job: &Job, cancel: &CancellationToken) -> Ended {
    let began = Instant::now();
    let stop = Stop { deadline: began + job.limits.time, cancel };
    let mut log = Log::within(job.limits.output);
    let mut words = Vec::new();
    let (conclusion, exit) = match in_scratch(settings, job, &mut log, &stop, &mut words).await {
        Ok(judged) => judged,
        Err(unstarted) => {
            words.push(sentence(&unstarted));
            (Conclusion::StartupFailure, None)
        }
    };
    Ended { conclusion, exit, log: log.finish(&words), took: began.elapsed() }
}

async fn in_scratch(
    settings: &Settings,
    job: &Job,
    log: &mut Log,
    stop: &Stop<'_>,
    words: &mut Vec<String>,
) -> Result<(Conclusion, Option<i32>), Unstarted> {
    let scratch = Scratch::within(&settings.scratch).map_err(Unstarted::Scratch)?;
    let finish = run(settings, job, &scratch, log, stop).await;
    if settings.walls == Walls::Group
        && let Err(error) = strays::end(&scratch.home()).await
    {
        words.push(format!("something of this job is still running: {error}"));
    }
    let judged = finish.map(|finish| judged(finish, job, &scratch, words));
    let removed = tokio::task::spawn_blocking(|| scratch.remove()).await;
    if let Err(error) = removed.unwrap_or_else(|error| Err(io::Error::other(error))) {
        words.push(format!("the job's folder could not be removed: {error}"));
    }
    judged
}

async fn run(
    settings: &Settings,
    job: &Job,
    scratch: &Scratch,
    log: &mut Log,
    stop: &Stop<'_>,
) -> Result<Finish, Unstarted> {
    if let Some(stopped) = check_out(settings, &job.checkout, scratch, log, stop).await? {
        return Ok(Finish::Stopped(stopped));
    }
    let command = script::command(settings, job, scratch)?;
    let finish = follow(command, log, stop).await.map_err(Unstarted::Spawn)?;
    match finish {
        Finish::Exited(_) if !scratch.started().exists() => Err(Unstarted::Walls),
        Finish::Exited(_) | Finish::Stopped(_) => Ok(finish),
    }
}

fn judged(finish: Finish, job: &Job, scratch: &Scratch, words: &mut Vec<String>) -> (Conclusion, Option<i32>) {
    match finish {
        Finish::Exited(0) => {
            let said = script::said(scratch).unwrap_or_else(|wrong| {
                words.push(wrong.to_owned());
                Conclusion::Failure
            });
            (said, Some(0))
        }
        Finish::Exited(code) => {
            words.push(format!("the script ended with exit status {code}"));
            (Conclusion::Failure, Some(code))
        }
        Finish::Stopped(Stopped::Cancelled) => {
            words.push("cancelled".to_owned());
            (Conclusion::Cancelled, None)
        }
        Finish::Stopped(Stopped::TimedOut) => {
            words.push(format!("stopped: it may take {:?}", job.limits.time));
            (Conclusion::TimedOut, None)
        }
    }
}

fn sentence(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
