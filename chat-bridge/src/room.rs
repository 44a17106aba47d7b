//! Rooms: places in the channel.

use std::{fmt, str::FromStr};

use bus::Token;

/// The longest name of a room, in bytes of its token: its place in a subject must hold the whole name, since rooms are
/// listed from there. A work item's room is named after it: `acme/site#42`.
pub const LONGEST: usize = bus::token::LONGEST;

/// The name of a room, as people write it: without a leading `#`, in lower case.
///
/// Letter case carries no meaning in a name, so that `General` and `general` are one room.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Room(String);

/// Why a text is not the name of a room.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotARoom {
    /// Nothing is left of it.
    #[error("a room needs a name, as `general`")]
    Nameless,
    /// It is too long.
    #[error("the room's name is too long: {LONGEST} letters and digits are the most, fewer of other alphabets")]
    TooLong,
    /// It holds a character that a name does not have.
    #[error("the room's name `{name}` holds {character:?}; letters, digits and - _ . / # are what a name has")]
    Character {
        /// The name, characters that command a terminal written out.
        name: String,
        /// The character.
        character: char,
    },
}

impl Room {
    /// The room where everybody is.
    #[must_use]
    pub fn general() -> Self {
        Self("general".to_owned())
    }

    /// The room of this token of a subject; nothing for what no name makes.
    #[must_use]
    pub fn of_token(token: &Token) -> Option<Self> {
        token.text()?.parse().ok()
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its place in a subject.
    #[must_use]
    pub fn token(&self) -> Token {
        Token::of(&self.0)
    }
}

impl FromStr for Room {
    type Err = NotARoom;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.trim_start_matches('#').to_lowercase();
        if name.is_empty() {
            return Err(NotARoom::Nameless);
        }
        if Token::of(&name).text().is_none() {
            return Err(NotARoom::TooLong);
        }
        match name.chars().find(|c| !belongs_in_a_name(*c)) {
            Some(character) => {
                let name = name.escape_debug().to_string();
                Err(NotARoom::Character { name, character })
            }
            None => Ok(Self(name)),
        }
    }
}

fn belongs_in_a_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '#')
}

impl fmt::Display for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_room_is_one_however_it_is_written() {
        for text in ["general", "General", "#general"] {
            assert_eq!(text.parse::<Room>(), Ok(Room::general()), "{text}");
        }
        assert_eq!("Acme/hello.site#42".parse::<Room>().unwrap().as_str(), "acme/hello.site#42");
        assert_eq!("Straße".parse::<Room>().unwrap().as_str(), "straße");
    }

    #[test]
    fn what_is_no_name_is_refused_with_a_sentence() {
        assert_eq!("".parse::<Room>(), Err(NotARoom::Nameless));
        assert_eq!("#".parse::<Room>(), Err(NotARoom::Nameless));
        assert_eq!("x".repeat(201).parse::<Room>(), Err(NotARoom::TooLong));
        let refusal = "two words".parse::<Room>().unwrap_err().to_string();
        assert!(refusal.contains("`two words` holds ' '"), "{refusal}");
        let refusal = "a\u{1b}[2J".parse::<Room>().unwrap_err().to_string();
        assert!(!refusal.contains('\u{1b}'), "{refusal}");
    }

    proptest! {
        #[test]
        fn any_text_is_a_room_or_is_refused_and_a_room_comes_back(text in any::<String>()) {
            if let Ok(room) = text.parse::<Room>() {
                prop_assert_eq!(room.as_str().parse(), Ok(room.clone()));
            }
        }

        #[test]
        fn a_room_with_a_short_name_comes_back_from_its_token(text in "[a-zé0-9_./#-]{1,60}") {
            prop_assume!(!text.starts_with('#'));
            let room: Room = text.parse().unwrap();
            prop_assert_eq!(Room::of_token(&room.token()), Some(room));
        }
    }
}
