//! `rig dead`: what could not be handled. Given up is not gone: the record is in LOG, and can be handed out again.

mod list;
mod retry;
mod show;

use serde::Serialize;
use store::{Store, query::dead::Dead};
use time::OffsetDateTime;

use crate::{context::Context, exit::Failure};

const EXAMPLES: &str = "\
Examples:
  rig dead list          what waits for a person
  rig dead show 482      one of them: what went wrong, and the record itself
  rig dead retry 482     hand it out again, under the same id; twice is once";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    order: Order,
}

#[derive(clap::Subcommand)]
enum Order {
    /// What was given up and not handed out again, newest first
    #[command(after_help = EXAMPLES)]
    List(List),
    /// One of them: its errors and its record
    #[command(after_help = EXAMPLES)]
    Show(Show),
    /// Hand the record out again
    #[command(after_help = EXAMPLES)]
    Retry(Retry),
}

#[derive(clap::Args)]
struct List {
    /// Those that were handed out again too
    #[arg(long)]
    all: bool,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50)]
    most: u32,
    /// One line of JSON each
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
struct Show {
    /// Its number, as `rig dead list` has it
    number: u64,
    /// One line of JSON, the record as `body`
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
struct Retry {
    /// Its number, as `rig dead list` has it
    number: u64,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let running = context.running()?;
    let store = Store::connect(&running.postgres_url()?)?;
    match args.order {
        Order::List(list) => list::run(&list, &store).await,
        Order::Show(show) => show::run(&show, &store).await,
        Order::Retry(retry) => retry::run(&retry, &store, &running).await,
    }
}

/// The one with this number.
async fn numbered(store: &Store, number: u64) -> Result<Dead, Failure> {
    store::query::dead::find(store, number).await?.ok_or_else(|| {
        Failure::usage(format!("nothing was given up as record {number}"))
            .advice("rig dead list --all\n`rig status` says whether the rows are up to date.")
    })
}

/// One of them, as JSON has it.
#[derive(Serialize)]
struct Row<'a> {
    number: u64,
    id: String,
    #[serde(with = "time::serde::rfc3339")]
    given_up_at: OffsetDateTime,
    consumer: &'a str,
    sequence: u64,
    subject: &'a str,
    record: Option<String>,
    deliveries: u64,
    errors: &'a [String],
    say: &'a str,
    #[serde(with = "time::serde::rfc3339::option")]
    retried_at: Option<OffsetDateTime>,
    retried_as: Option<u64>,
    /// The record itself; `show` alone has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
}

impl<'a> Row<'a> {
    fn of(dead: &'a Dead, body: Option<String>) -> Self {
        Self {
            number: dead.sequence,
            id: dead.id.to_string(),
            given_up_at: dead.parked_at,
            consumer: &dead.consumer,
            sequence: dead.about_sequence,
            subject: &dead.about_subject,
            record: dead.about_id.map(|id| id.to_string()),
            deliveries: dead.deliveries,
            errors: &dead.errors,
            say: &dead.say,
            retried_at: dead.retried.map(|retried| retried.at),
            retried_as: dead.retried.map(|retried| retried.sequence),
            body,
        }
    }

    fn json(&self) -> Result<String, Failure> {
        serde_json::to_string(self).map_err(|error| Failure::failed("a row cannot be written").because(error))
    }
}
