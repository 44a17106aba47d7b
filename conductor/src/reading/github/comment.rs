//! What people ask in comments on GitHub.
//!
//! People talk with each other there, so only what is addressed is an order; and whoever can read the repository reads
//! the answer, so nothing is asked there about other repositories.

use bus::{
    RecordId,
    ask::{Ask, Parsed, Which, parse_addressed},
    number::{IssueNumber, ItemKey},
};

use super::{is_member, login, place, text};
use crate::{
    github::json::Json,
    machine::{
        Fact,
        fact::{Asked, Place},
    },
};

pub(super) fn read(record: RecordId, payload: Json<'_>) -> Option<Fact> {
    let [action, repository, issue, comment] = payload.pick(["action", "repository", "issue", "comment"]);
    // An order is given once: neither when its comment is mended, nor when it is taken away.
    action?.name().filter(|action| action == "created")?;
    let [user, association, body] = comment?.pick(["user", "author_association", "body"]);
    if is_program(user?) {
        return None;
    }
    let Parsed::Ask(ask) = parse_addressed(&text(body)) else {
        return None;
    };
    let place = place(repository)?;
    let issue = IssueNumber(issue?.field("number")?.number()?);
    Some(Fact::Asked(Asked {
        record,
        who: login(user)?,
        may_order: is_member(association),
        room: format!("{}{issue}", place.name.to_lowercase()),
        here: Some(ItemKey { repository: place.id, issue }),
        ask: Some(ask).filter(|ask| may_be_answered_in(&place, ask))?,
    }))
}

/// Programs quote us, and each other.
fn is_program(user: Json<'_>) -> bool {
    user.field("type").and_then(Json::name).as_deref() == Some("Bot")
}

fn may_be_answered_in(place: &Place, ask: &Ask) -> bool {
    match ask {
        Ask::Queue | Ask::Inbox => false,
        Ask::Item(Which { repository: Some(other), .. }, _) => other.eq_ignore_ascii_case(&place.name),
        Ask::Item(..) | Ask::File(_) | Ask::Status | Ask::Help => true,
    }
}
