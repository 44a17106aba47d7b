//! `rig sandbox`: a GitHub, played on this machine, in the foreground, until it is told to stop.

mod folder;
mod port;
mod told;

use std::{
    convert::Infallible,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use ::sandbox::{
    git,
    people::{Done, Play},
    played::{Played, Settings},
    seed_file::{NoKey, Residents, Seed, unguessable},
};
use tokio::time::timeout;

use crate::{
    config::search_path,
    context::Context,
    exit::{self, Failure},
    log,
    screen::{self, BAD},
    up::{Signals, TOLD_TO_STOP},
};
use folder::Folder;
pub(crate) use port::listen;
use told::Told;

/// Everything is stopped within this.
const STOPPED_WITHIN: Duration = Duration::from_secs(5);

const EXAMPLES: &str = "\
Examples:
  rig sandbox                                  a small world on port 8480, until Ctrl-C
  rig sandbox --port 9000 --seed world.toml    a world of your own
  rig sandbox --port 0 --json                  for a program: one line of JSON on stdout when ready

What it plays, and what a seed file may say: docs/sandbox.md and sandbox.example.toml.
Ctrl-C stops it within 5 s (exit code 130), SIGTERM too (exit code 0). Nothing that happened in it is kept.";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The port, on loopback; 0 takes any that is free [default: 8480, or another where that is taken]
    #[arg(long)]
    port: Option<u16>,
    /// What the world begins with
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    /// Draw tokens and ids from this number, so that they are the same at each start [default: anew each time]
    #[arg(long, value_name = "SEED")]
    random: Option<u64>,
    /// A folder of its own, for repositories, tokens and keys
    #[arg(long, value_name = "DIR", default_value = ".rig-sandbox")]
    folder: PathBuf,
    /// Print where everything is, as one line on stdout, when it is ready
    #[arg(long)]
    json: bool,
}

/// Runs until told to stop.
pub(crate) async fn run(args: Args, _context: &Context) -> Result<(), Failure> {
    let started = Instant::now();
    let mut signals = Signals::listen()?;
    let seed = seed(args.seed.as_deref())?;
    let listener = listen(args.port)?;
    let folder = Folder::take(&args.folder)?;
    log::start(folder.log(), "info")?;
    let (played, play, told) = tokio::select! {
        begun = begin(seed, args.random, listener, &folder) => begun?,
        told = signals.next() => return told.outcome(),
    };
    if args.json {
        screen::print(&told.json()?)?;
    }
    told.tell(started.elapsed());
    let heard = tokio::select! {
        heard = signals.next() => heard,
        never = people(&played, play) => match never {},
    };
    screen::say(TOLD_TO_STOP);
    let stopping = Instant::now();
    tokio::select! {
        stopped = timeout(STOPPED_WITHIN, played.stop()) => say_stopped(stopped.is_ok(), stopping),
        _ = signals.next() => screen::say("Stopped at once."),
    }
    heard.outcome()
}

/// People do what the seed file says, while the sandbox is up.
async fn people(played: &Played, play: Play) -> Infallible {
    played.act(play, |done| screen::event(&line(&done))).await;
    std::future::pending().await
}

fn line(done: &Done) -> String {
    let Done { who, repository, outcome } = done;
    let said = match outcome {
        Ok(said) => screen::clean_line(said),
        Err(why) => format!("{BAD}✗{BAD:#} {}", screen::clean_line(why)),
    };
    format!("{who:<8} {repository}  {said}")
}

fn say_stopped(in_time: bool, since: Instant) {
    match in_time {
        true => screen::say(&format!("Stopped in {:.1} s.", since.elapsed().as_secs_f32())),
        false => screen::say("Stopped; somebody was still being answered."),
    }
}

fn seed(file: Option<&Path>) -> Result<Seed, Failure> {
    let read = file.map_or_else(Seed::small, |file| Seed::read(file, &variable));
    read.map_err(|faults| {
        Failure::usage(screen::clean(&faults.to_string())).advice("sandbox.example.toml shows each key.")
    })
}

#[expect(clippy::disallowed_methods, reason = "a seed file names the variables that hold its secrets")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

async fn begin(
    seed: Seed,
    random: Option<u64>,
    listener: tokio::net::TcpListener,
    folder: &Folder,
) -> Result<(Played, Play, Told), Failure> {
    let seed = with_keys(seed).await?;
    let git = git::Settings { path: search_path(), ..Default::default() };
    let random = random.map_or_else(unguessable, Ok);
    let random = random.map_err(|error| Failure::failed("no token could be drawn").because(error))?;
    let settings = Settings { listener, folder: folder.repositories(), seed: random, git };
    let played = Played::start(settings).await.map_err(|error| Failure::failed(exit::sentence(&error)))?;
    let residents: Residents =
        seed.settle(&played).await.map_err(|error| Failure::failed(screen::clean(&exit::sentence(&error))))?;
    let told = Told::new(&seed, played.addresses(), &residents, folder)?;
    let play = Play::new(&seed.script, residents.tokens);
    Ok((played, play, told))
}

/// A key takes its time, and Ctrl-C must be heard meanwhile.
async fn with_keys(mut seed: Seed) -> Result<Seed, Failure> {
    let drawing = tokio::task::spawn_blocking(move || seed.draw_keys().map(|()| seed));
    let drawn: Result<Seed, NoKey> =
        drawing.await.map_err(|error| Failure::failed("no key could be drawn").because(error))?;
    drawn.map_err(|error| Failure::failed(exit::sentence(&error)))
}
