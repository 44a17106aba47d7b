//! What was told in a room before.

use std::collections::BTreeMap;

use bus::{ask::Which, connect::Connection, filter::Filter};
use chat_bridge::room::Room;

use super::line::Message;
use crate::{commands::tail, exit::Failure};

/// How many messages are shown of a room that one enters.
const SHOWN: usize = 20;

/// How many records are read at once.
const AT_ONCE: u64 = 128;

/// How many of them at most, from each of the places where a room's messages stand.
const PAGES: usize = 8;

/// The last messages of a room, up to and with this number.
pub(super) async fn of(connection: &Connection, room: &Room, through: u64) -> Result<Vec<Message>, Failure> {
    let mut told = BTreeMap::new();
    for filters in places(room) {
        let found = last(connection, room, &filters, through).await?;
        told.extend(found.into_iter().map(|message| (message.sequence, message)));
    }
    let before = told.len().saturating_sub(SHOWN);
    Ok(told.into_values().skip(before).collect())
}

/// Where a room's messages stand. What other rooms' messages stand between is a place of its own, so that much of that
/// hides nothing of what is only here.
fn places(room: &Room) -> Vec<Vec<String>> {
    let said = Filter::of_room(&room.token()).to_vec();
    let item = Which::named(room.as_str()).and_then(|item| Some(Filter::of_item(&item.repository?, item.issue?)));
    let mut places = match item {
        Some(item) => vec![said, vec![item], Filter::of_agents_words()],
        None => vec![said],
    };
    if *room == Room::general() {
        places.push(vec![Filter::of_steps()]);
    }
    places.iter().map(|filters| filters.iter().map(ToString::to_string).collect()).collect()
}

async fn last(connection: &Connection, room: &Room, filters: &[String], through: u64) -> Result<Vec<Message>, Failure> {
    let (mut found, mut end) = (Vec::new(), through.saturating_add(1));
    for _ in 0..PAGES {
        let page = tail::page_before(connection, filters, end, AT_ONCE).await?;
        let Some(first) = page.first() else {
            break;
        };
        end = first.sequence;
        found.extend(page.iter().filter_map(Message::of).filter(|message| message.rooms.contains(room)));
        if found.len() >= SHOWN {
            break;
        }
    }
    Ok(found)
}
