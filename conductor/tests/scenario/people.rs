//! What people say.

use bus::{
    ask::{Ask, Order as Wanted, Which},
    catalogue::cmd::{Comment, Origin},
};
use conductor::machine::{
    Fact,
    fact::{Asked, Heard},
};

use super::stage::Stage;

/// Where it is said.
#[derive(Clone, Copy)]
pub(crate) enum Place<'a> {
    Room(&'a str),
    /// In a comment under an issue or a pull request.
    Thread(u64),
}

pub(crate) fn ask(stage: &mut Stage, who: &str, text: &str, may_order: bool, place: Place<'_>) {
    let record = stage.next_record();
    let (room, thread) = match place {
        Place::Room(room) => (room.to_owned(), None),
        Place::Thread(number) => (format!("acme/site#{number}"), Some(number)),
    };
    let asked = Asked {
        record,
        who: who.to_owned(),
        may_order,
        origin: Origin { room, comment: thread.map(|thread| Comment { thread, id: 7 }) },
        here: thread.map(Stage::key),
        heard: heard(text),
    };
    stage.tell(Fact::Asked(asked));
}

fn heard(text: &str) -> Heard {
    match text.strip_prefix("almost ") {
        Some(meant) => Heard::Near(meant.to_owned()),
        None => Heard::Ask(asked(text)),
    }
}

/// The words of a scenario, which are few: the parser of people's words has its own tests.
fn asked(text: &str) -> Ask {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    let (number, more) = rest.split_once(' ').unwrap_or((rest, ""));
    let which = Which::named(number).unwrap_or_default();
    let about = |order| Ask::Item(which.clone(), order);
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
