//! `rig up`: a whole rig on this machine, in the foreground, until it is told to stop.

mod announce;
mod channel;
mod doors;
mod ground;
mod listener;
mod refusals;
mod rig;
mod second_terminal;
mod signals;
mod staff;
mod subscribers;

use std::time::{Duration, Instant};

use servers::Lines;

use crate::{
    context::Context,
    exit::Failure,
    home::{Home, Lock, UpFile},
    log, screen,
};

pub(crate) use ground::Ground;
pub(crate) use listener::listen;
pub(crate) use rig::{Rig, Roles, SECOND_CONDUCTOR};
pub(crate) use second_terminal::quoted;
pub(crate) use signals::Signals;
pub(crate) use staff::{Shift, Staff};

/// Everything is stopped within this.
const STOPPED_WITHIN: Duration = Duration::from_secs(5);

/// What is said when somebody has told it to stop.
pub(crate) const TOLD_TO_STOP: &str = "\nStopping. Ctrl-C again stops at once.";

const EXAMPLES: &str = "\
Examples:
  rig up                              in ./.rig, until Ctrl-C
  rig up --home /srv/rig --json       for a program: one line of JSON on stdout when ready
  rig up --fresh                      forget everything that was stored in this home
  RIG__INGEST__LISTEN=0.0.0.0:8420 rig up

Ctrl-C stops everything within 5 s (exit code 130); a second one stops it at once. SIGTERM
stops it in the same way (exit code 0). While it is up, up.json in the home says how to reach it.";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Forget everything: empty the home first (only a folder that `rig up` made)
    #[arg(long)]
    fresh: bool,
    /// Start nats-server and PostgreSQL only, with streams and tables, but no role
    #[arg(long)]
    servers_only: bool,
    /// Print what up.json says, as one line on stdout, when everything is ready
    #[arg(long)]
    json: bool,
}

/// Runs until told to stop.
pub(crate) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let started = Instant::now();
    let mut signals = Signals::listen()?;
    let config = context.config()?;
    let (home, _lock) = take_home(context, args.fresh)?;
    log::start(home.logs().join("rig.log"), &config.log.filter)?;
    let roles = if args.servers_only { Roles::None } else { Roles::Here };
    let rig = tokio::select! {
        rig = Rig::start(&config, &home, roles, Lines::to(screen::event)) => rig?,
        told = signals.next() => return told.outcome(),
    };
    rig.announce(started.elapsed(), args.json)?;
    let told = signals.next().await;
    stop(rig, &mut signals).await;
    told.outcome()
}

fn take_home(context: &Context, fresh: bool) -> Result<(Home, Lock), Failure> {
    let (home, note) = Home::make(&context.wanted_home())?;
    if let Some(note) = note {
        screen::event(&format!("home: {note}"));
    }
    let lock = home.lock()?;
    home.give_to_rig(&lock)?;
    if fresh {
        home.empty(&lock)?;
    }
    // What a killed rig left would send programs to where nobody is.
    UpFile::remove(&home.up_file())?;
    home.make_folders()?;
    Ok((home, lock))
}

async fn stop(rig: Rig, signals: &mut Signals) {
    let asked = Instant::now();
    screen::say(TOLD_TO_STOP);
    tokio::select! {
        () = rig.stop(STOPPED_WITHIN) => screen::say(&format!("Stopped in {:.1} s.", asked.elapsed().as_secs_f32())),
        _ = signals.next() => screen::say("Stopped at once. What was stored is stored."),
    }
}
