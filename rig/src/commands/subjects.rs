//! `rig subjects`: the tree of subjects, with counts and the newest example of each.

use std::collections::BTreeMap;

use async_nats::jetstream::{
    message::StreamMessage,
    stream::{LastRawMessageErrorKind, Stream},
};
use bus::{
    Sequenced, Subject, Token,
    connect::Connection,
    filter::Filter,
    stream::LOG,
    subject::{FAMILIES, Family},
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde::Serialize;
use time::OffsetDateTime;

use crate::{
    context::Context,
    exit::Failure,
    local_time::LocalTime,
    screen::{self, FAINT, NAME},
};

/// LOG, which is asked without being described first.
type Log = Stream<()>;

/// Questions for a newest example that are under way at once.
const AT_ONCE: usize = 16;

/// The most characters of an example.
const MOST: usize = 60;

const EXAMPLES: &str = "\
Examples:
  rig subjects                     every kind of record: its subject, how many, the newest
  rig subjects --json | jq -r 'select(.count > 0).pattern'

docs/subjects.md says who may speak where.";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// One line of JSON a kind: {pattern, speaker, kind, count, newest}
    #[arg(long)]
    json: bool,
}

/// One kind of record on one family of subjects.
#[derive(Serialize)]
struct Row {
    pattern: &'static str,
    speaker: &'static str,
    /// Where the family tells its kinds apart by subject.
    kind: Option<String>,
    count: u64,
    newest: Option<Newest>,
}

#[derive(Serialize)]
struct Newest {
    sequence: u64,
    subject: String,
    #[serde(with = "time::serde::rfc3339")]
    stored_at: OffsetDateTime,
    say: String,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let connection = context.running()?.connect("rig subjects").await?;
    let rows = rows(&connection).await?;
    if args.json {
        for row in &rows {
            let line = serde_json::to_string(row).map_err(|error| Failure::failed("a row").because(error))?;
            screen::print(&line)?;
        }
        return Ok(());
    }
    FAMILIES.iter().try_for_each(|family| print_family(family, &rows))
}

async fn rows(connection: &Connection) -> Result<Vec<Row>, Failure> {
    let log = connection.jetstream().get_stream_no_info(LOG).await.map_err(not_asked)?;
    let counts = counts(&log).await?;
    let rows = counts.into_iter().map(|((n, kind), count)| row(&log, &FAMILIES[n], kind, count));
    stream::iter(rows).buffered(AT_ONCE).try_collect().await
}

/// How many records stand on each row of the tree, by its place in the table, and kind.
async fn counts(log: &Log) -> Result<BTreeMap<(usize, Option<Token>), u64>, Failure> {
    let mut subjects = log.info_with_subjects(">").await.map_err(not_asked)?;
    let mut counts = BTreeMap::new();
    while let Some((subject, count)) = subjects.try_next().await.map_err(not_asked)? {
        // What stands on no subject of ours was sent by a broken program; `rig tail` shows it.
        if let Some(place) = subject.parse().ok().and_then(|subject| place(&subject)) {
            *counts.entry(place).or_default() += u64::try_from(count).unwrap_or(u64::MAX);
        }
    }
    Ok(counts)
}

fn place(subject: &Subject) -> Option<(usize, Option<Token>)> {
    let n = FAMILIES.iter().position(|family| family.pattern == subject.family().pattern)?;
    Some((n, subject.kind().cloned()))
}

async fn row(log: &Log, family: &Family, kind: Option<Token>, count: u64) -> Result<Row, Failure> {
    let filter = Filter::of_row(family, kind.as_ref());
    let newest = match log.get_last_raw_message_by_subject(filter.as_str()).await {
        Ok(newest) => Some(newest.into()),
        Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => None,
        Err(error) => return Err(not_asked(error)),
    };
    let kind = kind.map(|kind| kind.to_string());
    Ok(Row { pattern: family.pattern, speaker: family.speaker, kind, count, newest })
}

impl From<StreamMessage> for Newest {
    fn from(message: StreamMessage) -> Self {
        let record = Sequenced {
            sequence: message.sequence,
            subject: message.subject.to_string(),
            headers: message.headers,
            body: message.payload,
            stored_at: message.time,
        };
        let say = match record.decode() {
            Ok((_, envelope)) => envelope.say().into_owned(),
            Err(refusal) => refusal.to_string(),
        };
        Self { sequence: record.sequence, subject: record.subject, stored_at: record.stored_at, say }
    }
}

fn print_family(family: &Family, rows: &[Row]) -> Result<(), Failure> {
    screen::print(&format!("{NAME}{}{NAME:#}  {FAINT}{}: {}{FAINT:#}", family.pattern, family.speaker, family.what))?;
    rows.iter().filter(|row| row.pattern == family.pattern).try_for_each(print_row)
}

fn print_row(row: &Row) -> Result<(), Failure> {
    let kind = row.kind.as_deref().unwrap_or("");
    let newest = row.newest.as_ref().map(newest_in_words).unwrap_or_default();
    screen::print(&format!("  {kind:<28} {:>8}  {newest}", row.count))
}

fn newest_in_words(newest: &Newest) -> String {
    let (time, say) = (LocalTime::of(newest.stored_at).minutes(), screen::clean_line(&newest.say));
    let say: String = say.chars().take(MOST).collect();
    format!("{FAINT}{time} #{}{FAINT:#} {say}", newest.sequence)
}

fn not_asked(error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::failed("LOG cannot be asked for its subjects").because(error)
}
