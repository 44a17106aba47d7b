//! How a message looks: time, name, text.

use bus::{RecordId, Sequenced, Subject};
use chat_bridge::room::Room;

use crate::{
    local_time::LocalTime,
    screen::{self, AGENT, FAINT, NAME},
};

/// As whom the conductor speaks: what it says is fact, read back.
const CONDUCTOR: &str = "conductor-e";

/// Where the text begins; further lines of a message stand below its first.
const TEXT_AT: usize = 22;

/// A message of the channel.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Message {
    pub(super) sequence: u64,
    pub(super) id: RecordId,
    pub(super) subject: Subject,
    pub(super) room: Room,
    who: String,
    text: String,
    time: LocalTime,
}

impl Message {
    /// The message in this record; nothing where it holds none.
    pub(super) fn of(record: &Sequenced) -> Option<Self> {
        let (subject, envelope) = record.decode().ok()?;
        let (room, who) = match &subject {
            Subject::ChatOperator { room, who } | Subject::ChatAgent { room, name: who } => {
                (room, who.text().unwrap_or_else(|| who.to_string()))
            }
            Subject::CmdChat { room, .. } => (room, CONDUCTOR.to_owned()),
            _ => return None,
        };
        let room = Room::of_token(room)?;
        let text = envelope.say().into_owned();
        let (sequence, id, time) = (record.sequence, envelope.id, LocalTime::of(record.stored_at));
        Some(Self { sequence, id, room, who, text, time, subject })
    }

    /// The day on which it was stored.
    pub(super) fn day(&self) -> String {
        self.time.day()
    }

    /// As it is shown.
    pub(super) fn shown(&self) -> String {
        let (time, who, text) = (self.time.minutes(), screen::clean_line(&self.who), indented(&self.text));
        let style = if matches!(self.subject, Subject::ChatAgent { .. }) { AGENT } else { NAME };
        format!("{FAINT}{time}{FAINT:#}  {style}{who:<14}{style:#} {text}")
    }
}

/// A line that was typed and is no record yet.
pub(super) fn not_stored(text: &str) -> String {
    format!("{FAINT}  …    {:<14} {}{FAINT:#}", "not stored yet", indented(text))
}

/// Something the terminal itself says.
pub(super) fn note(sentence: &str) -> String {
    format!("{FAINT}— {sentence}{FAINT:#}")
}

fn indented(text: &str) -> String {
    let below = format!("\n{:TEXT_AT$}", "");
    screen::clean(text.trim_end()).replace('\n', &below)
}

#[cfg(test)]
mod tests {
    use bus::Envelope;
    use time::OffsetDateTime;

    use super::*;

    fn message(subject: &str, say: &str) -> Option<Message> {
        let data = serde_json::json!({"say": say, "room": "general", "who": "someone else"});
        let id = RecordId::of_delivery("one");
        let type_name = if subject.starts_with("rig.cmd.") { "rig.cmd.say.v1" } else { "rig.chat.said.v1" };
        let envelope = Envelope::new(id, type_name, "/rig/chat", OffsetDateTime::UNIX_EPOCH, data);
        Message::of(&Sequenced {
            sequence: 7,
            subject: subject.to_owned(),
            headers: async_nats::HeaderMap::new(),
            body: serde_json::to_vec(&envelope).unwrap().into(),
            stored_at: OffsetDateTime::UNIX_EPOCH,
        })
    }

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn a_message_reads_time_name_text_with_the_name_of_the_subject() {
        let shown = plain(&message("rig.evt.chat.general.operator.nora", "one\ntwo\u{1b}[2J\n").unwrap().shown());
        assert_eq!(&shown[5..], "  nora           one\n                      two\\u{1b}[2J");
    }

    #[test]
    fn the_conductors_words_stand_in_their_room() {
        let said = message("rig.cmd.chat.acme%2Fsite%2342.say", "waits for nora\nnext      asked again").unwrap();
        assert_eq!(said.room.as_str(), "acme/site#42");
        assert_eq!(
            &plain(&said.shown())[5..],
            "  conductor-e    waits for nora\n                      next      asked again"
        );
    }

    #[test]
    fn what_is_no_message_is_not_shown() {
        assert_eq!(message("rig.evt.bus.gap", "x"), None);
    }
}
