//! `rig tail`: the channel as it is stored, for eyes and for programs.
//!
//! The operator reads LOG with a position of its own; nothing is acknowledged and nobody else is affected. With `--as`
//! it is one subscriber instead, bound to that subscriber's durable by its own credential.

mod bound;
mod each;
mod line;
mod output;
mod start;
mod wanted;

use std::path::PathBuf;

use bus::{
    Sequenced,
    connect::Connection,
    envelope::now,
    read::{Batch, Reader, Start},
};
use tokio::signal;

use crate::{context::Context, exit::Failure, local_time::parse_moment};
use output::Output;

pub(crate) use start::{last, matching, newest, page_before};

/// How many records are taken at once.
const AT_ONCE: Batch = Batch { records: 256, bytes: 4 << 20 };

/// How many records are shown before the new ones, unless said otherwise.
const SHOWN_BEFORE: u64 = 10;

const EXAMPLES: &str = "\
Examples:
  rig tail                         the last ten records, then each as it is stored
  rig tail chat github             only what people said and what GitHub told
  rig tail acme/site --since 10m   one repository, the last ten minutes
  rig tail --from 1 --until-idle --json | jq -r .record.data.say
  rig tail --as ci-lamp --each 'sh work.sh'
                                   as the subscriber ci-lamp: each record until it is done";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// What to follow: a family (work, chat, github …), a repository (acme/site) or a filter
    /// ('rig.evt.github.>'); everything where none is named
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// Begin with the record of this number
    #[arg(long, value_name = "SEQUENCE", group = "begin")]
    from: Option<u64>,
    /// Begin so long ago (90s, 10m, 2h, 1d), or at a moment (RFC 3339)
    #[arg(long, value_name = "WHEN", group = "begin")]
    since: Option<String>,
    /// Begin so many records back; 0 for new ones only [default: 10]
    #[arg(long, value_name = "N", group = "begin")]
    last: Option<u64>,
    /// One line of JSON a record: {sequence, subject, stored_at, epoch, record}
    #[arg(long)]
    json: bool,
    /// Show the 30 s tick too
    #[arg(long)]
    ticks: bool,
    /// Stop when everything that is there was shown
    #[arg(long)]
    until_idle: bool,
    /// Stop after so many records
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// As this subscriber: its name here, or the path of its nats_url. A record is acknowledged once it is printed
    #[arg(long = "as", value_name = "NAME", conflicts_with_all = ["filters", "begin"])]
    subscriber: Option<PathBuf>,
    /// Give each record to this command on stdin, as a line of JSON, with RIG_ID, RIG_SUBJECT and RIG_SEQUENCE in its
    /// environment, and acknowledge it when the command exits with 0; else it comes again later, and what is behind it
    /// waits
    #[arg(long, value_name = "COMMAND", requires = "subscriber", conflicts_with = "json")]
    each: Option<String>,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    if let Some(subscriber) = args.subscriber.clone() {
        return bound::follow(&subscriber, args, context).await;
    }
    tokio::select! {
        end = follow(args, context) => end,
        _ = signal::ctrl_c() => Err(Failure::interrupted()),
    }
}

async fn follow(args: Args, context: &Context) -> Result<(), Failure> {
    let filters = wanted::filters(&args.filters)?;
    let connection = context.running()?.connect("rig tail").await?;
    let start = begin(&args, &connection, &filters).await?;
    let reader = Reader::open(&connection, start.clone(), &filters).await?;
    let output = Output::new(args.json, args.ticks);
    Tail { connection, filters, reader, output, left: args.count }.run(args.until_idle, start).await
}

async fn begin(args: &Args, connection: &Connection, filters: &[String]) -> Result<Start, Failure> {
    match (&args.since, args.from) {
        (Some(since), _) => parse_moment(since, now()).map(Start::Time).ok_or_else(|| {
            Failure::usage(format!("`{}` is no moment", since.escape_debug()))
                .advice("Say how long ago (90s, 10m, 2h, 1d) or when (2026-11-22T09:00:00Z).")
        }),
        (None, Some(sequence)) => Ok(Start::Sequence(sequence)),
        (None, None) => last(connection, filters, args.last.unwrap_or(SHOWN_BEFORE)).await,
    }
}

struct Tail {
    connection: Connection,
    filters: Vec<String>,
    reader: Reader,
    output: Output,
    left: Option<u64>,
}

impl Tail {
    /// Shows records until it is enough; with `until_idle`, until all that match were shown.
    async fn run(mut self, until_idle: bool, start: Start) -> Result<(), Failure> {
        let mut pending = self.pending(until_idle, &start).await?;
        while self.left != Some(0) && pending != Some(0) {
            let records = self.reader.next_batch(AT_ONCE).await?;
            self.show(&records)?;
            pending = match (pending, records.last()) {
                (Some(pending), Some(last)) if pending <= records.len() as u64 => {
                    self.pending(true, &Start::Sequence(last.sequence + 1)).await?
                }
                (pending, _) => pending.map(|pending| pending - records.len() as u64),
            };
        }
        Ok(())
    }

    async fn pending(&self, asked: bool, start: &Start) -> Result<Option<u64>, Failure> {
        if asked { matching(&self.connection, &self.filters, start).await.map(Some) } else { Ok(None) }
    }

    fn show(&mut self, records: &[Sequenced]) -> Result<(), Failure> {
        let epoch = self.reader.epoch().clone();
        for record in records {
            if self.left == Some(0) {
                break;
            }
            let shown = self.output.add(record, Some(&epoch));
            self.left = self.left.map(|left| left - u64::from(shown));
        }
        self.output.flush()
    }
}
