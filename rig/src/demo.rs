//! `rig demo`: a whole rig on this machine, with a GitHub that is played, from two issues to two live changes.
//!
//! Nothing in it is a stand-in but the world outside: the channel, the rows, the conductor, the doors and the agents are
//! those of every rig, and what they are told comes over HTTP and git from the played GitHub.

mod balance;
mod configured;
mod keys;
mod narrator;
mod plug;
mod story;
mod told;
mod town;

use std::{
    io::IsTerminal as _,
    time::{Duration, Instant},
};

use servers::Lines;

use crate::{
    context::{Context, DEMO},
    exit::Failure,
    home::{Home, Lock, UpFile},
    log,
    roles::{Apart, Pids},
    screen::{self, BAD},
    up::{Rig, Roles, Signals, TOLD_TO_STOP, quoted},
};
use narrator::Narrator;
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
  rig demo --pull-the-plug            keys 1 to 6 kill what works, and it goes on
  rig demo --pull-the-plug --random 7 the same by chance, each once

Exit codes: 0 all are live and verified, 1 not, 4 the home is not a demo's, 130 interrupted. Everything is in the demo's
own home (.rig/demo, or --home), which is emptied at each start; one in which a rig stored something is not. Of the
environment only RIG__SERVERS__… and RIG__HEALTH__… count: the demo is the same everywhere.";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Print how it went as one line of JSON on stdout: {ok, seconds, records, rows, items}
    #[arg(long)]
    json: bool,
    /// Stay up until Ctrl-C, also where nobody watches
    #[arg(long)]
    keep: bool,
    /// Run each role as a process of its own, to be killed with -9 while it works: keys 1 to 6
    #[arg(long)]
    pull_the_plug: bool,
    /// Have the plugs pulled by chance instead of keys, in an order drawn from this number
    #[arg(long, value_name = "SEED", requires = "pull_the_plug")]
    random: Option<u64>,
}

/// Runs the demo.
pub(crate) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let started = Instant::now();
    let mut signals = Signals::listen()?;
    let (home, _lock) = take_home(context)?;
    log::start(home.logs().join("rig.log"), "info")?;
    let stage = tokio::select! {
        stage = Stage::set(&home, args.pull_the_plug) => stage?,
        told = signals.next() => return told.outcome(),
    };
    stage.rig.open()?;
    told::begin(&stage, started.elapsed());
    let outcome = tokio::select! {
        outcome = show(&args, &stage) => outcome,
        told = signals.next() => told.outcome(),
    };
    stage.strike(&mut signals).await;
    outcome
}

/// Plays, says how it went, and where it stays goes on telling for good.
async fn show(args: &Args, stage: &Stage) -> Result<(), Failure> {
    let mut narrator = stage.play(args.random).await?;
    if args.json {
        screen::print(&narrator.story.json()?)?;
    }
    told::end(&narrator.story);
    let stays = args.keep || (!args.json && std::io::stderr().is_terminal());
    if !stays {
        return narrator.story.verdict();
    }
    told::stays(stage, &narrator.story);
    loop {
        narrator.tell().await?;
    }
}

fn take_home(context: &Context) -> Result<(Home, Lock), Failure> {
    let wanted = context.home.clone().unwrap_or_else(|| DEMO.into());
    let (home, note) = Home::make(&wanted)?;
    if let Some(note) = note {
        screen::event(&format!("home: {note}"));
    }
    let lock = home.lock()?;
    home.give_to_demo(&lock)?;
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
    /// Where roles run apart: which process each is.
    pids: Option<Pids>,
}

impl Stage {
    /// Starts everything.
    async fn set(home: &Home, apart: bool) -> Result<Self, Failure> {
        let mut town = Town::begin(home).await?;
        let config = configured::write(home, &town)?;
        let pids = apart.then(Pids::default);
        let roles =
            pids.clone().map_or(Roles::Here, |pids| Roles::Apart(Apart { config: configured::path(home), pids }));
        // What is killed is told in the story.
        let lines = if apart { Lines::none() } else { Lines::to(screen::event) };
        let rig = Rig::start(&config, home, roles, lines).await?;
        let webhooks = rig.webhooks().ok_or_else(|| Failure::failed("nobody takes webhooks"))?;
        town.hook(webhooks, home).await?;
        Ok(Self { rig, town, home: home.clone(), pids })
    }

    /// Files the issues, and tells what happens until each has come to its end.
    async fn play(&self, random: Option<u64>) -> Result<Narrator<'_>, Failure> {
        told::invite(self.pids.is_some(), random);
        let mut narrator = Narrator::begin(&self.rig, self.pids.as_ref(), random).await?;
        for act in town::ACTS {
            let number = self.town.file(&act).await?;
            screen::say(&narrator.story.filed(number, &act));
        }
        let telling = async {
            while !narrator.is_over() {
                narrator.tell().await?;
            }
            Ok::<_, Failure>(())
        };
        match tokio::time::timeout(PATIENCE, telling).await {
            Ok(told) => told?,
            Err(_) => screen::say(&format!("  {BAD}✗{BAD:#} not everything came to its end within {PATIENCE:?}")),
        }
        let story = &mut narrator.story;
        story.close(&self.town).await?;
        if self.pids.is_some() {
            story.weigh(&self.town, &self.rig).await?;
        }
        story.count(&self.rig).await?;
        Ok(narrator)
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
