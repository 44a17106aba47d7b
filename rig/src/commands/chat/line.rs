//! How a message looks: time, name, text.

use bus::{
    RecordId, Sequenced, Subject,
    told::{Speaker, Told},
};
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
    /// Where it is told; at least one.
    pub(super) rooms: Vec<Room>,
    /// The room of the item that it is about, where it is told elsewhere too.
    about: Option<Room>,
    cause: Option<RecordId>,
    speaker: Speaker,
    text: String,
    time: LocalTime,
}

impl Message {
    /// The message in this record; nothing where it holds none.
    pub(super) fn of(record: &Sequenced) -> Option<Self> {
        let (subject, envelope) = record.decode().ok()?;
        let told = Told::of(&subject, &envelope)?;
        let about = told.about().and_then(|room| room.parse().ok());
        let rooms: Vec<Room> = told.rooms.iter().filter_map(|room| room.parse().ok()).collect();
        let (sequence, id, cause) = (record.sequence, envelope.id, envelope.cause);
        let (speaker, text, time) = (told.speaker, told.say, LocalTime::of(record.stored_at));
        (!rooms.is_empty()).then_some(Self { sequence, id, subject, rooms, about, cause, speaker, text, time })
    }

    /// The day on which it was stored.
    pub(super) fn day(&self) -> String {
        self.time.day()
    }

    /// Whether it says what this one said: the answer to an order is the step that it led to, in the same words.
    pub(super) fn repeats(&self, before: &Self) -> bool {
        let words = |message: &Self| (message.speaker.clone(), message.cause, message.text.clone());
        self.speaker == Speaker::Conductor && self.cause.is_some() && words(self) == words(before)
    }

    /// As it is shown in this room.
    pub(super) fn shown(&self, here: &Room) -> String {
        let (who, style) = match &self.speaker {
            Speaker::Person(name) => (name.as_str(), NAME),
            Speaker::Agent(name) => (name.as_str(), AGENT),
            Speaker::Conductor => (CONDUCTOR, NAME),
        };
        let (time, who, text) = (self.time.minutes(), screen::clean_line(who), indented(&self.text));
        let place = self.about.as_ref().filter(|about| *about != here);
        let place = place.map_or_else(String::new, |about| format!("  {FAINT}{about}{FAINT:#}"));
        format!("{FAINT}{time}{FAINT:#}  {style}{who:<14}{style:#} {text}{place}")
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
        let type_name = if subject.starts_with("rig.cmd.") { "rig.cmd.say.v1" } else { "rig.chat.said.v1" };
        message_of(subject, type_name, data)
    }

    fn message_of(subject: &str, type_name: &str, data: serde_json::Value) -> Option<Message> {
        let id = RecordId::of_delivery("one");
        let mut envelope = Envelope::new(id, type_name, "/rig/chat", OffsetDateTime::UNIX_EPOCH, data);
        envelope.cause = Some(id);
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
        let shown = plain(
            &message("rig.evt.chat.general.operator.nora", "one\ntwo\u{1b}[2J\n").unwrap().shown(&Room::general()),
        );
        assert_eq!(&shown[5..], "  nora           one\n                      two\\u{1b}[2J");
    }

    #[test]
    fn the_conductors_words_stand_in_their_room() {
        let said = message("rig.cmd.chat.acme%2Fsite%2342.say", "waits for nora\nnext      asked again").unwrap();
        assert_eq!(said.rooms, ["acme/site#42".parse().unwrap()]);
        assert_eq!(
            &plain(&said.shown(&said.rooms[0]))[5..],
            "  conductor-e    waits for nora\n                      next      asked again"
        );
    }

    #[test]
    fn who_is_asked_is_told_in_general_too_with_the_item_named() {
        let data =
            serde_json::json!({"say": "@nora #42: dev-e\u{1b}[2J gave up.", "before": "leased", "after": "escalated"});
        let asked = message_of("rig.evt.work.acme.site.42.escalated", "rig.work.escalated.v1", data).unwrap();
        assert_eq!(asked.rooms, ["acme/site#42".parse().unwrap(), Room::general()]);
        let shown = plain(&asked.shown(&Room::general()));
        assert_eq!(&shown[5..], "  conductor-e    @nora #42: dev-e\\u{1b}[2J gave up.  acme/site#42");
        assert!(plain(&asked.shown(&asked.rooms[0])).ends_with("gave up."), "its own room needs no name");
    }

    #[test]
    fn an_answer_in_the_words_of_its_step_repeats_it() {
        let step = serde_json::json!({"say": "nora approved 4c1e0a9.", "before": "waiting", "after": "waiting"});
        let step = message_of("rig.evt.work.acme.site.42.permitted", "rig.work.permitted.v1", step).unwrap();
        let answer = message("rig.cmd.chat.general.say", "nora approved 4c1e0a9.").unwrap();
        assert!(answer.repeats(&step));
        assert!(!message("rig.cmd.chat.general.say", "something else").unwrap().repeats(&step));
        assert!(!message("rig.evt.chat.general.operator.nora", "nora approved 4c1e0a9.").unwrap().repeats(&step));
    }

    #[test]
    fn what_is_no_message_is_not_shown() {
        assert_eq!(message("rig.evt.bus.gap", "x"), None);
    }
}
