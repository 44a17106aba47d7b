//! What people ask in the channel.

use bus::{
    Token,
    ask::{Ask, Parsed, Which, parse},
    catalogue::chat::Said,
    envelope::Sealed,
};

use crate::machine::{Fact, fact::Asked};

/// What an operator asks in a room. Who may speak here is the server's to hold, so whoever does may order.
pub(super) fn asks(room: &Token, who: &Token, envelope: &Sealed<'_>) -> Option<Fact> {
    let Said { say, room: room_written, who: who_written, door: _ } = envelope.open().ok()?;
    let Parsed::Ask(ask) = parse(&say) else {
        return None;
    };
    let room = written(room, room_written)?;
    let ask = said_in(&room, ask);
    let who = written(who, who_written)?;
    Some(Fact::Asked(Asked { record: envelope.id, who, may_order: true, room, here: None, ask }))
}

/// The text of a token. Of one that was cut the body has the whole text, which must be of this token.
fn written(token: &Token, text: String) -> Option<String> {
    token.text().or_else(|| (Token::of(&text) == *token).then_some(text))
}

/// In the room of an item, as `acme/site#42`, that item goes without saying; and so does its repository.
fn said_in(room: &str, ask: Ask) -> Ask {
    match (ask, Which::named(room)) {
        (
            Ask::Item(Which { repository: None, issue }, order),
            Some(Which { repository: Some(here), issue: number }),
        ) => Ask::Item(Which { repository: Some(here), issue: issue.or(number) }, order),
        (ask, _) => ask,
    }
}
