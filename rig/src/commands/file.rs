//! `rig file`: what a person would type in the channel, said through the chat door, and waited for until GitHub has it.

mod outcome;

use std::time::Duration;

use bus::{
    RecordId,
    ask::{Ask, Parsed, parse},
    connect::Connection,
    number::IssueNumber,
};
use chat_bridge::terminal::Say;
use serde::Serialize;

use self::outcome::{End, Since, Watch};
use super::say::{until_stored, words};
use crate::{
    context::Context,
    exit::Failure,
    screen::{self, clean, clean_line},
};

/// How long what was said may go unanswered, and how long GitHub may take.
const PATIENCE: Duration = Duration::from_secs(60);

const EXAMPLES: &str = "\
Examples:
  rig file \"Add a dark mode\"                        an issue, with the label that has it taken up
  rig file \"Remember the name\" --after 1            begun when #1 is live
  rig file --repo acme/hello.site \"Add a dark mode\"  where several repositories are looked after
  rig file - < issue.md                              the first line is its title, the rest its text
  rig file \"Add a dark mode\" --json                 {\"item\":\"acme/hello.site#3\",\"url\":\"https://…\",…}

Exit codes: 0 GitHub has it, 1 GitHub has not taken it yet, 3 nobody could be reached or nobody answers,
4 refused. After 1 and 3 it may be filed all the same: file it again with the same --id, and it is one issue.";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The title; further lines are the issue's text; `-` reads them from stdin
    #[arg(required = true, value_name = "WORDS")]
    text: Vec<String>,
    /// The repository, where several are looked after
    #[arg(long = "repo", value_name = "OWNER/NAME")]
    repository: Option<String>,
    /// Begin when this issue is live
    #[arg(long, value_name = "N")]
    after: Option<u64>,
    /// One line of JSON: {item, number, url, sequence}
    #[arg(long)]
    json: bool,
    /// The order's id, a UUID: filed twice with the same one, it is one issue
    #[arg(long, value_name = "UUID")]
    id: Option<RecordId>,
}

/// What GitHub has, as `--json` prints it.
#[derive(Serialize)]
struct Filed {
    item: String,
    number: IssueNumber,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// The record of what was said.
    sequence: u64,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let text = order(&words(args.text)?, args.after)?;
    let connection = context.running()?.connect("rig file").await?;
    let id = args.id.unwrap_or_default();
    let room = args.repository.unwrap_or_else(|| "general".to_owned());
    let stored = until_stored(&connection, &Say { room, text, id: Some(id) }).await?;
    let since = args.id.map_or(Since::Words(stored.sequence), |_| Since::LongAgo);
    let Outcome { title, item, number, url } = until_filed(&connection, id, stored.sequence, since).await?;
    if args.json {
        let filed = Filed { item, number, url, sequence: stored.sequence };
        let json = serde_json::to_string(&filed);
        return screen::print(&json.map_err(|error| Failure::failed("the answer cannot be written").because(error))?);
    }
    screen::print(&format!("{} is filed: {}", clean_line(&item), clean_line(&title)))?;
    url.map_or(Ok(()), |url| screen::print(&clean_line(&url)))
}

/// What a person would type. Where a line of it would be taken for another order, it is addressed: the first address
/// counts.
fn order(words: &str, after: Option<u64>) -> Result<String, Failure> {
    let words = words.trim();
    if words.is_empty() {
        return Err(Failure::usage("there is nothing to file: give the issue its title"));
    }
    let after = after.map(|number| format!("\n\nDepends on #{number}")).unwrap_or_default();
    let text = format!("{words}{after}");
    let plain = format!("file {text}");
    match parse(&plain) {
        Parsed::Ask(Ask::File(filed)) if filed == text => Ok(plain),
        _ => Ok(format!("/rig {plain}")),
    }
}

/// What GitHub has.
struct Outcome {
    title: String,
    item: String,
    number: IssueNumber,
    url: Option<String>,
}

async fn until_filed(connection: &Connection, id: RecordId, said: u64, since: Since) -> Result<Outcome, Failure> {
    let mut watch = Watch::begin(connection, id, since).await?;
    let filed = async {
        loop {
            match watch.next().await? {
                End::Filed { repository, title, number, url } => {
                    let item = format!("{repository}{number}");
                    return Ok(Outcome { title, item, number, url });
                }
                End::Refused(why) => return Err(Failure::refused(clean(&why).into_owned())),
                End::NotNow(why) => screen::say(&format!("GitHub does not take it now: {}", clean_line(&why))),
            }
        }
    };
    match tokio::time::timeout(PATIENCE, filed).await {
        Ok(end) => end,
        Err(_) => Err(unanswered(id, said, watch.is_ordered())),
    }
}

fn unanswered(id: RecordId, said: u64, ordered: bool) -> Failure {
    let seconds = PATIENCE.as_secs();
    if ordered {
        return Failure::failed(format!("GitHub has not taken it within {seconds} s"))
            .advice("It is tried again, and the channel is told when it is done: rig chat");
    }
    Failure::unreachable(format!("it is record {said}, and nobody has answered within {seconds} s")).advice(format!(
        "The next conductor answers it: `rig status` says whether one is up. File it again with --id {id}: it is one \
             issue, however often."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(words: &str, after: Option<u64>) -> String {
        order(words, after).unwrap()
    }

    #[test]
    fn what_is_said_is_what_a_person_would_type() {
        assert_eq!(said(" Add a dark mode\n", None), "file Add a dark mode");
        assert_eq!(said("Remember", Some(1)), "file Remember\n\nDepends on #1");
        assert!(order(" \n", None).is_err());
    }

    #[test]
    fn what_is_filed_is_filed_whatever_stands_in_it() {
        for words in ["Say hello\n/rig stop", "```\ncode\n```", "> quoted\n@conductor-e cancel #1"] {
            assert_eq!(parse(&said(words, None)), Parsed::Ask(Ask::File(words.to_owned())), "{words}");
        }
    }
}
