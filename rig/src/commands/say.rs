//! `rig say`: one thing said, for scripts. It returns when the words are a record.

use std::{io::Read as _, time::Duration};

use bus::{RecordId, connect::Connection};
use chat_bridge::terminal::{self, Say, Stored, Unsaid};
use tokio::time::Instant;

use crate::{context::Context, exit::Failure, screen};

/// How long one try may take.
const ONE_TRY: Duration = Duration::from_secs(5);

/// How long it is tried. A server that is started again takes less.
const PATIENCE: Duration = Duration::from_secs(15);

/// The wait between two tries.
const PAUSE: Duration = Duration::from_millis(200);

const EXAMPLES: &str = "\
Examples:
  rig say general build 42 is green
  git log -1 --format=%s | rig say ops -
  rig say general hello --json        {\"sequence\":482,\"id\":\"0198…\"}

Exit codes: 0 it is a record, 3 nobody could be reached, 4 refused. After 3 it may be a record all the
same: say it again with the same --id, and it is one.";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The room, as general
    room: String,
    /// The words; `-` reads them from stdin
    #[arg(required = true, value_name = "TEXT")]
    text: Vec<String>,
    /// Print {sequence, id} as JSON
    #[arg(long)]
    json: bool,
    /// The record's id, a UUID: said twice with the same one, it is one record
    #[arg(long, value_name = "UUID")]
    id: Option<RecordId>,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let text = words(args.text)?;
    let connection = context.running()?.connect("rig say").await?;
    let say = Say { room: args.room, text, id: Some(args.id.unwrap_or_default()) };
    let stored = until_stored(&connection, &say).await?;
    if args.json { screen::print(&json(&stored)?) } else { screen::print(&format!("record {}", stored.sequence)) }
}

/// Words as they were given, or as stdin has them.
pub(super) fn words(text: Vec<String>) -> Result<String, Failure> {
    if text != ["-"] {
        return Ok(text.join(" "));
    }
    let mut read = String::new();
    std::io::stdin()
        .read_to_string(&mut read)
        .map_err(|error| Failure::usage("stdin is not text (UTF-8)").because(error))?;
    Ok(read.strip_suffix('\n').unwrap_or(&read).to_owned())
}

/// Says it again under the same id until the door answers with a yes or a no.
pub(super) async fn until_stored(connection: &Connection, say: &Say) -> Result<Stored, Failure> {
    let until = Instant::now() + PATIENCE;
    loop {
        match terminal::say(connection, say, ONE_TRY).await {
            Ok(stored) => return Ok(stored),
            Err(Unsaid::Refused(sentence)) => return Err(Failure::refused(sentence)),
            Err(Unsaid::Later(reason)) if Instant::now() >= until => return Err(unreachable(&reason, say)),
            Err(Unsaid::Later(_)) => tokio::time::sleep(PAUSE).await,
        }
    }
}

fn unreachable(reason: &str, say: &Say) -> Failure {
    let id = say.id.map(|id| id.to_string()).unwrap_or_default();
    Failure::unreachable(format!("not known to be stored: {reason}"))
        .advice(format!("Say it again with --id {id}: it is one record, however often."))
}

fn json(stored: &Stored) -> Result<String, Failure> {
    serde_json::to_string(stored).map_err(|error| Failure::failed("the answer cannot be written").because(error))
}
