//! `rig why` and `rig why-not`: why an item stands where it stands, each step backwards to its cause, with evidence.
//!
//! The three lines are the conductor's own, from memory, or folded anew for a moment of the past. The steps are read from
//! LOG: an item's transitions each name the record that caused them.

mod causes;
mod evidence;
mod gates;
mod road;
mod told;

use std::time::Duration;

use bus::{
    ask::Which,
    connect::Connection,
    service::why::{self, Why},
};
use serde::Serialize;

use self::{
    evidence::Line,
    gates::Gate,
    road::{Road, Step},
};
use super::conductor::{self, SOON};
use crate::{context::Context, exit::Failure, screen};

/// How long it may take to fold all of LOG.
const ALL_OF_LOG: Duration = Duration::from_secs(120);

const EXAMPLES: &str = "\
Examples:
  rig why 1                        what it waits for, what is next, what you can do; then each step, newest first
  rig why acme/hello.site#1        where several repositories have a #1
  rig why '!3'                     by its pull request
  rig why 1 --at 482               as it stood when record 482 was the last
  rig why 1 --json | jq '.steps[0]'

Exit codes: 0 told, 2 no such name, 3 no conductor answers, 4 there is no such item, or several.";

const NOT_EXAMPLES: &str = "\
Examples:
  rig why-not 1                    what keeps it from being live: each gate, and the record that shut it
  rig why-not 1 --at 482           what kept it when record 482 was the last

Exit codes: 0 told, 2 no such name, 3 no conductor answers, 4 there is no such item, or several.";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    asked: Asked,
    /// At most so many steps
    #[arg(long, value_name = "N", default_value_t = 40)]
    steps: usize,
}

#[derive(clap::Args)]
#[command(after_help = NOT_EXAMPLES)]
pub(crate) struct NotArgs {
    #[command(flatten)]
    asked: Asked,
}

#[derive(clap::Args)]
struct Asked {
    /// The item: 3, #3, !5 or acme/hello.site#3
    #[arg(value_parser = conductor::item)]
    item: Which,
    /// As it stood when this was the last record of LOG
    #[arg(long, value_name = "SEQUENCE")]
    at: Option<u64>,
    /// One line of JSON
    #[arg(long)]
    json: bool,
}

/// All that is told, as `--json` prints it.
#[derive(Serialize)]
struct Told {
    #[serde(flatten)]
    why: Why,
    gates: Vec<Gate>,
    steps: Vec<Step>,
    /// How many more there are, before these.
    earlier: usize,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let connection = context.running()?.connect("rig why").await?;
    let mut why = ask(&connection, &args.asked).await?;
    let Road { steps, earlier, title } = road::of(&connection, &why, args.asked.until(), args.steps).await?;
    why.title = why.title.or(title);
    let gates = std::mem::take(&mut why.gates).into_iter().map(Gate::bare).collect();
    let told = Told { why, gates, steps, earlier };
    if args.asked.json { screen::print(&json(&told)?) } else { print(told::why(&told)) }
}

pub(crate) async fn run_not(args: NotArgs, context: &Context) -> Result<(), Failure> {
    let connection = context.running()?.connect("rig why-not").await?;
    let mut why = ask(&connection, &args.asked).await?;
    let Road { steps, earlier, title } = road::of(&connection, &why, args.asked.until(), usize::MAX).await?;
    why.title = why.title.or(title);
    let shut = std::mem::take(&mut why.gates);
    let gates = gates::with_evidence(&connection, &why, args.asked.until(), shut, &steps).await?;
    let earlier = earlier + steps.len().saturating_sub(1);
    let told = Told { why, gates, steps: steps.into_iter().take(1).collect(), earlier };
    if args.asked.json { screen::print(&json(&told)?) } else { print(told::why_not(&told)) }
}

impl Asked {
    /// The last record that counts.
    fn until(&self) -> u64 {
        self.at.unwrap_or(u64::MAX)
    }
}

async fn ask(connection: &Connection, Asked { item, at, .. }: &Asked) -> Result<Why, Failure> {
    let Some(number) = item.issue else {
        return Err(Failure::usage("an item has a number"));
    };
    let question = why::Ask { repository: item.repository.clone(), number, at: *at };
    match at {
        None => conductor::ask(connection, &why::item(), &question, SOON).await,
        Some(_) => conductor::ask(connection, &why::past(), &question, ALL_OF_LOG).await,
    }
}

fn print(lines: Vec<String>) -> Result<(), Failure> {
    lines.iter().try_for_each(|line| screen::print(line))
}

fn json(told: &Told) -> Result<String, Failure> {
    serde_json::to_string(told).map_err(|error| Failure::failed("the answer cannot be written").because(error))
}
