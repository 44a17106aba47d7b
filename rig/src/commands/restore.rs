//! `rig restore`: PostgreSQL made anew from the bus, or the bus from PostgreSQL.

use bus::stream::{self, Overrides};
use clap::{Args as ClapArgs, Subcommand};
use serde_json::json;
use store::{
    Store,
    restore::{self, Restored},
};

use crate::{
    context::{Context, Running},
    exit::{Failure, sentence},
    progress::Progress,
    screen,
};

const EXAMPLES: &str = "\
Examples:
  rig restore postgres               PostgreSQL is lost or doubtful, the bus is whole;
                                     the rig may stay up, its rows are made anew

  rig up --servers-only              the bus is lost, PostgreSQL is whole: the servers
  rig restore bus                    alone, then this in a second terminal, then `rig up`

Neither loses anything: rows are not dropped while LOG lacks one of their records, and a LOG
that stands is not replaced unless you say so. Cut off anywhere, run it again: it goes on.";

/// See [`Command`].
#[derive(ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Drop all rows and make them anew from LOG
    #[command(after_help = EXAMPLES)]
    Postgres(Print),
    /// Make LOG anew from the rows, in a new epoch, with the old numbers
    #[command(after_help = EXAMPLES)]
    Bus(Bus),
}

#[derive(ClapArgs)]
struct Print {
    /// One line of JSON when it is done
    #[arg(long)]
    json: bool,
}

#[derive(ClapArgs)]
struct Bus {
    /// Put back the records from this number on, to make room; what comes before stays in rows alone
    #[arg(long, value_name = "SEQUENCE")]
    from: Option<u64>,
    /// Replace a LOG that is not lost: every record with a row is put back, readers are told of a new epoch
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    print: Print,
}

/// Restores the one or the other.
pub(crate) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let overrides = Overrides { log_max_bytes: context.config()?.bus.log_max_bytes, ..Overrides::default() };
    let running = context.running()?;
    match args.command {
        Command::Postgres(print) => postgres(&running, &print).await,
        Command::Bus(Bus { from, replace, print }) => {
            bus(&running, &restore::Options { overrides, from, replace }, &print).await
        }
    }
}

async fn postgres(running: &Running, print: &Print) -> Result<(), Failure> {
    let (connection, store) = (running.connect("rig-restore").await?, Store::connect(&running.postgres_url()?)?);
    let progress = Progress::begin("records made into rows");
    let through = restore::postgres(&connection, &store, |at| progress.of(at.done, at.through)).await?;
    let took = progress.end();
    if print.json {
        return screen::print(&json!({"through": through, "seconds": took.as_secs_f64()}).to_string());
    }
    screen::print(&format!("Every record up to {through} is a row, in {:.1} s.", took.as_secs_f32()))
}

async fn bus(running: &Running, options: &restore::Options, print: &Print) -> Result<(), Failure> {
    let (connection, store) = (running.connect("rig-restore").await?, Store::connect(&running.postgres_url()?)?);
    let progress = Progress::begin("records put back");
    let restored = restore::bus(&connection, &store, options, |at| progress.of(at.done, at.through)).await?;
    let took = progress.end();
    // Their durables went with the old LOG.
    for subscriber in running.home.subscribers()? {
        stream::add_subscriber(&connection.jetstream(), &subscriber.name, &subscriber.filters()?).await?;
    }
    let Restored { epoch, first, through, gaps } = &restored;
    if print.json {
        let seconds = took.as_secs_f64();
        let told = json!({"epoch": epoch, "first": first, "through": through, "gaps": gaps, "seconds": seconds});
        return screen::print(&told.to_string());
    }
    screen::print(&format!("LOG holds {first} to {through} again, in {:.1} s, as epoch {epoch}.", took.as_secs_f32()))?;
    for (first, last) in gaps {
        screen::print(&format!("Lost: {first} to {last}; a record in their place says so."))?;
    }
    Ok(())
}

impl From<restore::Error> for Failure {
    fn from(error: restore::Error) -> Self {
        let text = sentence(&error);
        match error {
            restore::Error::Store(error) => error.into(),
            restore::Error::Stream(error) => error.into(),
            restore::Error::Read(error) => error.into(),
            restore::Error::Stands { .. } => Self::refused(text).advice("rig restore bus --replace"),
            restore::Error::ProjectorRuns | restore::Error::OnlyInRows(_) => Self::refused(text),
            _ => Self::failed(text),
        }
    }
}
