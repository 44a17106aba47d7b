//! A program that is followed to its end, whatever that is.

use std::{
    io::{self, PipeWriter},
    os::unix::process::ExitStatusExt as _,
    pin::pin,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};
use tokio::{
    io::AsyncReadExt as _,
    net::unix::pipe::Receiver,
    process::{Child, Command},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    log::Log,
    stop::{Stop, Stopped},
    strays::Strays,
};

/// How long a keeper has to end its job, before it is killed itself.
const KEEPER: Duration = Duration::from_secs(5);
/// How long output is awaited of what outlived its job, which nothing should.
const OUTPUT: Duration = Duration::from_secs(1);

/// How a program ended.
#[derive(Clone, Copy, Debug)]
pub(super) enum Finish {
    /// By itself, with this exit status.
    Exited(i32),
    /// Because it had to.
    Stopped(Stopped),
}

/// Runs a program that [`Walls::around`](super::Walls) prepared, until it ends or is stopped, and ends its strays; its
/// output goes to the log. Dropping this lets the lifeline go, so that the program ends all the same.
pub(super) async fn follow(command: Command, strays: Strays, log: &mut Log, stop: &Stop<'_>) -> io::Result<Finish> {
    let (output, output_end) = io::pipe()?;
    let (lifeline_end, lifeline) = io::pipe()?;
    let child = spawned(command, lifeline_end.into(), output_end)?;
    let output = Receiver::from_owned_fd(output.into())?;
    let over = CancellationToken::new();
    let ended = async {
        let finish = finish(child, lifeline, stop).await;
        let left = strays.end().await;
        over.cancel();
        (finish, left)
    };
    let ((finish, left), ()) = tokio::join!(ended, collect(output, log, &over));
    if let Err(error) = left {
        log.say(format!("something of this job is still running: {error}"));
    }
    finish
}

/// Takes the command, because it holds ends of the pipes that must be the child's alone.
fn spawned(mut command: Command, lifeline: Stdio, output: PipeWriter) -> io::Result<Child> {
    let errors = output.try_clone()?;
    command.stdin(lifeline).stdout(output).stderr(errors).kill_on_drop(true).spawn()
}

async fn finish(mut child: Child, lifeline: PipeWriter, stop: &Stop<'_>) -> io::Result<Finish> {
    let group = child.id();
    let finish = tokio::select! {
        biased;
        status = child.wait() => Finish::Exited(code(status?)),
        why = stop.comes() => Finish::Stopped(why),
    };
    drop(lifeline);
    if matches!(finish, Finish::Stopped(_)) && timeout(KEEPER, child.wait()).await.is_err() {
        kill_group(group);
        child.wait().await?;
    }
    kill_group(group);
    Ok(finish)
}

/// The number stays the group's as long as anything is left in it, so this cannot meet a stranger then; if nothing is
/// left, a new process would have to get that very number, and lead a group, within this instant.
fn kill_group(group: Option<u32>) {
    if let Some(group) = group.and_then(|group| i32::try_from(group).ok()) {
        // A group that is gone already is what was wanted.
        let _gone_already = killpg(Pid::from_raw(group), Signal::SIGKILL);
    }
}

fn code(status: ExitStatus) -> i32 {
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default())
}

/// Reads until every process that could write has gone, or, once the job is over, for a moment longer.
async fn collect(mut output: Receiver, log: &mut Log, over: &CancellationToken) {
    let mut chunk = vec![0; 64 * 1024];
    let mut late = pin!(async {
        over.cancelled().await;
        sleep(OUTPUT).await;
    });
    loop {
        tokio::select! {
            read = output.read(&mut chunk) => match read {
                Ok(count) if count > 0 => log.push(chunk.get(..count).unwrap_or_default()),
                Ok(_) | Err(_) => return,
            },
            () = &mut late => return,
        }
    }
}
