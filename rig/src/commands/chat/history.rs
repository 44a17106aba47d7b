//! What was said in a room before.

use bus::{connect::Connection, filter::Filter, read::Reader};
use chat_bridge::room::Room;

use super::line::Message;
use crate::{commands::tail, exit::Failure};

/// How many messages are shown of a room that one enters.
const SHOWN: u64 = 20;

/// The last messages of a room, up to and with this number.
pub(super) async fn of(connection: &Connection, room: &Room, through: u64) -> Result<Vec<Message>, Failure> {
    let filters = Filter::of_room(&room.token()).map(|filter| filter.to_string());
    let start = tail::last(connection, &filters, SHOWN).await?;
    let mut left = tail::matching(connection, &filters, &start).await?;
    let mut reader = Reader::open(connection, start, &filters).await?;
    let mut messages = Vec::new();
    while left > 0 {
        let record = reader.next().await?;
        left -= 1;
        if record.sequence > through {
            break;
        }
        messages.extend(Message::of(&record));
    }
    Ok(messages)
}
