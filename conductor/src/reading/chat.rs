//! What people ask in the channel, and what they say to whoever works.

use bus::{
    RecordId, Token,
    ask::{Ask, Which, parse},
    catalogue::{chat::Said, cmd::Origin},
    envelope::Sealed,
};

use crate::machine::{
    Fact,
    fact::{Asked, Heard, Said as Words},
};

/// What an operator asks in a room, or says there. Who may speak here is the server's to hold, so whoever does may order.
pub(super) fn heard(room: &Token, who: &Token, envelope: &Sealed<'_>) -> Option<Fact> {
    let Said { say, room: room_written, who: who_written, door: _ } = envelope.open().ok()?;
    let (record, room, who) = (envelope.id, written(room, room_written)?, written(who, who_written)?);
    let Some(heard) = Heard::of(parse(&say)) else {
        return words(record, &room, who, say);
    };
    let heard = said_in(&room, heard);
    let origin = Origin { room, comment: None };
    Some(Fact::Asked(Asked { record, who, may_order: true, origin, here: None, heard }))
}

/// In the room of an item, words are for whoever works on it.
fn words(record: RecordId, room: &str, who: String, say: String) -> Option<Fact> {
    let Some(Which { repository: Some(repository), issue: Some(issue) }) = Which::named(room) else {
        return None;
    };
    Some(Fact::Said(Words { record, who, repository, issue, say }))
}

/// The text of a token. Of one that was cut the body has the whole text, which must be of this token.
fn written(token: &Token, text: String) -> Option<String> {
    token.text().or_else(|| (Token::of(&text) == *token).then_some(text))
}

/// In the room of an item, as `acme/site#42`, that item goes without saying; and so does its repository.
fn said_in(room: &str, heard: Heard) -> Heard {
    match (heard, Which::named(room)) {
        (
            Heard::Ask(Ask::Item(Which { repository: None, issue }, order)),
            Some(Which { repository: Some(here), issue: number }),
        ) => Heard::Ask(Ask::Item(Which { repository: Some(here), issue: issue.or(number) }, order)),
        (heard, _) => heard,
    }
}
