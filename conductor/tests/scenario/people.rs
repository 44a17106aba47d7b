//! What people say.

use bus::{
    ask::{Ask, Order as Wanted, Which},
    number::IssueNumber,
};
use conductor::machine::{Fact, fact::Asked};

use super::stage::Stage;

pub(crate) fn ask(stage: &mut Stage, who: &str, text: &str, may_order: bool, here: Option<u64>) {
    let ask = asked(text);
    let record = stage.next_record();
    let asked = Asked {
        record,
        who: who.to_owned(),
        may_order,
        room: here.map_or_else(|| "general".to_owned(), |number| format!("#{number}")),
        here: here.map(Stage::key),
        ask,
    };
    stage.tell(Fact::Asked(asked));
}

/// The words of a scenario, which are few: the parser of people's words has its own tests.
fn asked(text: &str) -> Ask {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    let (number, more) = rest.split_once(' ').unwrap_or((rest, ""));
    let issue = number.trim_start_matches('#').parse().ok().map(IssueNumber);
    let about = |order| Ask::Item(Which { repository: None, issue }, order);
    match word {
        "file" => Ask::File(rest.to_owned()),
        "status" => Ask::Status,
        "queue" => Ask::Queue,
        "inbox" => Ask::Inbox,
        "help" => Ask::Help,
        "why" => about(Wanted::Why),
        "approve" => about(Wanted::Approve),
        "reject" => about(Wanted::Reject(more.to_owned())),
        "hold" => about(Wanted::Hold),
        "release" => about(Wanted::Release),
        "stop" => about(Wanted::Stop),
        "resume" => about(Wanted::Resume),
        "retry" => about(Wanted::Retry),
        "cancel" => about(Wanted::Cancel),
        "land" => about(Wanted::Land(more.trim_start_matches("because ").to_owned())),
        _ => panic!("nobody says `{text}`"),
    }
}
