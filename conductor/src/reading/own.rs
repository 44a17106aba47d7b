//! What the conductor itself said: transitions and commands.

use bus::{
    Token,
    catalogue::{
        cmd::{Deploy, Github, Say},
        work::Transition,
    },
    envelope::Sealed,
    number::ItemKey,
};

use crate::machine::{Fact, Order};

pub(super) fn moved(envelope: &Sealed<'_>) -> Option<Fact> {
    let transition: Box<Transition> = envelope.open().ok()?;
    let key = ItemKey { repository: transition.item.repository_id, issue: transition.item.number };
    Some(Fact::Moved(key, transition))
}

pub(super) fn offered(role: &Token, pool: &Token, envelope: &Sealed<'_>) -> Option<Fact> {
    let offer = envelope.open().ok()?;
    Some(Fact::Ordered(Order::Agent { role: role.text()?, pool: pool.text()?, offer }))
}

pub(super) fn ordered_from_github(envelope: &Sealed<'_>) -> Option<Fact> {
    let Github { say: _, repository_id, repository: _, order } = envelope.open().ok()?;
    Some(Fact::Ordered(Order::Github { repository: repository_id, order: Box::new(order) }))
}

pub(super) fn ordered_from_probe(envelope: &Sealed<'_>) -> Option<Fact> {
    let Deploy { say: _, repository_id, repository: _, url: _, order } = envelope.open().ok()?;
    Some(Fact::Ordered(Order::Deploy { repository: repository_id, order }))
}

/// The name of a room that was too long for a subject is lost; what was said in it was said all the same.
pub(super) fn said(room: &Token, envelope: &Sealed<'_>) -> Option<Fact> {
    let Say { say, push } = envelope.open().ok()?;
    let room = room.text().unwrap_or_else(|| room.as_str().to_owned());
    Some(Fact::Ordered(Order::Say { room, say, push }))
}
