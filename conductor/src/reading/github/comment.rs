//! What people ask in comments on GitHub.
//!
//! People talk with each other there, so only what is addressed is an order; and whoever can read the repository reads
//! the answer, so nothing is asked there about other repositories.

use bus::{
    RecordId,
    ask::{Ask, Which, parse_addressed},
    catalogue::cmd::{Comment, Origin},
    number::{IssueNumber, ItemKey},
};

use super::{is_member, login, place, text};
use crate::{
    github::json::Json,
    machine::{
        Fact,
        fact::{Asked, Heard, Place},
    },
};

pub(super) fn read(record: RecordId, payload: Json<'_>) -> Option<Fact> {
    let [action, repository, issue, comment] = payload.pick(["action", "repository", "issue", "comment"]);
    // An order is given once: neither when its comment is mended, nor when it is taken away.
    action?.name().filter(|action| action == "created")?;
    let [id, user, association, body] = comment?.pick(["id", "user", "author_association", "body"]);
    if is_program(user?) {
        return None;
    }
    let heard = Heard::of(parse_addressed(&text(body)))?;
    let place = place(repository)?;
    let issue = IssueNumber(issue?.field("number")?.number()?);
    let room = format!("{}{issue}", place.name.to_lowercase());
    Some(Fact::Asked(Asked {
        record,
        who: login(user)?,
        may_order: is_member(association),
        origin: Origin { room, comment: Some(Comment { thread: issue.0, id: id?.number()? }) },
        here: Some(ItemKey { repository: place.id, issue }),
        heard: Some(heard).filter(|heard| may_be_answered_in(&place, heard))?,
    }))
}

/// Programs quote us, and each other.
fn is_program(user: Json<'_>) -> bool {
    user.field("type").and_then(Json::name).as_deref() == Some("Bot")
}

fn may_be_answered_in(place: &Place, heard: &Heard) -> bool {
    match heard {
        Heard::Ask(Ask::Queue | Ask::Inbox) => false,
        Heard::Ask(Ask::Item(Which { repository: Some(other), .. }, _)) => other.eq_ignore_ascii_case(&place.name),
        Heard::Ask(Ask::Item(..) | Ask::File(_) | Ask::Status | Ask::Help) | Heard::Near(_) => true,
    }
}
