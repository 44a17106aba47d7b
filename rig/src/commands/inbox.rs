//! `rig inbox`: what waits for a person, with what happens if nobody answers.

use bus::service::why::{self, Inbox, Needed};
use time::OffsetDateTime;

use super::conductor::{self, SOON};
use crate::{
    context::Context,
    exit::Failure,
    local_time::{LocalTime, in_words},
    screen::{self, FAINT, NAME, WARN, clean_line},
};

const EXAMPLES: &str = "\
Examples:
  rig inbox                        what waits for anybody, the next deadline first
  rig inbox nora                   what waits for nora
  rig inbox --json | jq -r '.waiting[].item'

An answer is a word in the channel: rig say general 'approve #3', or `/rig approve` under the issue.

Exit codes: 0 told, 3 no conductor answers.";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Only what waits for this person
    whom: Option<String>,
    /// One line of JSON
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let connection = context.running()?.connect("rig inbox").await?;
    let mut inbox: Inbox = conductor::ask(&connection, &why::inbox(), &(), SOON).await?;
    if let Some(whom) = &args.whom {
        inbox.waiting.retain(|needed| needed.whom.eq_ignore_ascii_case(whom));
    }
    if args.json {
        let json = serde_json::to_string(&inbox);
        return screen::print(&json.map_err(|error| Failure::failed("the inbox cannot be written").because(error))?);
    }
    told(&inbox, bus::envelope::now()).iter().try_for_each(|line| screen::print(line))
}

fn told(inbox: &Inbox, now: OffsetDateTime) -> Vec<String> {
    if inbox.waiting.is_empty() {
        return vec![format!("Nothing waits for a person. {FAINT}as of {}{FAINT:#}", inbox.as_of)];
    }
    inbox.waiting.iter().flat_map(|needed| lines(needed, now)).collect()
}

fn lines(needed: &Needed, now: OffsetDateTime) -> [String; 4] {
    let [item, title, whom, what] =
        [&needed.item, &needed.title, &needed.whom, &needed.what].map(|text| clean_line(text));
    let since = in_words(now - needed.since);
    let (until, left) = (LocalTime::of(needed.until), in_words(needed.until - now));
    [
        format!("{NAME}{item}{NAME:#} {title}"),
        format!("  {WARN}{whom}{WARN:#}, since {since}: {what}"),
        format!("  no answer by {} {} (in {left}): {}", until.day(), until.minutes(), clean_line(&needed.default)),
        format!("  {FAINT}you can{FAINT:#} {}", clean_line(&needed.you_can)),
    ]
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;

    fn plain(lines: &[String]) -> Vec<String> {
        lines.iter().map(|line| anstream::adapter::strip_str(line).to_string()).collect()
    }

    #[test]
    fn each_wait_names_whom_what_since_the_deadline_and_the_default() {
        let now = OffsetDateTime::UNIX_EPOCH + Duration::hours(30);
        let needed = Needed {
            item: "acme/site#3".to_owned(),
            title: "Broken\u{1b}[2J".to_owned(),
            whom: "ada".to_owned(),
            what: "What should be different?".to_owned(),
            since: now - Duration::minutes(5),
            until: now + Duration::hours(3),
            default: "not done".to_owned(),
            you_can: "edit the issue, retry, cancel".to_owned(),
        };
        let lines = plain(&told(&Inbox { waiting: vec![needed], as_of: 7 }, now));
        assert_eq!(lines[0], "acme/site#3 Broken\\u{1b}[2J");
        assert_eq!(lines[1], "  ada, since 5 min: What should be different?");
        assert!(lines[2].starts_with("  no answer by ") && lines[2].ends_with(" (in 3 h): not done"), "{lines:?}");
        assert_eq!(lines[3], "  you can edit the issue, retry, cancel");
    }

    #[test]
    fn nothing_is_said_to_wait_where_nothing_does() {
        let lines = plain(&told(&Inbox { waiting: Vec::new(), as_of: 7 }, OffsetDateTime::UNIX_EPOCH));
        assert_eq!(lines, ["Nothing waits for a person. as of 7"]);
    }
}
