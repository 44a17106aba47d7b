//! One job, from its folders to its conclusion.

use std::{io, time::Duration};

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
    strays::Strays,
};
use crate::workflow::Conclusion;

/// No clock counts for ever: a limit beyond this is as good as none.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 3600);

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
    let stop = Stop { deadline: began + job.limits.time.min(LONGEST), cancel };
    let mut log = Log::within(job.limits.output);
    let (conclusion, exit) = in_scratch(settings, job, &mut log, &stop).await.unwrap_or_else(|unstarted| {
        log.say(sentence(&unstarted));
        (Conclusion::StartupFailure, None)
    });
    Ended { conclusion, exit, log: log.finish(), took: began.elapsed() }
}

type Judged = (Conclusion, Option<i32>);

async fn in_scratch(settings: &Settings, job: &Job, log: &mut Log, stop: &Stop<'_>) -> Result<Judged, Unstarted> {
    let scratch = Scratch::within(&settings.scratch).map_err(Unstarted::Scratch)?;
    let finish = run(settings, job, &scratch, log, stop).await;
    let judged = finish.map(|finish| judged(finish, job, &scratch, log));
    let removed = tokio::task::spawn_blocking(|| scratch.remove()).await;
    if let Err(error) = removed.unwrap_or_else(|error| Err(io::Error::other(error))) {
        log.say(format!("the job's folder could not be removed: {error}"));
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
    let strays = match settings.walls {
        Walls::Namespaces => Strays::None,
        Walls::Group => Strays::AtHome(scratch.home()),
    };
    match follow(command, strays, log, stop).await.map_err(Unstarted::Spawn)? {
        Finish::Exited(_) if !scratch.started().exists() => Err(Unstarted::Walls),
        finish => Ok(finish),
    }
}

fn judged(finish: Finish, job: &Job, scratch: &Scratch, log: &mut Log) -> Judged {
    let (conclusion, exit, words) = match finish {
        Finish::Exited(0) => match script::said(scratch) {
            Ok(said) => return (said, Some(0)),
            Err(wrong) => (Conclusion::Failure, Some(0), wrong.to_owned()),
        },
        Finish::Exited(code) => (Conclusion::Failure, Some(code), format!("the script ended with exit status {code}")),
        Finish::Stopped(Stopped::Cancelled) => (Conclusion::Cancelled, None, "cancelled".to_owned()),
        Finish::Stopped(Stopped::TimedOut) => {
            (Conclusion::TimedOut, None, format!("stopped: it may take {:?}", job.limits.time))
        }
    };
    log.say(words);
    (conclusion, exit)
}

fn sentence(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
