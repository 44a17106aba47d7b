//! What a typed line means: an order to this terminal, or words.

use chat_bridge::room::Room;

/// Each order, what follows it, and what it does.
pub(super) const ORDERS: [(&str, &str, &str); 4] = [
    ("/rooms", "", "the rooms there are"),
    ("/room", "NAME", "go there; a new name makes it"),
    ("/help", "", "this"),
    ("/quit", "", "leave; Ctrl-D does too"),
];

/// A typed line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Typed {
    /// To be said here.
    Words(String),
    /// Show the rooms.
    Rooms,
    /// Go to this room.
    Room(Room),
    /// Say what can be typed.
    Help,
    /// Leave.
    Quit,
    /// Nothing.
    Blank,
    /// Not understood; a sentence says why.
    Wrong(String),
}

impl Typed {
    /// What the line means. `/rig …` is said: it is addressed to the Rig. `//x` says `/x`.
    pub(super) fn of(line: &str) -> Self {
        if line.trim().is_empty() {
            return Self::Blank;
        }
        match line.strip_prefix('/') {
            None => Self::Words(line.to_owned()),
            Some(words) if words.starts_with('/') => Self::Words(words.to_owned()),
            Some("rig") => Self::Words(line.to_owned()),
            Some(order) if order.starts_with("rig ") => Self::Words(line.to_owned()),
            Some(_) => Self::order(line.trim()),
        }
    }

    fn order(line: &str) -> Self {
        let (order, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        match (order, rest.trim()) {
            ("/rooms", "") => Self::Rooms,
            ("/room", "") => Self::Wrong("Which room? /room NAME goes there; /rooms lists them.".to_owned()),
            ("/room", name) => match name.parse() {
                Ok(room) => Self::Room(room),
                Err(error) => Self::Wrong(format!("{error}.")),
            },
            ("/help", "") => Self::Help,
            ("/quit", "") => Self::Quit,
            _ => Self::Wrong(unknown(order)),
        }
    }
}

fn unknown(order: &str) -> String {
    let near = ORDERS
        .iter()
        .map(|(known, ..)| (strsim::damerau_levenshtein(order, known), known))
        .min()
        .filter(|(distance, _)| *distance <= 2);
    match near {
        Some((_, known)) => format!("Did you mean `{known}`? (`//…` says a line that begins with a slash.)"),
        None => "That is no order; /help lists them. (`//…` says a line that begins with a slash.)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_begin_with_a_slash_is_said_as_typed() {
        for line in ["hello", "  indented", "a /room", "/rig why 42"] {
            assert_eq!(Typed::of(line), Typed::Words(line.to_owned()));
        }
        assert_eq!(Typed::of("//room is an order"), Typed::Words("/room is an order".to_owned()));
        assert_eq!(Typed::of(" \t"), Typed::Blank);
    }

    #[test]
    fn orders_are_understood() {
        assert_eq!(Typed::of("/rooms"), Typed::Rooms);
        assert_eq!(Typed::of("/room  #Ops "), Typed::Room("ops".parse().unwrap()));
        assert_eq!(Typed::of("/help"), Typed::Help);
        assert_eq!(Typed::of("/quit "), Typed::Quit);
    }

    #[test]
    fn a_near_miss_is_asked_about_and_never_said() {
        let wrong = |line| match Typed::of(line) {
            Typed::Wrong(sentence) => sentence,
            other => panic!("{other:?}"),
        };
        assert!(wrong("/romms").contains("Did you mean `/rooms`?"));
        assert!(wrong("/dance").contains("/help lists them"));
        assert!(wrong("/room").contains("Which room?"));
        assert!(wrong("/room two words").contains("holds ' '"));
    }
}
