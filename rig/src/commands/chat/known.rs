//! The rooms and people that are known, for completion.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bus::{Subject, Token, told};
use chat_bridge::room::Room;

use super::order::ORDERS;

/// Rooms and people, shared between the channel's side and the keyboard's.
#[derive(Clone, Default)]
pub(super) struct Known(Arc<Mutex<Names>>);

#[derive(Default)]
struct Names {
    rooms: BTreeSet<Room>,
    people: BTreeSet<String>,
}

impl Known {
    /// Learns from where a record of the channel stands.
    pub(super) fn note(&self, subject: &Subject) {
        let (room, who) = match subject {
            Subject::ChatOperator { room, who } | Subject::ChatAgent { room, name: who } => {
                (Room::of_token(room), Some(who))
            }
            Subject::CmdChat { room, .. } => (Room::of_token(room), None),
            Subject::Work { .. } => (told::room_of_item(subject).and_then(|room| room.parse().ok()), None),
            Subject::Agent { name, .. } => (None, Some(name)),
            _ => return,
        };
        if let Some(room) = room {
            self.note_room(room);
        }
        self.names().people.extend(who.and_then(person));
    }

    /// Learns of a room.
    pub(super) fn note_room(&self, room: Room) {
        self.names().rooms.insert(room);
    }

    /// The rooms, by name.
    pub(super) fn rooms(&self) -> Vec<Room> {
        self.names().rooms.iter().cloned().collect()
    }

    /// What may stand at `position` in `line`, and where it begins: an order at the beginning, a room after `/room`, a
    /// person elsewhere.
    pub(super) fn completions(&self, line: &str, position: usize) -> (usize, Vec<String>) {
        let before = &line[..position];
        let begin = before.rfind(char::is_whitespace).map_or(0, |blank| blank + 1);
        let word = &before[begin..];
        let names = self.names();
        let fitting = if begin == 0 && word.starts_with('/') {
            beginning(word, ORDERS.iter().map(|(order, ..)| *order), "")
        } else if before[..begin].trim() == "/room" {
            beginning(word.trim_start_matches('#'), names.rooms.iter().map(Room::as_str), "")
        } else if let Some(person) = word.strip_prefix('@') {
            beginning(person, names.people.iter().map(String::as_str), "@")
        } else if word.is_empty() {
            Vec::new()
        } else {
            beginning(word, names.people.iter().map(String::as_str), "")
        };
        (begin, fitting)
    }

    fn names(&self) -> MutexGuard<'_, Names> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A name that would command the terminal is nobody's.
fn person(who: &Token) -> Option<String> {
    who.text().filter(|name| !name.chars().any(char::is_control))
}

fn beginning<'a>(word: &str, candidates: impl Iterator<Item = &'a str>, mark: &str) -> Vec<String> {
    candidates.filter(|name| name.starts_with(word)).map(|name| format!("{mark}{name} ")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        let known = Known::default();
        for subject in [
            "rig.evt.chat.general.operator.nora",
            "rig.evt.chat.ops.agent.dev-e",
            "rig.evt.chat.acme%2Fsite%2342.operator.sam",
            "rig.evt.chat.x.operator.%1B%5B2J",
            "rig.cmd.chat.acme%2Fapi.say",
            "rig.evt.work.acme.hello%2Esite.7.claimed",
            "rig.evt.agent.review-e.progressed",
        ] {
            known.note(&subject.parse().unwrap());
        }
        known
    }

    fn complete(line: &str) -> Vec<String> {
        known().completions(line, line.len()).1
    }

    #[test]
    fn orders_rooms_and_people_are_completed_where_they_belong() {
        assert_eq!(complete("/ro"), ["/rooms ", "/room "]);
        assert_eq!(complete("/room ac"), ["acme/api ", "acme/hello.site#7 ", "acme/site#42 "]);
        assert_eq!(complete("/room #o"), ["ops "]);
        assert_eq!(complete("ask no"), ["nora "]);
        assert_eq!(complete("ask @d"), ["@dev-e "]);
        assert_eq!(complete("ask "), [""; 0]);
        assert_eq!(known().completions("ask @d", 6).0, 4);
    }

    #[test]
    fn a_name_that_commands_the_terminal_is_not_offered() {
        assert_eq!(known().names().people.len(), 4);
    }
}
