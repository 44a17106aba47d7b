//! `rig bus`: what the streams and consumers on the server should be, and making them so.

use bus::stream::{self, Change, Overrides};
use clap::{Args as ClapArgs, Subcommand};
use serde_json::json;

use crate::{
    context::{Context, Running},
    exit::Failure,
    screen,
};

const EXAMPLES: &str = "\
Examples:
  rig bus diff                                         what differs; code 1 if anything does
  rig bus apply                                        make it so; nothing stored is lost
  RIG__BUS__LOG_MAX_BYTES=20GB rig bus apply           more room in LOG, at once

What should be: nats/*.toml of this version, `[bus]` in rig.toml, and the roles' consumers.";

/// See [`Command`].
#[derive(ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make the streams and consumers what they should be
    #[command(after_help = EXAMPLES)]
    Apply(Print),
    /// Say in what they differ, and change nothing
    #[command(after_help = EXAMPLES)]
    Diff(Print),
}

#[derive(ClapArgs)]
struct Print {
    /// One JSON object a line instead of sentences
    #[arg(long)]
    json: bool,
}

/// Applies or compares.
pub(crate) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let overrides = Overrides { log_max_bytes: context.config()?.bus.log_max_bytes, ..Overrides::default() };
    let running = context.running()?;
    match args.command {
        Command::Apply(print) => apply(&running, &overrides, &print).await,
        Command::Diff(print) => diff(&running, &overrides, &print).await,
    }
}

async fn apply(running: &Running, overrides: &Overrides, print: &Print) -> Result<(), Failure> {
    let js = running.connect("rig-bus").await?.jetstream();
    let mut changes = stream::apply(&js, overrides).await?;
    for subscriber in running.home.subscribers()? {
        changes.extend(stream::add_subscriber(&js, &subscriber.name, &subscriber.filters()?).await?);
    }
    tell(&changes, Change::done, print)?;
    if changes.is_empty() {
        screen::say("Nothing to do: all is as it should be.");
    }
    Ok(())
}

async fn diff(running: &Running, overrides: &Overrides, print: &Print) -> Result<(), Failure> {
    let js = running.connect("rig-bus").await?.jetstream();
    let mut changes = stream::diff(&js, overrides).await?;
    // Subscribers are not in the table; theirs are known all the same.
    let known: Vec<_> =
        running.home.subscribers()?.iter().map(|subscriber| format!("consumer sub-{}", subscriber.name)).collect();
    changes.retain(|change| !matches!(change, Change::Unknown { what } if known.contains(what)));
    tell(&changes, ToString::to_string, print)?;
    if changes.is_empty() {
        screen::say("Nothing differs.");
        return Ok(());
    }
    let failure = Failure::failed(format!("{} not as it should be", count(changes.len())));
    Err(failure.advice("`rig bus apply` makes it so. What nothing of ours asks for it leaves alone."))
}

fn tell(changes: &[Change], sentence: fn(&Change) -> String, print: &Print) -> Result<(), Failure> {
    for change in changes {
        let line = if print.json { json!(change).to_string() } else { screen::clean_line(&sentence(change)) };
        screen::print(&line)?;
    }
    Ok(())
}

fn count(things: usize) -> String {
    if things == 1 { "1 thing".to_owned() } else { format!("{things} things") }
}
