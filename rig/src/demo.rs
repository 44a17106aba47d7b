//! `rig demo`: a whole rig on this machine, with a GitHub that is played, from two issues to two live changes.
//!
//! Nothing in it is a stand-in but the world outside: the channel, the rows, the conductor, the doors and the agents are
//! those of every rig, and what they are told comes over HTTP and git from the played GitHub.

mod configured;
mod follow;
mod story;
mod told;
mod town;

use std::{
    io::IsTerminal as _,
    time::{Duration, Instant},
};

use crate::{
    context::{Context, DEMO},
    exit::Failure,
    home::{Home, Lock, UpFile},
    log,
    screen::{self, BAD},
    up::{Rig, Signals, TOLD_TO_STOP, quoted},
};
use follow::Follow;
use story::Story;
use town::Town;

/// Everything is stopped within this.
const STOPPED_WITHIN: Duration = Duration::from_secs(5);

/// When the demo gives up on an issue: it takes seconds.
const PATIENCE: Duration = Duration::from_secs(180);

const EXAMPLES: &str = "\
Examples:
  rig demo                            two issues go from filed to live, then it stays up until Ctrl-C
  rig demo --json | jq .ok            for a program: it ends, and says how it went
  rig demo --json --keep              the same, but it stays up

Exit codes: 0 all are live and verified, 1 not, 130 interrupted. Everything is in the demo's own home, which is
emptied at each start.";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Print how it went as one line of JSON on stdout: {ok, seconds, records, rows, items}
    #[arg(long)]
    json: bool,
    /// Stay up until Ctrl-C, also where nobody watches
    #[arg(long)]
    keep: bool,
}

/// Runs the demo.
pub(crate) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let started = Instant::now();
    let mut signals = Signals::listen()?;
    let (home, _lock) = take_home(context)?;
    log::start(home.logs().join("rig.log"), "info")?;
    let stage = tokio::select! {
        stage = Stage::set(&home) => stage?,
        told = signals.next() => return told.outcome(),
    };
    stage.rig.open()?;
    told::begin(&stage, started.elapsed());
    let played = tokio::select! {
        played = stage.play() => played,
        told = signals.next() => {
            stage.strike(&mut signals).await;
            return told.outcome();
        }
    };
    let outcome = report(&args, played);
    let stays = args.keep || (!args.json && std::io::stderr().is_terminal());
    if stays {
        told::stays(&stage);
        let told = signals.next().await;
        stage.strike(&mut signals).await;
        return outcome.and(told.outcome());
    }
    stage.strike(&mut signals).await;
    outcome
}

fn report(args: &Args, played: Result<Story, Failure>) -> Result<(), Failure> {
    let story = played?;
    if args.json {
        screen::print(&story.json()?)?;
    }
    told::end(&story);
    story.verdict()
}

fn take_home(context: &Context) -> Result<(Home, Lock), Failure> {
    let wanted = context.home.clone().unwrap_or_else(|| DEMO.into());
    let (home, note) = Home::make(&wanted)?;
    if let Some(note) = note {
        screen::event(&format!("home: {note}"));
    }
    let lock = home.lock().map_err(|error| {
        Failure::from(error).advice("Stop that one first (Ctrl-C there), or name another home with --home.")
    })?;
    home.empty(&lock)?;
    UpFile::remove(&home.up_file())?;
    home.make_folders()?;
    Ok((home, lock))
}

/// Everything that is up.
struct Stage {
    // In the order in which they end when they are dropped.
    rig: Rig,
    town: Town,
    home: Home,
}

impl Stage {
    /// Starts everything.
    async fn set(home: &Home) -> Result<Self, Failure> {
        let town = Town::begin(home).await?;
        let config = configured::write(home, &town)?;
        let rig = Rig::start(&config, home, false).await?;
        let webhooks = rig.webhooks().ok_or_else(|| Failure::failed("nobody takes webhooks"))?;
        town.hook(webhooks, home).await?;
        Ok(Self { rig, town, home: home.clone() })
    }

    /// Files the issues, and tells what happens until each has come to its end.
    async fn play(&self) -> Result<Story, Failure> {
        screen::say("\n  Two issues are filed in acme/hello.site. From here on nobody touches a key.\n");
        let mut story = Story::begin();
        let mut follow = Follow::begin(self.rig.operator()).await?;
        for act in town::ACTS {
            let number = self.town.file(&act).await?;
            screen::say(&story.filed(number, &act));
        }
        let telling = async {
            while !story.is_over() {
                let record = follow.next().await?;
                if let Some(line) = story.hear(&record) {
                    screen::say(&line);
                }
            }
            Ok::<_, Failure>(())
        };
        match tokio::time::timeout(PATIENCE, telling).await {
            Ok(told) => told?,
            Err(_) => screen::say(&format!("  {BAD}✗{BAD:#} not everything came to its end within {PATIENCE:?}")),
        }
        story.close(&self.town, &self.rig, &self.home).await?;
        Ok(story)
    }

    /// Stops everything.
    async fn strike(self, signals: &mut Signals) {
        screen::say(TOLD_TO_STOP);
        let stopping = async {
            self.rig.stop(STOPPED_WITHIN).await;
            self.town.end().await;
        };
        tokio::select! {
            () = stopping => {}
            _ = signals.next() => screen::say("Stopped at once."),
        }
    }
}
