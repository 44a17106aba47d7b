//! One token of a subject, made from text that came from outside.
//!
//! Owners, repositories, rooms and logins are other people's text: they hold dots, stars, spaces and whole alphabets. A
//! token holds `[A-Za-z0-9_-]`; every other UTF-8 byte is written `%XX`. Two different texts never share a token.

use std::{fmt, fmt::Write as _};

use sha2::{Digest, Sha256};

/// The longest token that is made, in bytes. A longer text keeps its beginning and ends in a hash.
pub const LONGEST: usize = 200;

/// Stands between the beginning and the hash of a text that was too long; escaping never produces it.
const CUT: &str = "%-";

/// Stands for the empty text, since a subject's token is never empty; escaping never produces it alone.
const EMPTY: &str = "%";

/// Stands where a subject has a place but the record has nothing for it, as an event without a repository.
const NONE: &str = "_";

/// A valid token of a subject.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(String);

impl Token {
    /// The token of a text, letter case kept.
    #[must_use]
    pub fn of(text: &str) -> Self {
        match text {
            "" => Self(EMPTY.to_owned()),
            NONE => Self("%5F".to_owned()),
            _ => Self(shorten(text, escape(text))),
        }
    }

    /// The token of a name on GitHub, where letter case carries no meaning: lower-cased first.
    #[must_use]
    pub fn of_github_name(name: &str) -> Self {
        Self::of(&name.to_lowercase())
    }

    /// The token that stands for "none here".
    #[must_use]
    pub fn none() -> Self {
        Self(NONE.to_owned())
    }

    /// A token as it stands in a subject, where it is one: what [`Token::of`] or [`Token::none`] could have made.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let well_formed = text == EMPTY || text.len() <= LONGEST && is_escaped(text);
        (well_formed && !text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// The text this token was made from; nothing for "none here" and for a text that was cut.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        match self.0.as_str() {
            EMPTY => Some(String::new()),
            NONE => None,
            token if token.contains(CUT) => None,
            token => unescape(token),
        }
    }

    /// The token as it stands in a subject.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

fn escape(text: &str) -> String {
    let mut token = String::with_capacity(text.len());
    for byte in text.bytes() {
        if is_plain(byte) {
            token.push(char::from(byte));
        } else {
            let _ = write!(token, "%{byte:02X}");
        }
    }
    token
}

fn shorten(text: &str, token: String) -> String {
    if token.len() <= LONGEST {
        return token;
    }
    let hash = Sha256::digest(text.as_bytes());
    let suffix = hash[..16].iter().fold(CUT.to_owned(), |mut suffix, byte| {
        let _ = write!(suffix, "{byte:02x}");
        suffix
    });
    let mut end = LONGEST - suffix.len();
    while token[..end].bytes().rev().take(2).any(|byte| byte == b'%') {
        end -= 1;
    }
    format!("{}{suffix}", &token[..end])
}

fn is_escaped(text: &str) -> bool {
    let mut rest = text.as_bytes();
    loop {
        rest = match rest {
            [] => return true,
            [b'%', high, low, tail @ ..] if is_upper_hex(*high) && is_upper_hex(*low) => tail,
            [b'%', b'-', hash @ ..] => {
                return hash.len() == 32 && hash.iter().all(u8::is_ascii_hexdigit);
            }
            [byte, tail @ ..] if is_plain(*byte) => tail,
            _ => return false,
        };
    }
}

const fn is_upper_hex(byte: u8) -> bool {
    byte.is_ascii_digit() || (byte >= b'A' && byte <= b'F')
}

fn unescape(token: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(token.len());
    let mut rest = token.as_bytes();
    loop {
        rest = match rest {
            [] => return String::from_utf8(bytes).ok(),
            [b'%', high, low, tail @ ..] => {
                let digits = [*high, *low];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
                tail
            }
            [byte, tail @ ..] => {
                bytes.push(*byte);
                tail
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_repository_name_with_a_dot_is_one_token() {
        assert_eq!(Token::of_github_name("Hello.Site").as_str(), "hello%2Esite");
    }

    #[test]
    fn a_real_underscore_is_not_none() {
        assert_eq!(Token::of("_").as_str(), "%5F");
        assert_eq!(Token::of("_").text().as_deref(), Some("_"));
        assert_eq!(Token::none().text(), None);
        assert_eq!(Token::of("a_b").as_str(), "a_b");
    }

    proptest! {
        #[test]
        fn any_text_becomes_a_token_the_server_takes(text in any::<String>()) {
            let token = Token::of(&text);
            prop_assert!(!token.as_str().is_empty() && token.as_str().len() <= LONGEST);
            prop_assert!(token.as_str().bytes().all(|b| is_plain(b) || b == b'%'));
            prop_assert_eq!(Token::parse(token.as_str()), Some(token));
        }

        #[test]
        fn a_text_that_was_not_cut_comes_back(text in "\\PC{0,22}") {
            prop_assert_eq!(Token::of(&text).text(), Some(text));
        }

        #[test]
        fn long_texts_that_differ_at_the_end_keep_apart(head in "[a-z.]{250}", a in "\\PC{1,9}", b in "\\PC{1,9}") {
            prop_assume!(a != b);
            prop_assert_ne!(Token::of(&format!("{head}{a}")), Token::of(&format!("{head}{b}")));
        }

        #[test]
        fn parsing_never_panics_and_takes_only_what_escaping_makes(text in any::<String>()) {
            if let Some(original) = Token::parse(&text).and_then(|token| token.text()) {
                prop_assert_eq!(Token::of(&original).text(), Some(original));
            }
        }
    }
}
