//! Words: what a person said in one go.

use std::fmt;

/// The most that is said in one go, in bytes of UTF-8.
pub const MOST: usize = 16 * 1024;

/// What a person said, as it was typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Words(String);

/// Why a text is not taken for words.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotWords {
    /// Nothing can be seen of it.
    #[error("there is nothing in it to say")]
    Empty,
    /// It is too long.
    #[error("it has {0} bytes and {MOST} is the most: put it in a file or an issue, and say where it is")]
    TooLong(usize),
}

impl Words {
    /// The words.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The words, handed on.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl TryFrom<String> for Words {
    type Error = NotWords;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.len() > MOST {
            return Err(NotWords::TooLong(text.len()));
        }
        if text.chars().all(|c| c.is_whitespace() || c.is_control()) {
            return Err(NotWords::Empty);
        }
        Ok(Self(text))
    }
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_as_they_were_typed() {
        let typed = "  two\n\tlines, 👀 and a \u{0} ";
        assert_eq!(Words::try_from(typed.to_owned()).unwrap().as_str(), typed);
    }

    #[test]
    fn nothing_and_too_much_are_refused() {
        for text in ["", " \n\t", "\u{0}\u{1b}"] {
            assert_eq!(Words::try_from(text.to_owned()), Err(NotWords::Empty), "{text:?}");
        }
        assert!(Words::try_from("x".repeat(MOST)).is_ok());
        assert_eq!(Words::try_from("x".repeat(MOST + 1)), Err(NotWords::TooLong(MOST + 1)));
        assert_eq!(Words::try_from("é".repeat(MOST / 2 + 1)), Err(NotWords::TooLong(MOST + 2)));
    }
}
