//! `chat_message`: who said what, in which room.

use bus::{Subject, envelope::Sealed};
use serde::Deserialize;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    fold::{Unfit, claims},
    log,
    tables::Mode,
};
use crate::{
    place::{Moment, Place},
    text::Text,
};

/// Moves when the same record makes another row: all rows are then made again.
pub(super) const VERSION: i32 = 1;

/// One row of `chat_message`.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    place: Place,
    stored: Moment,
    said_at: OffsetDateTime,
    id: Uuid,
    speaker: &'static str,
    room: String,
    who: String,
    door: Option<String>,
    say: String,
}

/// `rig.chat.said.v1`, as far as it is projected.
#[derive(Deserialize)]
struct Said<'a> {
    #[serde(borrow)]
    say: Text<'a>,
    #[serde(borrow)]
    room: Text<'a>,
    #[serde(borrow)]
    who: Text<'a>,
    #[serde(borrow, default)]
    door: Option<Text<'a>>,
}

/// The row of somebody's words.
///
/// Who spoke is what the subject says, because the server lets nobody else speak there. The words' own claim serves
/// only for the spelling; words that claim another speaker or room, or more trust than an agent has, are refused.
pub(super) fn row(log: &log::Row, subject: &Subject, envelope: &Sealed<'_>) -> Result<Option<Row>, Unfit> {
    let (speaker, room, who) = match subject {
        Subject::ChatOperator { room, who } => ("operator", room, who),
        Subject::ChatAgent { room, name } => ("agent", room, name),
        _ => return Ok(None),
    };
    let said: Said<'_> = envelope.open()?;
    claims("to be said in", &said.room, room)?;
    claims("to be the words of", &said.who, who)?;
    if speaker == "agent" && !matches!(envelope.trust, bus::Trust::Agent | bus::Trust::Outsider) {
        return Err(Unfit::Claim {
            claims: "the trust of",
            claimed: format!("{:?}", envelope.trust),
            subject: who.clone(),
        });
    }
    Ok(Some(Row {
        place: log.place,
        stored: log.stored,
        said_at: envelope.time,
        id: envelope.id.uuid(),
        speaker,
        room: said.room.into_string(),
        who: said.who.into_string(),
        door: said.door.map(Text::into_string),
        say: said.say.into_string(),
    }))
}

/// Writes the rows, or those that are not there yet.
pub(super) async fn insert(connection: &mut PgConnection, rows: &[&Row], mode: Mode) -> sqlx::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let epochs: Vec<_> = rows.iter().map(|row| row.place.epoch).collect();
    let sequences: Vec<_> = rows.iter().map(|row| row.place.sequence).collect();
    let stored_at: Vec<_> = rows.iter().map(|row| row.stored.at).collect();
    let said_at: Vec<_> = rows.iter().map(|row| row.said_at).collect();
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let speakers: Vec<_> = rows.iter().map(|row| row.speaker).collect();
    let rooms: Vec<_> = rows.iter().map(|row| row.room.as_str()).collect();
    let whos: Vec<_> = rows.iter().map(|row| row.who.as_str()).collect();
    let doors: Vec<_> = rows.iter().map(|row| row.door.as_deref()).collect();
    let says: Vec<_> = rows.iter().map(|row| row.say.as_str()).collect();
    macro_rules! insert {
        ($conflict:literal) => {
            sqlx::query!(
                "INSERT INTO chat_message (epoch, sequence, stored_at, said_at, id, speaker, room, who, door, say)
                SELECT * FROM UNNEST(
                    $1::smallint[], $2::bigint[], $3::timestamptz[], $4::timestamptz[], $5::uuid[],
                    $6::text[], $7::text[], $8::text[], $9::text[], $10::text[]) "
                    + $conflict,
                &epochs,
                &sequences,
                &stored_at,
                &said_at,
                &ids,
                &speakers as _,
                &rooms as _,
                &whos as _,
                &doors as _,
                &says as _,
            )
        };
    }
    let insert = match mode {
        Mode::Fresh => insert!(""),
        Mode::Again => insert!("ON CONFLICT DO NOTHING"),
    };
    insert.execute(connection).await?;
    Ok(())
}
